"""A month in each town, and what each unit sent in: enrolled, submitted and used, visits, how long answers took.

How each figure is counted stands in ``COUNTED``; the page and its file print it below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from farmerline.clock import SHANGHAI, local
from farmerline.domain import areas, units
from farmerline.domain.access import Actor
from farmerline.domain.areas import inside_any
from farmerline.errors import Invalid
from farmerline.models import (
    Account,
    Area,
    AreaLevel,
    Case,
    CaseState,
    Reach,
    Role,
    ServiceEntry,
    Settled,
    Sighting,
    Submission,
    Unit,
    Verdict,
)

_TOWN = 9
COUNTED = (
    "Enrolled: people of the town whose ID was seen in the month.",
    "Sent in: what the town's units sent in the month; used: of these, what stands in an article that was issued since.",
    "Visits: who was told of an alert in person in the month, and every service that a contact point noted in its log.",
    "Answers: matters of the town's people that were closed in the month, from opening to closing, the middle one.",
    "Pest reports: from the report to the officer's verdict given in the month, the middle one.",
    "A liaison is marked when nobody has confirmed it for 90 days, or there is none. Nothing is blocked by it.",
)


@dataclass(frozen=True, slots=True)
class Month:
    """A month in China."""

    year: int
    month: int

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The moment it begins, and the moment after its end."""
        after = date(self.year + self.month // 12, self.month % 12 + 1, 1)
        first = date(self.year, self.month, 1)
        return datetime.combine(first, time(0), SHANGHAI), datetime.combine(after, time(0), SHANGHAI)

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"


@dataclass(frozen=True, slots=True)
class TownLine:
    """A town's month. ``answer_hours`` and ``verdict_hours`` are None where there was nothing to answer."""

    code: str
    name: str
    enrolled: int
    sent: int
    used: int
    visits: int
    answered: int
    answer_hours: float | None
    verdict_hours: float | None


@dataclass(frozen=True, slots=True)
class UnitLine:
    """What a unit sent in, and who speaks for it at the end of the month; ``stale``: nobody confirmed that for 90 days."""

    id: str
    name: str
    kind: str
    place: str
    sent: int
    used: int
    liaison: str
    confirmed_at: datetime | None
    stale: bool


def month_of(said: str, now: datetime) -> Month:
    """The month written 2026-11, the running one for ""; raises ``Invalid`` for what is none or still to come."""
    today = local(now).date()
    try:
        first = date.fromisoformat(f"{said}-01") if said else today.replace(day=1)
    except ValueError as error:
        raise Invalid("month_unread", "Write the month like 2026-11.", field="month") from error
    if not date(2000, 1, 1) <= first <= today:
        raise Invalid("month_unread", "Write the month like 2026-11.", field="month")
    return Month(first.year, first.month)


def towns(session: Session, *, actor: Actor, roles: Iterable[Role], month: Month) -> list[TownLine]:
    """The month of each town in the actor's areas."""
    mine = actor.areas(*roles)
    known = select(Area.code, Area.name).where(Area.level == AreaLevel.TOWN)
    rows = [
        (code, name)
        for code, name in session.execute(known.order_by(Area.code)).tuples()
        if code.startswith(mine)
    ]
    first, after = month.bounds

    def counted(column: InstrumentedAttribute[str], *where: ColumnElement[bool]) -> dict[str, int]:
        town = func.substr(column, 1, _TOWN)
        query = select(town, func.count()).where(inside_any(column, mine), *where).group_by(town)
        return dict(session.execute(query).tuples().all())

    enrolled = counted(
        Account.area_code, Account.id_seen_on >= first.date(), Account.id_seen_on < after.date()
    )
    visits = counted(
        Reach.area_code, Reach.settled == Settled.TOLD, Reach.settled_at >= first, Reach.settled_at < after
    )
    services = counted(ServiceEntry.area_code, ServiceEntry.at >= first, ServiceEntry.at < after)
    sent, used = _submitted(session, first, after)
    by_town: Counter[str] = Counter()
    used_by_town: Counter[str] = Counter()
    for unit_id, code in session.execute(select(Unit.id, Unit.area_code)).tuples():
        by_town[code[:_TOWN]] += sent[unit_id]
        used_by_town[code[:_TOWN]] += used[unit_id]
    answers = _hours(
        session.execute(
            select(Case.area_code, Case.opened_at, Case.closed_at)
            .where(Case.state == CaseState.CLOSED, Case.closed_at >= first, Case.closed_at < after)
            .where(inside_any(Case.area_code, mine))
        ).tuples()
    )
    verdicts = _hours(
        session.execute(
            select(Sighting.area_code, Sighting.reported_at, Sighting.verdict_at)
            .where(
                Sighting.verdict != Verdict.OPEN, Sighting.verdict_at >= first, Sighting.verdict_at < after
            )
            .where(inside_any(Sighting.area_code, mine))
        ).tuples()
    )
    return [
        TownLine(
            code=code, name=name, enrolled=enrolled.get(code, 0), sent=by_town[code], used=used_by_town[code],
            visits=visits.get(code, 0) + services.get(code, 0),
            answered=len(answers.get(code, ())), answer_hours=_middle(answers.get(code)),
            verdict_hours=_middle(verdicts.get(code)),
        )
        for code, name in rows
    ]  # fmt: skip


def unit_lines(
    session: Session, *, actor: Actor, roles: Iterable[Role], month: Month, now: datetime, town: str = ""
) -> list[UnitLine]:
    """What each unit of the actor's areas, or of a town there, sent in, most first."""
    query = select(Unit).where(inside_any(Unit.area_code, actor.areas(*roles)))
    if town:
        query = query.where(areas.inside(Unit.area_code, town))
    first, after = month.bounds
    sent, used = _submitted(session, first, after)
    seen = min(now, after - timedelta(seconds=1))
    found = []
    for unit in session.scalars(query.order_by(Unit.name)):
        held = units.current(unit, local(seen).date())
        person = session.get(Account, held.account_id) if held else None
        found.append(
            UnitLine(
                id=unit.id, name=unit.name, kind=unit.kind.value, place=areas.path_name(session, unit.area_code),
                sent=sent[unit.id], used=used[unit.id], liaison=person.name if person else "",
                confirmed_at=held.confirmed_at if held else None, stale=units.is_stale(unit, held, seen),
            )
        )  # fmt: skip
    return sorted(found, key=lambda line: -line.sent)


def _submitted(session: Session, first: datetime, after: datetime) -> tuple[Counter[str], Counter[str]]:
    """How many each unit sent in, and how many of these were used."""
    query = (
        select(Submission.unit_id, func.count(), func.count(Submission.used_at))
        .where(Submission.unit_id.is_not(None), Submission.at >= first, Submission.at < after)
        .group_by(Submission.unit_id)
    )
    sent: Counter[str] = Counter()
    used: Counter[str] = Counter()
    for unit_id, count, count_used in session.execute(query).tuples():
        sent[str(unit_id)], used[str(unit_id)] = count, count_used
    return sent, used


def _hours(rows: Iterable[tuple[str, datetime, datetime | None]]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for code, begun, ended in rows:
        if ended is not None:
            found.setdefault(code[:_TOWN], []).append((ended - begun).total_seconds() / 3600)
    return found


def _middle(hours: list[float] | None) -> float | None:
    return round(median(hours), 1) if hours else None
