"""When each job ran last, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.models import ScheduleRun


@dataclass(frozen=True, slots=True)
class LastRun:
    """A job's last firing. ``fire_at`` is the moment it was due; ``ended_at`` is None while it runs (or was killed)."""

    name: str
    fire_at: datetime
    started_at: datetime
    ended_at: datetime | None
    result: str
    failed: bool


def last_runs(session: Session) -> dict[str, LastRun]:
    """The last firing of each job that ever ran, by the job's name."""
    last = (
        select(ScheduleRun.name, func.max(ScheduleRun.fire_at).label("at"))
        .group_by(ScheduleRun.name)
        .subquery()
    )
    rows = select(ScheduleRun).join(
        last, (ScheduleRun.name == last.c.name) & (ScheduleRun.fire_at == last.c.at)
    )
    return {row.name: _run(row) for row in session.scalars(rows)}


def history(session: Session, *, limit: int = 100) -> list[LastRun]:
    """The last firings of all jobs, the newest first."""
    rows = select(ScheduleRun).order_by(ScheduleRun.fire_at.desc(), ScheduleRun.name).limit(limit)
    return [_run(row) for row in session.scalars(rows)]


def _run(row: ScheduleRun) -> LastRun:
    return LastRun(row.name, row.fire_at, row.started_at, row.ended_at, row.result, row.failed)
