"""Enrolling at a contact point: the form, what is wrong with it, and who is a household member or was just enrolled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import areas, desk, enrolment, people, pins
from farmerline.domain.access import Actor
from farmerline.domain.talk import Understand
from farmerline.errors import Invalid
from farmerline.identity import check_resident_number, mask_name, normalise_phone
from farmerline.messages import Channel
from farmerline.models import Account, Role
from farmerline.names import pinyin_of

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
    """The people of this phone, or whose name sounds the same in the village, of whom it must be said that this is another."""
    name = people.check_name(form.name)
    phone = normalise_phone(form.phone) if form.phone.strip() else ""
    same = [other for other in people.by_phone(session, phone) if other.name != name] if phone else []
    sentence = (
        "{who} is registered with this phone. Is this another member of the household? Then tick the box."
    )
    if not same:
        sounds = pinyin_of(name)
        same = [
            other
            for other in people.find_in_area(session, form.area_code, sounds)
            if pinyin_of(other.name) == sounds and not (phone and other.phone == phone)
        ]
        sentence = "{who} is registered in this village already. Is this another person? Then tick the box."
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
