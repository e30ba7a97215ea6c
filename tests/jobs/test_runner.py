"""The timetable: each moment's job runs once, whoever else runs it; what was missed follows its rule."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import select

from farmerline.errors import Conflict
from farmerline.models import ScheduleRun
from farmerline.queries.jobs import last_runs
from jobs.context import Context
from jobs.runner import Runner, due, fire, next_fire, overview, take_up
from jobs.schedule import TIMETABLE, Always, Daily, Every, Job, Missed, describe
from tests.factories import NOW
from tests.jobs.carrier import County

AT = datetime(2026, 11, 20, tzinfo=UTC)


EACH_MINUTE = Every(60)


def counting(
    name: str = "count", when: Every | Daily = EACH_MINUTE, **values: object
) -> tuple[Job, list[datetime]]:
    times: list[datetime] = []

    def run(context: Context) -> int:
        times.append(context.now())
        return len(times)

    return Job(name, when, run, "Count", **values), times  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("when", "after", "wanted"),
    [
        (Every(60), AT, AT + timedelta(minutes=1)),
        (Every(60), AT + timedelta(seconds=59.5), AT + timedelta(minutes=1)),
        (Every(1800), AT + timedelta(minutes=1), AT + timedelta(minutes=30)),
        (Every(3600), AT, AT + timedelta(hours=1)),
        (Daily("03:10"), AT, AT + timedelta(hours=19, minutes=10)),  # in China it is 8:00 at AT
        (Daily("09:10"), AT, AT + timedelta(hours=1, minutes=10)),
        (Daily("08:00"), AT, AT + timedelta(days=1)),
    ],
)
def test_moments_are_the_same_on_every_host(when: Every | Daily, after: datetime, wanted: datetime) -> None:
    assert next_fire(when, after) == wanted


@pytest.mark.parametrize(
    ("missed", "hours", "wanted"),
    [(Missed.LATEST, 0, 0), (Missed.LATEST, 5, 1), (Missed.EACH, 5, 5), (Missed.EACH, 0, 0)],
)
def test_missed_moments_follow_the_written_rule(missed: Missed, hours: int, wanted: int) -> None:
    job, _ = counting(when=Every(3600), missed=missed)
    found = due(job, AT, AT + timedelta(hours=hours, minutes=1))
    assert len(found) == wanted
    assert found[-1:] == ([AT + timedelta(hours=hours)] if wanted else [])


def test_a_job_fires_at_its_moments_by_our_clock(county: County) -> None:
    job, times = counting()
    runner = Runner(county.context, (job,))
    for _ in range(6):
        runner.tick()
        runner.tick()
        county.wait(seconds=20)
    assert times == [NOW + timedelta(minutes=1)]
    with county.database.read() as session:
        last = last_runs(session)["count"]
    assert (last.fire_at, last.result, last.failed) == (NOW + timedelta(minutes=1), "1", False)


@pytest.mark.parametrize(("missed", "again"), [(Missed.LATEST, 0), (Missed.EACH, 1)])
def test_what_a_killed_process_began_is_taken_up_or_marked(
    county: County, missed: Missed, again: int
) -> None:
    """R-14: nothing vanishes. A later moment makes good what the earlier one left, where the rule says so."""
    job, times = counting(missed=missed)
    begun = {"name": "count", "started_at": NOW, "result": "", "failed": False}
    with county.database.write() as session:
        for minutes in (0, 1):
            session.add(ScheduleRun(**begun, fire_at=NOW - timedelta(minutes=minutes)))
    county.wait(minutes=29)
    assert take_up(county.context, (job,)) == []
    county.wait(minutes=2)
    ran = take_up(county.context, (job,))
    assert [one.fire_at for one in ran][-1] == NOW
    assert len(ran) == len(times) == 1 + again
    assert take_up(county.context, (job,)) == []
    with county.database.read() as session:
        assert all(row.ended_at for row in session.scalars(select(ScheduleRun)))


def test_two_processes_never_run_the_same_moment(county: County) -> None:
    """R-14."""
    job, times = counting()
    start, ran = Barrier(4), []

    def race() -> None:
        start.wait()
        ran.append(fire(county.context, job, NOW))

    threads = [Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(times) == 1
    assert sum(one is not None for one in ran) == 1


def test_a_restart_makes_good_what_was_missed_once(sqlite_county: County) -> None:
    job, times = counting(when=Daily("09:00"))
    Runner(sqlite_county.context, (job,)).tick()
    assert times == []  # the first start missed nothing
    fire(sqlite_county.context, job, NOW)
    sqlite_county.wait(days=3)
    runner = Runner(sqlite_county.context, (job,))
    assert [ran.fire_at for ran in runner.tick()] == [NOW + timedelta(days=3) - timedelta(hours=1)]
    assert runner.tick() == []


@pytest.mark.parametrize(
    ("error", "result"),
    [(KeyError("secret name"), "KeyError"), (Conflict("no_program", "{x}", x=1), "no_program")],
)
def test_a_failed_job_is_put_down_without_its_words_and_stops_no_other(
    sqlite_county: County, error: Exception, result: str
) -> None:
    def fail(context: Context) -> int:
        raise error

    job, times = counting()
    runner = Runner(sqlite_county.context, (Job("fail", Every(60), fail, "Fail"), job))
    runner.tick()
    sqlite_county.wait(seconds=61)
    assert [(ran.job.name, ran.result, ran.failed) for ran in runner.tick()] == [
        ("fail", result, True),
        ("count", "1", False),
    ]
    assert len(times) == 1


def test_a_clock_set_back_fires_nothing_twice(sqlite_county: County) -> None:
    job, times = counting(when=Every(3600))
    runner = Runner(sqlite_county.context, (job,))
    for hours in (0, 1, 1, -2, 1, 1, 1):
        sqlite_county.wait(hours=hours)
        runner.tick()
    with sqlite_county.database.read() as session:
        fired = session.scalars(select(ScheduleRun.fire_at)).all()
    assert len(fired) == len(set(fired)) == len(times) == 3


def test_a_running_timetable_ticks_sends_and_stops(sqlite_county: County) -> None:
    promised, looped = sqlite_county.promise(), Event()

    def loop(stop: Event) -> None:
        stop.wait()
        looped.set()

    deliver = next(job for job in TIMETABLE if job.name == "deliver")
    endless = Job("endless", Always(lambda context: [loop]), lambda context: 0, "Run")
    job, times = counting(when=Every(1))
    runner = Runner(sqlite_county.context, (deliver, endless, job))
    runner.start()
    for _ in range(60):
        time.sleep(0.05)
        sqlite_county.wait(milliseconds=300)
        if times and sqlite_county.delivery(promised).state == "sent":
            break
    began = time.monotonic()
    runner.stop()
    assert time.monotonic() - began < 2
    assert sqlite_county.delivery(promised).state == "sent"
    assert times
    assert looped.is_set()


def test_every_job_of_the_timetable_runs_on_an_empty_county(county: County) -> None:
    context = replace(county.context, understand=None)
    ran = [fire(context, job, NOW) for job in TIMETABLE if job.name != "backup"]
    assert [(one.job.name, one.result) for one in ran if one and one.failed] == []
    assert [line.job.name for line in overview(context)] == [job.name for job in TIMETABLE]


@pytest.mark.parametrize(
    ("when", "english", "chinese"),
    [
        (Always(lambda context: []), "all the time", "一直在跑"),
        (Every(60), "every 1 min", "每 1 分钟"),
        (Every(3600), "every 1 h", "每 1 小时"),
        (Daily("03:10"), "daily at 03:10", "每天 03:10"),
    ],
)
def test_when_a_job_runs_is_said_in_words(when: Always | Every | Daily, english: str, chinese: str) -> None:
    assert (describe(when, "en"), describe(when, "zh")) == (english, chinese)
