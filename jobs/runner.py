"""Running the timetable: the one place that knows the scheduling library.

The library wakes us each second; what is due is worked out from our own clock, so that a demo may move it. A firing
is a row, unique by name and moment: however many hosts run the timetable, each moment's job runs once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from threading import Event, Thread

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import exists, func, select, update

from farmerline.clock import SHANGHAI
from farmerline.domain.once import insert_once
from farmerline.errors import Refusal
from farmerline.models import ScheduleRun
from farmerline.queries.jobs import LastRun, last_runs
from jobs.context import Context
from jobs.schedule import TIMETABLE, Always, Daily, Every, Job, Missed

_log = logging.getLogger(__name__)
_EPOCH = datetime(2020, 1, 1, tzinfo=SHANGHAI)
_INSTANT = timedelta(microseconds=1)
LOST_AFTER = timedelta(minutes=30)
"""A firing that has not ended after so long ended with its process: another takes it up."""
_LOOK_FOR_LOST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Ran:
    """One firing: what ran for which moment, and what came of it."""

    job: Job
    fire_at: datetime
    result: str
    failed: bool


def next_fire(when: Every | Daily, after: datetime) -> datetime:
    """The first moment after this one."""
    found = _trigger(when).get_next_fire_time(None, after + _INSTANT)
    return found.astimezone(after.tzinfo)  # type: ignore[no-any-return]


def fire_times(when: Every | Daily, after: datetime, until: datetime) -> Iterator[datetime]:
    """The moments after the first and up to the second, in order."""
    at = next_fire(when, after)
    while at <= until:
        yield at
        at = next_fire(when, at)


def due(job: Job, since: datetime, now: datetime) -> list[datetime]:
    """The moments for which the job must run now, having last been looked at ``since``: by its rule for missed ones."""
    if isinstance(job.when, Always):
        return []
    if job.missed is Missed.LATEST and isinstance(job.when, Every):
        since = max(since, now - timedelta(seconds=job.when.seconds))  # the earlier ones do not matter
    moments = list(fire_times(job.when, since, now))
    return moments[-1:] if job.missed is Missed.LATEST else moments


def timed(context: Context) -> list[Job]:
    """The jobs that run at moments, with the modules that are switched on."""
    return [job for job in on_timetable(context) if not isinstance(job.when, Always)]


def on_timetable(context: Context) -> list[Job]:
    """The timetable's lines, with the modules that are switched on."""
    on = [job for job in TIMETABLE if job.module is None or context.settings.has(job.module)]
    return [_as_set(job, context) for job in on]


def _as_set(job: Job, context: Context) -> Job:
    """The job at the time that its setting gives."""
    if not isinstance(job.when, Daily) or not job.when.setting:
        return job
    return replace(job, when=replace(job.when, at=str(getattr(context.settings, job.when.setting))))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timetable with its last firing and its next moment (None for what runs without end)."""

    job: Job
    last: LastRun | None
    next_at: datetime | None


def overview(context: Context) -> list[Line]:
    """The timetable as it stands now."""
    with context.database.read() as session:
        last = last_runs(session)
    now = context.now()
    return [
        Line(job, last.get(job.name), None if isinstance(job.when, Always) else next_fire(job.when, now))
        for job in on_timetable(context)
    ]


def fire(context: Context, job: Job, fire_at: datetime) -> Ran | None:
    """Run the job for one moment; None where another process has it. A failure is put down and stops nothing."""
    with context.database.write() as session:
        run_id = insert_once(
            session,
            ScheduleRun,
            name=job.name,
            fire_at=fire_at,
            started_at=context.now(),
            result="",
            failed=False,
        )
    return _perform(context, job, run_id, fire_at) if run_id is not None else None


def take_up(context: Context, jobs: Sequence[Job]) -> list[Ran]:
    """Run again what was begun long ago by a process that is no more. Where a later moment has made good what was left,
    the firing is only marked."""
    now, named = context.now(), {job.name: job for job in jobs}
    lost = select(ScheduleRun).where(
        ScheduleRun.name.in_(named),
        ScheduleRun.ended_at.is_(None),
        ScheduleRun.started_at <= now - LOST_AFTER,
    )
    with context.database.read() as session:
        found = session.scalars(lost.order_by(ScheduleRun.fire_at)).all()
    ran = []
    for row in found:
        job = named[row.name]
        mine = update(ScheduleRun).where(ScheduleRun.id == row.id, ScheduleRun.started_at == row.started_at)
        later = exists().where(ScheduleRun.name == row.name, ScheduleRun.fire_at > row.fire_at)
        with context.database.write() as session:
            if session.scalar(mine.values(started_at=now).returning(ScheduleRun.id)) is None:
                continue  # another was quicker
            if job.missed is Missed.LATEST and session.scalar(select(later)):
                ended = update(ScheduleRun).where(ScheduleRun.id == row.id)
                session.execute(ended.values(ended_at=now, result="overtaken", failed=True))
                continue
        _log.warning("job.again name=%s", job.name)
        ran.append(_perform(context, job, row.id, row.fire_at))
    return ran


def _perform(context: Context, job: Job, run_id: str, fire_at: datetime) -> Ran:
    failed = True
    try:
        result, failed = str(job.run(context)), False
    except Refusal as refusal:
        result = refusal.code
    except Exception as error:
        result = type(error).__name__
    if failed:
        _log.error("job.failed name=%s error=%s", job.name, result)
    with context.database.write() as session:
        row = session.get_one(ScheduleRun, run_id)
        row.ended_at, row.result, row.failed = context.now(), result[:120], failed
    return Ran(job, fire_at, result, failed)


class Runner:
    """Runs the timetable in this process until it is stopped."""

    def __init__(self, context: Context, timetable: tuple[Job, ...] | None = None) -> None:
        self._context = context
        self._jobs = list(timetable) if timetable is not None else on_timetable(context)
        self._since: dict[str, datetime] = {}
        self._next: dict[str, datetime] = {}
        self._looked_at: datetime | None = None
        self._stop = Event()
        self._halted_at = 0.0
        self._threads: list[Thread] = []
        self._scheduler = BackgroundScheduler(timezone=SHANGHAI)

    def start(self) -> None:
        """Begin: one thread for each loop, one for the timetable."""
        for job in self._jobs:
            if isinstance(job.when, Always):
                for number, loop in enumerate(job.when.loops(self._context)):
                    thread = Thread(target=loop, args=(self._stop,), name=f"{job.name}-{number}", daemon=True)
                    thread.start()
                    self._threads.append(thread)
        self._scheduler.add_job(
            self.tick, "interval", seconds=1, misfire_grace_time=None, coalesce=True, max_instances=1
        )
        self._scheduler.start()

    def halt(self) -> None:
        """Take nothing up any more; returns at once."""
        if not self._stop.is_set():
            self._stop.set()
            self._halted_at = time.monotonic()
        self._context.bell.ring_all()

    def stop(self, timeout: float = 8.0) -> None:
        """Stop claiming at once, and wait for what is on its way to a carrier: so many seconds since then at most."""
        self.halt()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        ends = self._halted_at + timeout
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))

    def tick(self) -> list[Ran]:
        """Run what is due by our clock."""
        now = self._context.now()
        ran: list[Ran] = []
        for job in self._jobs:
            if isinstance(job.when, Always):
                continue
            since = self._last_looked(job, now)
            if self._next[job.name] > now:
                continue
            for fire_at in due(job, since, now):
                if self._stop.is_set():
                    return ran
                if (done := self._try(job, fire_at)) is not None:
                    ran.append(done)
            self._since[job.name], self._next[job.name] = now, next_fire(job.when, now)
        return ran + self._take_up(now)

    def _take_up(self, now: datetime) -> list[Ran]:
        """Once a minute, what other processes left."""
        if self._looked_at is not None and abs(now - self._looked_at) < _LOOK_FOR_LOST:
            return []
        self._looked_at = now
        try:
            return take_up(self._context, [job for job in self._jobs if not isinstance(job.when, Always)])
        except Exception as error:  # the database is away, say
            _log.error("take_up.failed error=%s", type(error).__name__)
            return []

    def _last_looked(self, job: Job, now: datetime) -> datetime:
        """Up to when the job's moments were seen to. A job that never ran missed nothing before this process began;
        after a clock that was set back, moments that had a firing keep it."""
        assert not isinstance(job.when, Always)  # noqa: S101 - loops have no moments
        if job.name not in self._since:
            with self._context.database.read() as session:
                last = session.scalar(
                    select(func.max(ScheduleRun.fire_at)).where(ScheduleRun.name == job.name)
                )
            self._since[job.name] = min(last or now, now)
            self._next[job.name] = next_fire(job.when, self._since[job.name])
        if self._since[job.name] > now:
            self._since[job.name], self._next[job.name] = now, next_fire(job.when, now)
        return self._since[job.name]

    def _try(self, job: Job, fire_at: datetime) -> Ran | None:
        try:
            return fire(self._context, job, fire_at)
        except Exception as error:  # the database is away, say: the others still get their turn
            _log.error("fire.failed name=%s error=%s", job.name, type(error).__name__)
            return None


@cache
def _trigger(when: Every | Daily) -> IntervalTrigger | CronTrigger:
    if isinstance(when, Every):
        return IntervalTrigger(seconds=when.seconds, start_date=_EPOCH, timezone=SHANGHAI)
    hour, minute = when.at.split(":")
    return CronTrigger(hour=hour, minute=minute, timezone=SHANGHAI)
