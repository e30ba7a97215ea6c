"""Units 单位 and their liaisons: who speaks for each, from which day, and whether that was confirmed lately.

A liaison that nobody has confirmed for ninety days is reminded and marked in the monthly report. Nothing is blocked by it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import access, accounts, areas, audit, outbox
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.identity import normalise_phone
from farmerline.models import (
    Account,
    AccountState,
    Liaison,
    Organisation,
    Purpose,
    Role,
    Unit,
    UnitKind,
)
from farmerline.words import say

STALE = timedelta(days=90)
"""After so long without a word a liaison is reminded, and marked in the monthly report."""
_AGAIN = timedelta(days=30)
_FARTHEST = timedelta(days=366)
_KIND_OF = {"market": UnitKind.MARKET}


def add(
    session: Session, *, name: str, kind: str, area_code: str, actor: access.Actor, now: datetime
) -> Unit:
    """A new unit of a place. Raises ``Invalid`` for a name that is taken, too short or too long."""
    access.authorise(actor, {Role.ADMIN}, area_code)
    if areas.get(session, area_code) is None:
        raise Invalid("area_unknown", "Choose the place.", field="area_code")
    if kind not in {one.value for one in UnitKind}:
        raise Invalid("unit_kind", "Choose what kind of unit this is.", field="kind")
    if not 2 <= len(name) <= 30:
        raise Invalid("unit_name", "Write the unit's name in 2 to 30 signs.", field="name")
    if session.scalar(select(Unit).where(Unit.name == name)) is not None:
        raise Invalid("unit_known", "This unit is here already.", field="name")
    unit = Unit(name=name, kind=UnitKind(kind), area_code=area_code)
    session.add(unit)
    session.flush()
    _record(session, "unit.add", unit, actor.account_id, now)
    return unit


def of_county(session: Session, county: str) -> list[Unit]:
    """The units of a county, its offices first."""
    found = session.scalars(select(Unit).where(areas.inside(Unit.area_code, county)).order_by(Unit.name))
    return sorted(found, key=lambda unit: unit.kind is not UnitKind.OFFICE)


def named(session: Session, name: str, county: str) -> Unit | None:
    """The unit of a county that bears this name."""
    return session.scalar(select(Unit).where(Unit.name == name, areas.inside(Unit.area_code, county)))


def find(session: Session, unit_id: str, actor: access.Actor) -> Unit:
    """A unit for an administrator of its place; ``Absent`` for others."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise Absent
    access.authorise(actor, {Role.ADMIN}, unit.area_code)
    return unit


def current(unit: Unit, today: date) -> Liaison | None:
    """Who speaks for a unit on a day."""
    holding = (
        one for one in unit.liaisons if one.since <= today and (one.until is None or one.until > today)
    )
    return next(holding, None)


def change(
    session: Session, unit: Unit, *, successor: Account, since: date, actor: access.Actor, now: datetime
) -> Liaison:
    """Name the unit's liaison from a day on; whoever holds then ends on that day. Both are told.

    Raises ``Invalid`` for a day before the last change or a year ahead, or for somebody who is not verified; ``Conflict`` where
    it is them already.
    """
    access.authorise(actor, {Role.ADMIN}, unit.area_code)
    if successor.state is not AccountState.VERIFIED:
        raise Invalid("liaison_unverified", "Only a verified person can be a liaison.", field="phone")
    last = unit.liaisons[-1] if unit.liaisons else None
    if last is not None and last.until is None and last.account_id == successor.id:
        raise Conflict("liaison_same", "They are the liaison already.")
    if (last is not None and since < last.since) or since > local(now).date() + _FARTHEST:
        raise Invalid("liaison_day", "Choose a day after the last change, and within a year.", field="since")
    before = None
    if last is not None and last.until is None:
        before, last.until = session.get_one(Account, last.account_id), since
    fresh = Liaison(
        unit_id=unit.id, account_id=successor.id, since=since, confirmed_at=now, named_by=actor.account_id, named_at=now
    )  # fmt: skip
    unit.liaisons.append(fresh)
    session.flush()
    _record(session, "liaison.change", unit, actor.account_id, now, for_id=successor.id)
    day = since.isoformat()
    _tell(
        session,
        successor,
        "From {day} on you are the liaison of {unit}. Send news in: NEWS and your words.",
        unit,
        now,
        day=day,
    )
    if before is not None:
        _tell(
            session,
            before,
            "From {day} on {name} is the liaison of {unit}. Thank you.",
            unit,
            now,
            day=day,
            name=successor.name,
        )
    return fresh


def find_successor(session: Session, *, phone: str, name: str) -> Account:
    """The verified person of a number; ``name`` tells which, where several share it. ``Invalid`` where nobody is meant."""
    people = [
        one
        for one in accounts.by_phone(session, normalise_phone(phone))
        if one.state is AccountState.VERIFIED
    ]
    if len(people) > 1:
        people = [one for one in people if one.name == name]
    if len(people) != 1:
        raise Invalid(
            "successor_unknown", "Nobody registered is meant by this number and name.", field="phone"
        )
    return people[0]


def confirm(session: Session, liaison: Liaison, *, actor: access.Actor, now: datetime) -> None:
    """Say that it is still so: the liaison themselves, or an administrator of the unit's place."""
    unit = session.get_one(Unit, liaison.unit_id)
    access.authorise(actor, {Role.ADMIN}, unit.area_code, owner_id=liaison.account_id)
    liaison.confirmed_at, liaison.reminded_at = now, None
    session.flush()
    _record(session, "liaison.confirm", unit, actor.account_id, now)


def is_stale(unit: Unit, liaison: Liaison | None, now: datetime) -> bool:
    """Whether nobody has confirmed a unit's liaison for ninety days, or it has none. Who answers for a contact point or an
    organisation is known without one."""
    if liaison is None:
        return unit.kind is not UnitKind.POINT and unit.organisation_id is None
    return now - liaison.confirmed_at >= STALE


def remind(session: Session, *, now: datetime) -> int:
    """Ask liaisons whom nobody has confirmed for ninety days, every thirty days; returns how many were asked."""
    today = local(now).date()
    due = session.scalars(
        select(Liaison)
        .where(Liaison.since <= today, (Liaison.until.is_(None)) | (Liaison.until > today))
        .where(Liaison.confirmed_at <= now - STALE)
        .where((Liaison.reminded_at.is_(None)) | (Liaison.reminded_at <= now - _AGAIN))
        .with_for_update(skip_locked=True)
    ).all()
    for one in due:
        one.reminded_at = now
        unit, person = session.get_one(Unit, one.unit_id), session.get_one(Account, one.account_id)
        if person.state is AccountState.VERIFIED:
            _tell(
                session,
                person,
                "Are you still the liaison of {unit}? Reply: NEWS STILL. Else tell the bureau.",
                unit,
                now,
            )
    session.flush()
    return len(due)


def held_by(session: Session, account_id: str, today: date) -> list[Liaison]:
    """What a person is the liaison of, today."""
    query = select(Liaison).where(Liaison.account_id == account_id, Liaison.since <= today)
    return list(
        session.scalars(
            query.where((Liaison.until.is_(None)) | (Liaison.until > today)).order_by(Liaison.since)
        )
    )


def unit_for(session: Session, actor: access.Actor, *, unit_id: str = "", now: datetime) -> Unit | None:
    """For which unit a person sends news in: whose liaison they are (``unit_id`` where there are several), else their
    organisation, else their contact point's village; None for nobody's. The last two become units when they first send."""
    held = held_by(session, actor.account_id, local(now).date())
    chosen = next((one for one in held if unit_id in {"", one.unit_id}), None)
    if chosen is not None:
        return session.get_one(Unit, chosen.unit_id)
    if unit_id:
        return None
    if (organisation := _organisation(session, actor)) is not None:
        return _of_organisation(session, organisation)
    points = actor.areas(Role.CONTACT)
    return _of_point(session, points[0]) if points else None


def may_send(session: Session, actor: access.Actor, *, now: datetime) -> bool:
    """Whether a person may send news in at all; nothing is written."""
    if actor.has(Role.CONTACT) or held_by(session, actor.account_id, local(now).date()):
        return True
    return _organisation(session, actor) is not None


def of(session: Session, liaison: Liaison) -> Unit:
    """The unit that somebody speaks for."""
    return session.get_one(Unit, liaison.unit_id)


def _organisation(session: Session, actor: access.Actor) -> Organisation | None:
    """The actor's organisation, where the bureau has verified it."""
    account = session.get_one(Account, actor.account_id)
    found = session.get(Organisation, account.organisation_id) if account.organisation_id else None
    return found if found is not None and found.state is AccountState.VERIFIED else None


def _of_organisation(session: Session, organisation: Organisation) -> Unit:
    unit = session.scalar(select(Unit).where(Unit.organisation_id == organisation.id))
    if unit is not None:
        return unit
    kind = _KIND_OF.get(organisation.kind, UnitKind.FIRM)
    named = session.scalar(select(Unit).where(Unit.name == organisation.name[:60]))
    if named is not None:  # put down by the bureau before it could post
        named.organisation_id = organisation.id
        return named
    return _put(session, organisation.name[:60], kind, organisation.area_code, organisation.id)


def _of_point(session: Session, area_code: str) -> Unit:
    known = select(Unit).where(Unit.area_code == area_code, Unit.kind == UnitKind.POINT)
    unit = session.scalars(known.limit(1)).first()
    return unit or _put(
        session, f"{areas.path_name(session, area_code)}联络点", UnitKind.POINT, area_code, None
    )


def _put(session: Session, name: str, kind: UnitKind, area_code: str, organisation_id: str | None) -> Unit:
    unit = Unit(name=name, kind=kind, area_code=area_code, organisation_id=organisation_id)
    session.add(unit)
    session.flush()
    return unit


def _tell(
    session: Session, person: Account, sentence: str, unit: Unit, now: datetime, **values: object
) -> None:
    text = say(person.language, sentence, unit=unit.name, **values)
    outbox.tell(session, account=person, text=text, purpose=Purpose.SERVICE, now=now)


def _record(session: Session, act: str, unit: Unit, by_id: str, now: datetime, *, for_id: str = "") -> None:
    audit.record(session, actor_id=by_id, for_id=for_id, act=act, subject=f"unit:{unit.id}", now=now)
