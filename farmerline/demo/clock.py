"""The demo's clock: moved forward, it runs on the way what would have run, in order, at each thing's own moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import inspect

from farmerline.clock import Clock, ShiftedClock, SystemClock, local
from farmerline.db import Database
from farmerline.domain import alert_moments, ledger, second_channel, watching
from farmerline.models import DemoClock
from farmerline.words import DEFAULT_LANGUAGE, say
from jobs.context import Context
from jobs.fanout import fan_out
from jobs.overdue import ring
from jobs.runner import Ran, fire, next_fire, timed
from jobs.schedule import Always, Every, Job
from jobs.watch import watch

_ROW = "demo"
_OFTEN = 300
"""Jobs that run more often than so many seconds have no steps of their own: they run at the others' steps."""


class Movable(Protocol):
    """What has a clock that can be moved: the running service in a demo."""

    @property
    def database(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def context(self) -> Context: ...

    def settle(self) -> Sequence[str]:
        """Send what is due, and let the carrier deliver it, until nothing moves."""
        ...


def load(database: Database, clock: ShiftedClock) -> None:
    """Set the clock as the database says it stands; a database without tables yet says nothing."""
    with database.read() as session:
        has_clock = inspect(session.connection()).has_table(DemoClock.__tablename__)
        row = session.get(DemoClock, _ROW) if has_clock else None
        clock.offset = timedelta(seconds=row.offset_seconds) if row else timedelta()


def set_back(demo: Movable, days: float) -> None:
    """Begin a demo so many days before now. Nothing runs."""
    _save(demo, timedelta(days=-days))


def catch_up(demo: Movable) -> list[str]:
    """Move the clock to the machine's own time, running what falls due; a clock that is ahead stays."""
    behind = -_shifted(demo).offset
    return move(demo, behind) if behind > timedelta() else []


def move(demo: Movable, step: timedelta) -> list[str]:
    """Move the clock forward; returns a line for each job that had something to do on the way.

    Raises ``ValueError`` for a step back: what has happened stays.
    """
    if step < timedelta():
        raise ValueError("the demo's clock moves forward only")
    clock, context = _shifted(demo), demo.context
    with context.sending:  # not while a batch is on its way: its lease would seem over
        seen, goal = clock.now(), clock.offset + step
        target = seen + step
        _settle(demo)
        often = [job for job in timed(context) if _is_often(job)]
        coming = {job: _next(job, seen) for job in timed(context) if job not in often}
        ran: list[Ran | None] = []
        while (at := _next_moment(context, coming.values(), seen, target)) is not None:
            clock.offset = at - SystemClock().now()
            seen = at
            _settle(demo)
            due = [job for job, moment in coming.items() if moment <= at]
            coming |= {job: _next(job, at) for job in due}
            now_ran = [_fire(context, job, at) for job in (*due, *often)]
            if any(now_ran):
                _settle(demo)
            ran += now_ran
        _save(demo, goal)
        ran += [_fire(context, job, clock.now()) for job in often]
        _settle(demo)
    return [_line(done) for done in ran if done is not None and done.result != "0"]


def _settle(demo: Movable) -> None:
    """Broadcasts that were started are written, subscribers told, then everything due is sent and arrives."""
    fan_out(demo.context)
    ring(demo.context)
    watch(demo.context)
    demo.settle()


def _next_moment(
    context: Context, fires: Iterable[datetime], seen: datetime, target: datetime
) -> datetime | None:
    """The next moment after ``seen`` at which a job, a message or a call instead of it is due, up to the target."""
    first = min(fires, default=target)
    with context.database.read() as session:
        moments = (
            ledger.next_due(session),
            second_channel.next_overdue(session),
            alert_moments.next_due(session),
            watching.next_moment(session, settings=context.settings, now=seen),
        )
    first = min([first, *(moment for moment in moments if moment is not None and moment > seen)])
    return first if first <= target and first > seen else None


def _next(job: Job, after: datetime) -> datetime:
    assert not isinstance(job.when, Always)  # noqa: S101 - ``timed`` leaves those out
    return next_fire(job.when, after)


def _is_often(job: Job) -> bool:
    return isinstance(job.when, Every) and job.when.seconds < _OFTEN


def _fire(context: Context, job: Job, at: datetime) -> Ran | None:
    if job.has_work is not None and not job.has_work(context):
        return None
    return fire(context, job, at)


def _line(done: Ran) -> str:
    moment = f"{local(done.fire_at):%m-%d %H:%M}"
    return f"{moment} {say(DEFAULT_LANGUAGE, done.job.about)}: {done.result}"


def _save(demo: Movable, offset: timedelta) -> None:
    _shifted(demo).offset = offset
    with demo.database.write() as session:
        row = session.get(DemoClock, _ROW)
        if row is None:
            session.add(DemoClock(name=_ROW, offset_seconds=offset.total_seconds()))
        else:
            row.offset_seconds = offset.total_seconds()


def _shifted(demo: Movable) -> ShiftedClock:
    if not isinstance(demo.clock, ShiftedClock):
        raise TypeError("only a demo's clock can be moved")
    return demo.clock
