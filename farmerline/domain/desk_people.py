"""What a contact point does for the people of its villages: speak for them, mend what they lost.

Everything here is done for another person and leaves an audit row with both. People with a role in the county are
mended by the administrator, so that nobody takes over an officer's account from a village desk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from farmerline.domain import (
    access,
    accounts,
    audit,
    credentials,
    deals,
    desk,
    dictation,
    pins,
    signin,
)
from farmerline.domain.access import Actor
from farmerline.domain.talk import Understand
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.identity import mask_phone, normalise_phone, show_phone
from farmerline.messages import Channel, Incoming
from farmerline.models import (
    Account,
    AccountState,
    Match,
    Outcome,
    Question,
    QuestionKind,
    QuestionState,
    Role,
)

_SUBSCRIBING = re.compile(r"\s*(?:退?订|取消)")


@dataclass(frozen=True, slots=True)
class Mended:
    """What the actor tells the person afterwards: a password for one use, or the number as it is now."""

    name: str
    shown: str = field(repr=False, default="")


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
    """A post that a contact point enters for a person; ``accept`` what is returned. Raises as ``dictation.offer_words``."""
    person = _verified(session, actor, account_id)
    words = dictation.offer_words(text, "", understand)
    return _incoming(session, actor, person, words, f"post:{token}", now)


def subscribe_for(
    session: Session,
    *,
    actor: Actor,
    account_id: str,
    text: str,
    token: str,
    understand: Understand,
    now: datetime,
) -> Incoming:
    """What a person wants to be told of, or no more, said at the desk (a product, or 退订 and a product); ``accept`` what is
    returned. Raises ``Invalid`` where no product can be read."""
    person = _verified(session, actor, account_id)
    said = dictation.check_words(text)
    words = said if _SUBSCRIBING.match(said) else f"订 {said}"
    reading = understand(words, frozenset()).reading
    if reading is None or not reading.items:
        raise Invalid("no_product", "No product can be read from this. Write it like: 葡萄苗.", field="watch")
    return _incoming(session, actor, person, words, f"subscribe:{token}", now)


def answer_for(
    session: Session, *, actor: Actor, account_id: str, question_id: str, reply: str, now: datetime
) -> Incoming:
    """A person's own yes or no, said at the desk, to a question that is open; ``accept`` what is returned.

    ``reply`` is "1" to "4". The same answer twice is the same message. Raises ``Conflict`` when it is settled.
    """
    person = _verified(session, actor, account_id)
    question = session.get(Question, question_id)
    if question is None or question.account_id != person.id or reply not in ("1", "2", "3", "4"):
        raise Absent
    ref = f"answer:{question.id}:{reply}"
    if question.state is not QuestionState.OPEN:
        raise Conflict("question_settled", "This was answered before.")
    return _incoming(session, actor, person, f"{reply}{question.code}", ref, now)


def change_words(
    session: Session, *, actor: Actor, account_id: str, question_id: str, text: str, token: str, now: datetime
) -> Incoming:
    """How a draft shall read instead, or how much it was, said at the desk; ``accept`` what is returned."""
    person = _verified(session, actor, account_id)
    question = session.get(Question, question_id)
    if question is None or question.account_id != person.id:
        raise Absent
    said = dictation.check_words(text)
    if question.kind is QuestionKind.AMOUNT:
        said = f"{said} {question.code}"
    return _incoming(session, actor, person, said, f"change:{token}", now)


def reveal_phone(session: Session, *, actor: Actor, account_id: str, now: datetime) -> Mended:
    """A person's whole number, for the contact point to ring; written down."""
    person = desk.person_of(session, actor, account_id)
    _note(session, actor, person, "number.show", now)
    return Mended(person.name, show_phone(person.phone) if person.phone else "")


def reveal_phones(
    session: Session, *, actor: Actor, account_ids: Iterable[str], now: datetime
) -> dict[str, str]:
    """The whole numbers of several people of the actor's villages, to carry along; each is written down."""
    mine = actor.areas(Role.CONTACT)
    shown: dict[str, str] = {}
    for account_id in account_ids:
        person = session.get(Account, account_id)
        if person is not None and person.phone and person.area_code.startswith(mine):
            _note(session, actor, person, "number.show", now)
            shown[account_id] = show_phone(person.phone)
    return shown


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
        channel=Channel.CONTACT, gateway=dictation.GATEWAY, ref=ref[:80], sender=person.phone or "", text=text, received_at=now,
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
