"""The experts' roster as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import areas, people, shifts
from farmerline.domain.access import Actor, authorise
from farmerline.models import Absence, Shift, SpecialDay
from farmerline.queries.advice import fields_of

_WEEK = 7


@dataclass(frozen=True, slots=True)
class Hours:
    """One expert's hours of a weekday, as ``8:00``. ``able``: still an expert of the place, with a telephone."""

    id: str
    name: str
    starts: str
    ends: str
    able: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One of the coming days: who is rung in order, and why it is not as every week (``special``)."""

    day: date
    hours: tuple[tuple[str, str, str], ...]
    special: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A roster: the week's pattern by weekday, the coming seven days as they will be, what was noted for single days."""

    week: tuple[tuple[Hours, ...], ...]
    coming: tuple[Day, ...]
    days: tuple[SpecialDay, ...]
    absences: tuple[tuple[str, date, str, str], ...]
    experts: tuple[tuple[str, str, str], ...]
    now: tuple[str, ...]


def places(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Where the actor may keep the experts' hours."""
    return [(code, areas.path_name(session, code)) for code in actor.areas(*shifts.KEEPERS)]


def plan(session: Session, *, actor: Actor, area_code: str, now: datetime) -> Plan:
    """The roster of an area; ``Absent`` outside the actor's."""
    authorise(actor, shifts.KEEPERS, area_code)
    today = local(now).date()
    able = shifts.experts(session, area_code)
    reachable = {one.id for one in able if one.phone}
    pattern = session.scalars(
        select(Shift).where(Shift.area_code == area_code).order_by(Shift.weekday, Shift.place, Shift.starts)
    ).all()
    here = (Absence.area_code == area_code, Absence.day >= today)
    away = session.scalars(select(Absence).where(*here).order_by(Absence.day)).all()
    days = session.scalars(
        select(SpecialDay)
        .where(SpecialDay.area_code == area_code, SpecialDay.day >= today)
        .order_by(SpecialDay.day)
    ).all()
    ids = (
        [one.account_id for one in pattern]
        + [one.account_id for one in away]
        + [one.substitute_id for one in away]
    )
    names = people.names_of(session, ids) | {one.id: one.name for one in able}
    fields = fields_of(session, [one.id for one in able])
    special = {one.day: one for one in days}
    return Plan(
        week=tuple(
            tuple(
                Hours(one.id, names.get(one.account_id, ""), clock(one.starts), clock(one.ends), one.account_id in reachable)
                for one in pattern
                if one.weekday == weekday
            )
            for weekday in range(_WEEK)
        ),
        coming=tuple(
            Day(
                day,
                tuple(
                    (names.get(who, ""), clock(shift.starts), clock(shift.ends))
                    for shift, who in shifts.of_day(session, area_code, day)
                ),
                special[day].name if day in special else "",
                day in special and special[day].weekday is None,
            )
            for day in (today + timedelta(days=ahead) for ahead in range(_WEEK))
        ),
        days=tuple(days),
        absences=tuple(
            (one.id, one.day, names.get(one.account_id, ""), names.get(one.substitute_id or "", "")) for one in away
        ),
        experts=tuple((one.id, one.name, fields.get(one.id, "")) for one in able),
        now=tuple(one.name for one in shifts.on_duty(session, area_code, now)),
    )  # fmt: skip


def clock(minute: int) -> str:
    """A minute of the day as it is written: 8:00, 24:00."""
    return f"{minute // 60}:{minute % 60:02}"
