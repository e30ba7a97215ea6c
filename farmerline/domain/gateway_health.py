"""How a connection is doing, and what share of its rate it carries.

The share goes to nothing at once when three hand-overs in a row failed, or half of the last minute's, and another
connection can stand in; after a rest a little is tried, and while that goes well the share doubles, step by step, until
all is as before. Figures stand in rows, decayed: the ledger is never counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from farmerline.domain import routing, spending
from farmerline.models import Breaker, GatewayRow

WINDOW = timedelta(seconds=60)
"""The time in which a count falls to a third."""
REST = timedelta(seconds=30)
"""How long nothing is carried after the breaker opened, before a little is tried."""
FIRST_SHARE = 0.05
STEP = timedelta(seconds=20)
"""How long a share stays before it doubles, where hand-overs went well meanwhile."""
QUIET_STEP = timedelta(minutes=5)
"""The same where there was nothing to hand over."""
LATE = timedelta(minutes=10)
"""Receipts that take longer on average halve the share; half of that gives it back."""
_ENOUGH = 1.5
_BAD_SHARE = 0.5
_IN_A_ROW = 3
_SEEN = 0.5
_STALE = timedelta(minutes=15)
_COUNT_EACH = timedelta(seconds=10)
_SAMPLE = timedelta(seconds=1)
_NEW_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules look at. ``good`` and ``bad`` are decayed to now, ``streak`` is the faults in a row since something
    went well, ``since`` is how long the share has stood,
    ``delay`` is None where too little or nothing recent is known; ``helper``: another connection that is well stands in."""

    breaker: Breaker
    share: float
    since: timedelta
    good: float = 0.0
    bad: float = 0.0
    streak: int = 0
    delay: timedelta | None = None
    helper: bool = True


def is_ill(good: float, bad: float, streak: int = 0) -> bool:
    """Whether half of the last minute's hand-overs went wrong, two at least, or three in a row: after these a connection
    rests, so that even one that is quite out of order has few."""
    return streak >= _IN_A_ROW or (bad >= _ENOUGH and bad >= _BAD_SHARE * (good + bad))


def judge(seen: Standing) -> tuple[Breaker, float]:
    """The breaker and the share that follow from a standing. Pure; the same standing gives the same answer."""
    if seen.breaker is Breaker.OPEN:
        return (Breaker.TRYING, FIRST_SHARE) if seen.since >= REST else (Breaker.OPEN, 0.0)
    if seen.breaker is Breaker.TRYING:
        return _tried(seen)
    if is_ill(seen.good, seen.bad, seen.streak):
        return (Breaker.OPEN, 0.0) if seen.helper else (Breaker.CLOSED, 1.0)
    if seen.delay is not None and seen.helper and seen.delay > LATE:
        return Breaker.CLOSED, 0.5
    if seen.share < 1 and seen.helper and seen.delay is not None and seen.delay > LATE / 2:
        return Breaker.CLOSED, seen.share
    return Breaker.CLOSED, 1.0


def _tried(seen: Standing) -> tuple[Breaker, float]:
    if seen.bad > seen.good:
        return Breaker.OPEN, 0.0
    went_well = seen.good > 0
    if went_well and not seen.helper:
        return Breaker.CLOSED, 1.0
    if seen.since < (STEP if went_well else QUIET_STEP):
        return Breaker.TRYING, seen.share
    share = min(1.0, seen.share * 2)
    return (Breaker.TRYING if share < 1 else Breaker.CLOSED), share


def note_faults(session: Session, gateway: str, count: int, *, silent: int = 0, at: datetime) -> None:
    """Count hand-overs that failed by the connection's fault (out of order, silent; never refusals of one message),
    and open the breaker at once where they say so. What went well is counted beside what it cost (``spending``).

    A silence counts twice among faults in a row: each lasts as long as we waited.
    """
    locked = select(GatewayRow).where(GatewayRow.name == gateway).with_for_update()
    row = session.scalars(locked.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        return
    handed = spending.handed(session, at)
    went_well = _count(row, handed.get(gateway, 0), at)
    row.bad += count
    row.streak += 1 if went_well else count + silent
    if row.breaker is not Breaker.OPEN:
        rows = session.scalars(select(GatewayRow).where(GatewayRow.channel == row.channel)).all()
        _move(row, _standing(row, rows, handed, at), at)


def note_receipt(session: Session, gateway: str, *, took: timedelta, at: datetime) -> None:
    """Weigh how long a receipt took: one a second at most, so that receipts do not wait for one another."""
    row = session.get(GatewayRow, gateway)
    if row is None or took < timedelta() or (row.delay_at is not None and row.delay_at > at - _SAMPLE):
        return
    known = row.delay if row.delay is not None and row.delay_at and row.delay_at > at - _STALE else None
    seconds = took.total_seconds()
    delay = seconds if known is None else known + _NEW_WEIGHT * (seconds - known)
    session.execute(
        update(GatewayRow)
        .where(GatewayRow.name == gateway)
        .values(delay=delay, delay_at=at)
        .execution_options(synchronize_session=False)
    )


def step(session: Session, *, now: datetime) -> list[str]:
    """Move each connection's share by the rules; returns the names of those that moved."""
    locked = select(GatewayRow).order_by(GatewayRow.name).with_for_update()
    rows = session.scalars(locked.execution_options(populate_existing=True)).all()
    handed = spending.handed(session, now)
    moved = [row.name for row in rows if _move(row, _standing(row, rows, handed, now), now)]
    for row in rows:
        _count(row, handed.get(row.name, 0), now)
    return moved


def needs_step(session: Session, *, now: datetime) -> bool:
    """Whether a step would move anything, or counts have not been taken for a while. Reads only."""
    rows, handed = session.scalars(select(GatewayRow)).all(), spending.handed(session, now)
    return any(
        judge(_standing(row, rows, handed, now)) != (row.breaker, row.share)
        or (_fresh(row, handed.get(row.name, 0), now) and (row.counted_at or now) <= now - _COUNT_EACH)
        or (row.counted_at is None and row.name in handed)
        for row in rows
    )


def errors(session: Session, row: GatewayRow, now: datetime) -> float | None:
    """The share of the last minute's hand-overs that were the connection's fault; None where there was none."""
    good, bad = _now(row, spending.handed(session, now).get(row.name, 0), now)
    return bad / (good + bad) if good + bad >= _SEEN else None


def _standing(
    row: GatewayRow, rows: Sequence[GatewayRow], handed: Mapping[str, int], now: datetime
) -> Standing:
    good, bad = _now(row, handed.get(row.name, 0), now)
    recent = row.delay is not None and row.delay_at is not None and row.delay_at > now - _STALE
    return Standing(
        breaker=row.breaker,
        share=row.share,
        since=now - row.moved_at if row.moved_at else _STALE,
        good=good,
        bad=bad,
        streak=0 if _fresh(row, handed.get(row.name, 0), now) else row.streak,
        delay=timedelta(seconds=row.delay or 0.0) if recent else None,
        helper=any(routing.stands_in(other, row) and routing.is_well(other, now) for other in rows),
    )


def _now(row: GatewayRow, handed: int, now: datetime) -> tuple[float, float]:
    """The decayed counts; what was handed over since they were put down counts whole."""
    left = exp(-max(0.0, (now - row.counted_at) / WINDOW)) if row.counted_at else 0.0
    return row.good * left + _fresh(row, handed, now), row.bad * left


def _fresh(row: GatewayRow, handed: int, now: datetime) -> int:
    same_day = row.counted_at is not None and spending.day_of(row.counted_at) == spending.day_of(now)
    return max(0, handed - (row.counted if same_day else 0))


def _count(row: GatewayRow, handed: int, now: datetime) -> bool:
    """Put the counts down as of now; whether anything was handed over since the last time."""
    went_well = _fresh(row, handed, now) > 0
    row.good, row.bad = _now(row, handed, now)
    row.streak = 0 if went_well else row.streak
    row.counted, row.counted_at = handed, now
    return went_well


def _move(row: GatewayRow, seen: Standing, now: datetime) -> bool:
    breaker, share = judge(seen)
    if (breaker, share) == (row.breaker, row.share):
        return False
    if breaker is Breaker.OPEN:
        row.opened_at = now
    elif breaker is Breaker.TRYING and row.breaker is Breaker.OPEN:
        row.good = row.bad = 0.0  # what is tried is judged by itself
        row.streak = 0
    row.breaker, row.share, row.moved_at = breaker, share, now
    return True
