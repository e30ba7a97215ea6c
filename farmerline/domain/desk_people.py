"""What a contact point does for the people of its villages: enrol them, speak for them, mend what they lost.

Everything here is done for another person and leaves an audit row with both. People with a role in the county are
mended by the administrator, so that nobody takes over an officer's account from a village desk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import (
    access,
    accounts,
    areas,
    audit,
    credentials,
    deals,
    desk,
    enrolment,
    people,
    pins,
    signin,
)
from farmerline.domain.access import Actor
from farmerline.domain.talk import Understand
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.identity import check_resident_number, mask_name, mask_phone, normalise_phone, show_phone
from farmerline.messages import Channel, Incoming
from farmerline.models import Account, AccountState, Match, Outcome, Question, QuestionState, Role

_TWICE_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Form:
    """An enrolment as it was filled in. ``another`` says that it is another person of the same phone or name."""

    name: str = ""
    phone: str = ""
    area_code: str = ""
    kinds: tuple[str, ...] = ()
    crops: tuple[str, ...] = ()
    id_seen: bool = False
    id_seen_on: date | None = None
    resident: str = ""
    agreed: bool = False
    tips: bool = False
    preferred: str = "sms"
    pin: str = ""
    another: bool = False


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Who was enrolled, and whether the same form had done it before."""

    account_id: str
    name: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Mended:
    """What the actor tells the person afterwards: a password for one use, or the number as it is now."""

    name: str
    shown: str = field(repr=False, default="")


def check_form(session: Session, *, actor: Actor, form: Form, now: datetime) -> list[Invalid]:
    """Everything that keeps this enrolment from being stored, in the order of the form; empty when nothing does."""
    found: list[Invalid] = []

    def take(check: Callable[[], object]) -> None:
        try:
            check()
        except Invalid as wrong:
            found.append(wrong)

    take(lambda: people.check_name(form.name))
    take(lambda: _check_village(session, actor, form.area_code))
    take(lambda: _check_phone(form))
    if not form.id_seen:
        found.append(Invalid("id_unseen", "Look at the original ID and tick the box.", field="id_seen"))
    take(lambda: enrolment.check_seen_on(form.id_seen_on, now))
    if form.resident.strip():
        take(lambda: _check_resident(form.resident, now))
    if not form.agreed:
        found.append(Invalid("not_agreed", "Read the words to him and tick that he agrees.", field="agreed"))
    if form.pin:
        take(lambda: _check_pin(form))
    if not found and not form.another and (same := _known(session, actor, form)) is not None:
        found.append(same)
    return found


def enrol(
    session: Session, *, actor: Actor, form: Form, understand: Understand, settings: Settings, now: datetime
) -> Enrolled:
    """Enrol a person in one of the actor's villages; raises the first of ``check_form``'s, or ``Conflict``.

    The same person enrolled by the same contact point a moment ago counts as the form sent twice. Who had registered
    from this phone under this name becomes verified, and what they had said goes on.
    """
    by = session.get_one(Account, actor.account_id)
    if (earlier := _just_enrolled(session, by, form, now)) is not None:
        return Enrolled(earlier.id, earlier.name, repeated=True)
    for wrong in check_form(session, actor=actor, form=form, now=now):
        raise wrong
    account = enrolment.enrol(
        session, name=form.name, phone=form.phone.strip() or None, area_code=form.area_code, by=by, now=now,
        kinds=form.kinds or ("farmer",), crops=form.crops, id_seen_on=form.id_seen_on, resident=form.resident.strip() or None,
        keep_resident=settings.keep_resident_number, tips=form.tips, preferred=_channel(form),
    )  # fmt: skip
    if form.pin:
        pins.set_pin(session, account, form.pin, by_id=by.id, now=now)
    desk.welcome(session, account, by=by, understand=understand, settings=settings, now=now)
    return Enrolled(account.id, account.name)


def speak_for(
    session: Session,
    *,
    actor: Actor,
    account_id: str,
    text: str,
    token: str,
    understand: Understand,
    now: datetime,
) -> Incoming:
    """A post that a contact point enters for a person; ``accept`` what is returned. Raises as ``desk.offer_words``."""
    person = _verified(session, actor, account_id)
    words = desk.offer_words(text, "", understand)
    return _incoming(session, actor, person, words, f"post:{token}", now)


def answer_for(
    session: Session, *, actor: Actor, account_id: str, question_id: str, reply: str, now: datetime
) -> Incoming:
    """A person's own yes or no, said at the desk, to a question that is open; ``accept`` what is returned.

    ``reply`` is "1", "2" or "3". The same answer twice is the same message. Raises ``Conflict`` when it is settled.
    """
    person = _verified(session, actor, account_id)
    question = session.get(Question, question_id)
    if question is None or question.account_id != person.id or reply not in ("1", "2", "3"):
        raise Absent
    ref = f"answer:{question.id}:{reply}"
    if question.state is not QuestionState.OPEN:
        raise Conflict("question_settled", "This was answered before.")
    return _incoming(session, actor, person, f"{reply}{question.code}", ref, now)


def change_words(
    session: Session, *, actor: Actor, account_id: str, question_id: str, text: str, token: str, now: datetime
) -> Incoming:
    """How a draft shall read instead, said at the desk; ``accept`` what is returned."""
    person = _verified(session, actor, account_id)
    question = session.get(Question, question_id)
    if question is None or question.account_id != person.id:
        raise Absent
    return _incoming(session, actor, person, desk.check_words(text), f"change:{token}", now)


def reveal_phone(session: Session, *, actor: Actor, account_id: str, now: datetime) -> Mended:
    """A person's whole number, for the contact point to ring; written down."""
    person = desk.person_of(session, actor, account_id)
    _note(session, actor, person, "number.show", now)
    return Mended(person.name, show_phone(person.phone) if person.phone else "")


def change_phone(
    session: Session, *, actor: Actor, account_id: str, phone: str, id_seen: bool, now: datetime
) -> Mended:
    """Give a person who is here, with the ID, another number."""
    person = _mendable(session, actor, account_id)
    number = normalise_phone(phone)
    if not id_seen:
        raise Invalid("id_unseen", "Look at the original ID and tick the box.", field="id_seen")
    accounts.change_phone(
        session, person, phone=number, by=session.get_one(Account, actor.account_id), now=now
    )
    return Mended(person.name, mask_phone(number))


def reset_pin(session: Session, *, actor: Actor, account_id: str, pin: str, now: datetime) -> Mended:
    """Set the PIN that the person, who is here, has just chosen."""
    person = _mendable(session, actor, account_id)
    pins.check_pin_strength(pin, person.phone)
    pins.set_pin(session, person, pin, by_id=actor.account_id, now=now)
    _note(session, actor, person, "pin.reset", now)
    return Mended(person.name)


def reset_password(session: Session, *, actor: Actor, account_id: str, now: datetime) -> Mended:
    """Make a password for one use, shown once and kept nowhere in clear; the person's sessions end."""
    person = _mendable(session, actor, account_id)
    made = credentials.make_password()
    credentials.set_password(session, person, made, by_id=actor.account_id, now=now, once=True)
    signin.end_all(session, person.id, by_id=actor.account_id, now=now)
    _note(session, actor, person, "password.reset", now)
    return Mended(person.name, made)


def suspend(session: Session, *, actor: Actor, account_id: str, reason: str, now: datetime) -> Mended:
    """Stop a person from posting until the matter is settled. Raises ``Invalid`` without a reason."""
    person = _mendable(session, actor, account_id)
    if not reason.strip():
        raise Invalid("reason_missing", "Write why, in a few words.", field="reason")
    accounts.suspend(
        session, person, by=session.get_one(Account, actor.account_id), reason=reason.strip(), now=now
    )
    return Mended(person.name)


def reinstate(session: Session, *, actor: Actor, account_id: str, now: datetime) -> Mended:
    """Let a suspended person in again."""
    person = _mendable(session, actor, account_id)
    accounts.reinstate(session, person, by=session.get_one(Account, actor.account_id), now=now)
    return Mended(person.name)


def leave(session: Session, *, actor: Actor, account_id: str, sure: bool, now: datetime) -> Mended:
    """A person goes by their own wish. Raises ``Invalid`` until that is ticked."""
    person = _mendable(session, actor, account_id)
    if not sure:
        raise Invalid("not_sure", "Tick that this is their own wish.", field="sure")
    accounts.leave(session, person, by=session.get_one(Account, actor.account_id), now=now)
    return Mended(person.name)


def close_match(
    session: Session, *, actor: Actor, match_id: str, account_id: str, outcome: str, now: datetime
) -> None:
    """How a match ended, as one of its sides told it at the desk. ``outcome`` is sold, partly or no."""
    match, person = session.get(Match, match_id), desk.person_of(session, actor, account_id)
    if match is None or person.id not in (match.supply_post.account_id, match.demand_post.account_id):
        raise Absent
    if outcome not in set(Outcome):
        raise Invalid("outcome_unknown", "Choose how it ended.", field="outcome")
    by = session.get_one(Account, actor.account_id)
    deals.record(
        session,
        match,
        outcome=Outcome(outcome),
        by=by,
        teller=person,
        channel=Channel.CONTACT,
        qty=None,
        now=now,
    )
    _note(session, actor, person, "match.close", now, subject=f"match:{match.id}", outcome=outcome)


def _incoming(
    session: Session, actor: Actor, person: Account, text: str, ref: str, now: datetime
) -> Incoming:
    _note(session, actor, person, "words.for_person", now, ref=ref)
    return Incoming(
        channel=Channel.CONTACT, gateway=desk.GATEWAY, ref=ref[:80], sender=person.phone or "", text=text, received_at=now,
        account_id=person.id, operator_id=actor.account_id, raw=text,
    )  # fmt: skip


def _verified(session: Session, actor: Actor, account_id: str) -> Account:
    person = desk.person_of(session, actor, account_id)
    if person.state is not AccountState.VERIFIED:
        raise Conflict("person_unverified", "See this person's ID first.")
    return person


def _mendable(session: Session, actor: Actor, account_id: str) -> Account:
    person = desk.person_of(session, actor, account_id)
    if person.id == actor.account_id or access.roles_of(session, person.id):
        raise Conflict("person_staff", "This person works for the service: the administrator does this.")
    return person


def _note(
    session: Session, actor: Actor, person: Account, act: str, now: datetime, subject: str = "", **detail: str
) -> None:
    audit.record(
        session, actor_id=actor.account_id, for_id=person.id, act=act, subject=subject or f"account:{person.id}",
        channel=Channel.CONTACT, detail=detail, now=now,
    )  # fmt: skip


def _check_village(session: Session, actor: Actor, code: str) -> None:
    inside = any(code.startswith(mine) for mine in actor.areas(Role.CONTACT))
    if len(code) != 12 or not inside or areas.get(session, code) is None:
        raise Invalid("area_unknown", "Choose the village.", field="area_code")


def _check_phone(form: Form) -> None:
    if form.phone.strip():
        normalise_phone(form.phone)
    elif form.preferred in (Channel.SMS, Channel.VOICE):
        raise Invalid(
            "phone_missing", "Write the phone. Without one, choose that he reads it here.", field="phone"
        )


def _check_resident(text: str, now: datetime) -> None:
    try:
        check_resident_number(text, today=local(now).date())
    except Invalid as wrong:
        raise Invalid(wrong.code, wrong.sentence, field="resident_number", **wrong.values) from wrong


def _check_pin(form: Form) -> None:
    pins.check_pin_strength(form.pin, form.phone)


def _known(session: Session, actor: Actor, form: Form) -> Invalid | None:
    """The people of this phone, or the namesake in the village, of whom it must be said that this is another person."""
    name = people.check_name(form.name)
    if not form.phone.strip():
        same = [other for other in people.find_in_area(session, form.area_code, name) if other.name == name]
        sentence = "{who} is registered in this village already. Is this another person? Then tick the box."
    else:
        same = [
            other for other in people.by_phone(session, normalise_phone(form.phone)) if other.name != name
        ]
        sentence = (
            "{who} is registered with this phone. Is this another member of the household? Then tick the box."
        )
    if not same:
        return None
    mine = actor.areas(Role.CONTACT)
    shown = [other.name if other.area_code.startswith(mine) else mask_name(other.name) for other in same[:3]]
    return Invalid("phone_known", sentence, field="another", who="、".join(shown))


def _just_enrolled(session: Session, by: Account, form: Form, now: datetime) -> Account | None:
    try:
        name = people.check_name(form.name)
        found = people.by_phone(session, normalise_phone(form.phone)) if form.phone.strip() else []
    except Invalid:
        return None
    if not form.phone.strip():
        query = select(Account).where(
            Account.verified_by == by.id, Account.area_code == form.area_code, Account.phone_index.is_(None)
        )
        found = list(session.scalars(query))
    for other in found:
        fresh = other.verified_at is not None and (now - other.verified_at).total_seconds() < _TWICE_SECONDS
        if (
            other.name == name
            and other.verified_by == by.id
            and fresh
            and not (form.another and not form.phone.strip())
        ):
            return other
    return None


def _channel(form: Form) -> Channel:
    return (
        Channel(form.preferred)
        if form.preferred in (Channel.SMS, Channel.VOICE, Channel.MAILBOX)
        else Channel.SMS
    )
