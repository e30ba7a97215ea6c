"""Sightings entered on a form: by the farmer, by a contact point for somebody who is here, or from what a caller said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import access, areas, cases, desk, intake, outbox, people, sightings
from farmerline.domain.access import Actor
from farmerline.domain.sightings import Seen
from farmerline.domain.talk import Understand
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.messages import Channel, Incoming
from farmerline.models import (
    Account,
    AccountState,
    Case,
    CaseKind,
    CaseState,
    Inbound,
    InboundState,
    Photo,
    Purpose,
    Role,
    Sighting,
)
from farmerline.words import say
from matching import Lexicon

DAYS = (0, 1, 3, 7, 14, 30)
"""Since when, as the form offers it: days ago."""
_LONGEST_NAME = 20


@dataclass(frozen=True, slots=True)
class Written:
    """A form as it was filled in; "" where nothing stands. ``in_ten`` is 0 to 10, ``days`` one of ``DAYS``, as text;
    ``village`` as people call it; ``photo`` a small JPEG of ``render.pictures``."""

    text: str = ""
    crop: str = ""
    pest: str = ""
    part: str = ""
    in_ten: str = ""
    days: str = ""
    village: str = ""
    photo: bytes | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """A sighting on record, and what its reporter was told. ``repeated``: the same form had come before."""

    sighting: Sighting
    told: str
    repeated: bool = False


def enter_own(
    session: Session,
    *,
    account: Account,
    written: Written,
    ref: str,
    understand: Understand,
    settings: Settings,
    now: datetime,
) -> Entered:
    """A farmer's own form; the same ``ref`` is the same report. Raises ``Invalid`` for what cannot be used,
    ``Conflict`` for who may not report now."""
    if account.state is not AccountState.VERIFIED:
        raise Conflict("person_unverified", "See this person's ID first.")
    inbound, repeated = _store(session, written, Channel.WEB, "web", ref, account, None, now)
    if repeated is not None:
        return _again(session, repeated, account.language)
    sighting = _report(
        session, account, account.area_code, written, understand, settings, now, Channel.WEB, inbound
    )
    told = _answer(session, sighting, account)
    outbox.record_shown(session, inbound=inbound, account=account, text=told, now=now)
    return Entered(sighting, told)


def enter_for(
    session: Session,
    *,
    actor: Actor,
    account_id: str,
    written: Written,
    token: str,
    understand: Understand,
    settings: Settings,
    now: datetime,
) -> Entered:
    """What a person tells their contact point: under the person's name, the contact point's beside it; the person is
    told. Raises ``Absent`` outside the actor's villages, ``Conflict`` for who is not verified, ``Invalid`` as above."""
    account = desk.person_of(session, actor, account_id)
    operator = session.get_one(Account, actor.account_id)
    if account.state is not AccountState.VERIFIED:
        raise Conflict("person_unverified", "See this person's ID first.")
    ref = f"sighting:{account.id}:{token}"
    inbound, repeated = _store(session, written, Channel.CONTACT, "desk", ref, account, operator, now)
    if repeated is not None:
        return _again(session, repeated, account.language)
    sighting = _report(
        session,
        account,
        account.area_code,
        written,
        understand,
        settings,
        now,
        Channel.CONTACT,
        inbound,
        operator,
    )
    told = _answer(session, sighting, account, named=True)
    outbox.tell(session, account=account, text=told, purpose=Purpose.SERVICE, now=now, inbound=inbound)
    return Entered(sighting, told)


def write_down(
    session: Session,
    *,
    actor: Actor,
    number: int,
    account_id: str,
    written: Written,
    understand: Understand,
    settings: Settings,
    now: datetime,
) -> Entered:
    """Make a sighting of what a caller said, under the case's number, and close the case. ``account_id`` "" leaves it
    with the phone that rang. Raises as ``enter_for``, and ``Conflict`` when somebody else was first."""
    case = _open_case(session, actor, number)
    operator = session.get_one(Account, actor.account_id)
    account = session.get(Account, account_id) if account_id else None
    if account is None and (account_id or not case.phone):
        raise Invalid("nobody_chosen", "Choose who is speaking.", field="account_id")
    if account is not None and account.id != case.account_id:
        access.authorise(actor, {Role.CONTACT}, account.area_code)
    channel = Channel.VOICE if case.recording_id else Channel.CONTACT
    home = account.area_code if account else case.area_code
    sighting = _report(
        session, account, home, written, understand, settings, now, channel, None, operator, case
    )
    name = account.name if account else ""
    outcome = (
        say(operator.language, "Written down for {name}.", name=name)
        if name
        else say(operator.language, "Written down.")
    )
    cases.close_case(session, case, by=operator, outcome=outcome, now=now)
    told = _answer(session, sighting, account)
    if account is not None:
        outbox.tell(session, account=account, text=told, purpose=Purpose.SERVICE, now=now)
    elif case.phone:
        outbox.queue(
            session, channel=Channel.SMS, address=case.phone, text=told, purpose=Purpose.SERVICE, now=now
        )
    return Entered(sighting, told)


def photo_of(session: Session, *, actor: Actor, photo_id: str, at_desk: bool) -> Photo:
    """A report's picture, for its reporter, or (``at_desk``) for the contact points of the village it was
    seen in and of the reporter's own; ``Absent`` for others."""
    sighting = session.scalar(select(Sighting).where(Sighting.photo_id == photo_id).limit(1))
    if sighting is None:
        raise Absent
    account = session.get(Account, sighting.account_id) if sighting.account_id else None
    if at_desk:
        mine = actor.areas(Role.CONTACT)
        if not (sighting.area_code.startswith(mine) or (account and account.area_code.startswith(mine))):
            raise Absent
    elif sighting.account_id != actor.account_id:
        raise Absent
    return session.get_one(Photo, photo_id)


def own(session: Session, account: Account, number: int) -> Sighting:
    """A person's own report by its number; ``Absent`` for any other."""
    mine = select(Sighting).where(Sighting.number == number, Sighting.account_id == account.id)
    found = session.scalar(mine)
    if found is None:
        raise Absent
    return found


def _report(
    session: Session,
    account: Account | None,
    home: str,
    written: Written,
    understand: Understand,
    settings: Settings,
    now: datetime,
    channel: Channel,
    inbound: Inbound | None,
    operator: Account | None = None,
    case: Case | None = None,
) -> Sighting:
    seen = _seen(session, written, home, understand, settings, now)
    return sightings.report(
        session, account=account, area_code=seen.area_code, crop=seen.crop, pest=seen.pest, part=seen.part,
        in_ten=seen.in_ten, since=seen.since, text=_words(written), channel=channel, settings=settings, now=now,
        operator=operator, inbound=inbound, case=case, photo=written.photo, phone=case.phone if case else None,
    )  # fmt: skip


def _seen(
    session: Session, written: Written, home: str, understand: Understand, settings: Settings, now: datetime
) -> Seen:
    """What the form says; where a field is empty, what its words say."""
    if not any((written.text, written.crop, written.pest, written.photo)):
        raise Invalid("sighting_empty", "Write a few words: which crop, and what you see.", field="text")
    for field, value in (("crop", written.crop), ("pest", written.pest)):
        if len(value) > _LONGEST_NAME:
            raise Invalid(
                "name_long",
                "The name has {count} signs; {most} fit.",
                field=field,
                count=len(value),
                most=_LONGEST_NAME,
            )
    if len(written.text) > sightings.LONGEST:
        raise Invalid(
            "too_long",
            "This has {count} signs; {most} fit.",
            field="text",
            count=len(written.text),
            most=sightings.LONGEST,
        )
    today = local(now).date()
    said = (
        sightings.read(understand(written.text, frozenset()), written.text, on=today)
        if written.text
        else Seen()
    )
    in_ten = written.in_ten
    if in_ten and not (in_ten.isascii() and in_ten.isdigit() and int(in_ten[:3]) <= 10):
        raise Invalid("in_ten_range", "Of ten plants: choose 0 to 10.", field="in_ten")
    if written.days and written.days not in map(str, DAYS):
        raise Invalid("since_wrong", "Since when: a day of the last twelve months.", field="days")
    named = said.area_code if said.area_code and areas.get(session, said.area_code) is not None else home
    village = (
        areas.resolve_village(session, written.village, county=settings.county).code
        if written.village
        else ""
    )
    return Seen(
        crop=people.crop_of(written.crop) if written.crop else said.crop,
        pest=Lexicon.default().pest_words.get(written.pest, written.pest) or said.pest,
        part=written.part or said.part,
        in_ten=int(in_ten) if in_ten else said.in_ten,
        since=today - timedelta(days=int(written.days)) if written.days else said.since,
        area_code=village or named,
    )


def _store(
    session: Session,
    written: Written,
    channel: Channel,
    gateway: str,
    ref: str,
    account: Account,
    operator: Account | None,
    now: datetime,
) -> tuple[Inbound, Sighting | None]:
    """The form as a message on record; with what it made the first time where it comes again."""
    inbound_id, repeated = intake.store(
        session,
        Incoming(
            channel=channel, gateway=gateway, ref=ref[:80], sender=(account.phone or "") if operator else "",
            text=_words(written), raw=_words(written), received_at=now, account_id=account.id,
            operator_id=operator.id if operator else None,
        ),
    )  # fmt: skip
    inbound = session.get_one(Inbound, inbound_id)
    if repeated:
        return inbound, sightings.by_inbound(session, inbound_id)
    inbound.state, inbound.intent, inbound.handled_at = InboundState.HANDLED, "pest_report", now
    return inbound, None


def _again(session: Session, sighting: Sighting, language: str) -> Entered:
    return Entered(sighting, sightings.answer(session, sighting, language, asking=False), repeated=True)


def _answer(session: Session, sighting: Sighting, account: Account | None, *, named: bool = False) -> str:
    language = account.language if account else "zh"
    return sightings.answer(
        session,
        sighting,
        language,
        room=sightings.room_of(session, language),
        name=account.name if account and named else "",
        asking=False,
    )


def _words(written: Written) -> str:
    return written.text or " ".join(part for part in (written.crop, written.pest) if part)


def _open_case(session: Session, actor: Actor, number: int) -> Case:
    """The spoken case, held until the transaction ends."""
    case = desk.case_of(session, actor, number)
    held = select(Case).where(Case.id == case.id).with_for_update()
    case = session.scalars(held.execution_options(populate_existing=True)).one()
    if case.kind is not CaseKind.SIGHTING:
        raise Conflict("case_kind", "There is no sighting to write down here.")
    if case.state is CaseState.CLOSED:
        raise Conflict("case_closed", "This was already done by someone else.")
    return case
