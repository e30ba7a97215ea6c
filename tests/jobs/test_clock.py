"""The demo's clock: moved forward, everything happens on the way, in order, at its own moment."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from channels.contract import Reason, SendError
from farmerline.clock import ShiftedClock, SystemClock, local
from farmerline.db import Database
from farmerline.demo import clock as demo_clock
from farmerline.models import DeliveryState, ScheduleRun
from jobs.context import Context
from jobs.deliver import drain
from tests.jobs.carrier import County


@dataclass
class Demo:
    """A running demo, as far as the clock needs it."""

    database: Database
    clock: ShiftedClock
    context: Context
    settled: list[datetime] = field(default_factory=list)

    def settle(self) -> list[str]:
        self.settled.append(self.clock.now())
        drain(self.context)
        return []


@pytest.fixture
def demo(sqlite_county: County) -> Demo:
    clock = ShiftedClock()
    made = Demo(sqlite_county.database, clock, replace(sqlite_county.context, clock=clock))
    demo_clock.set_back(made, 30)
    return made


@pytest.mark.long
def test_ten_days_pass_in_moments_with_every_jobs_moment_in_order(demo: Demo) -> None:
    began, start = time.monotonic(), demo.clock.now()
    lines = demo_clock.move(demo, timedelta(days=10))
    assert time.monotonic() - began < 40  # about ten seconds on a quiet machine
    assert abs(demo.clock.now() - start - timedelta(days=10)) < timedelta(seconds=15)
    with demo.database.read() as session:
        fired = session.execute(select(ScheduleRun.name, ScheduleRun.fire_at).order_by(ScheduleRun.id)).all()
    moments = [at for _, at in fired]
    assert moments == sorted(moments)
    assert [name for name, _ in fired].count("renew") == 10
    assert {f"{local(at):%H:%M}" for name, at in fired if name == "renew"} == {"08:30"}
    assert len(lines) == 20  # the public figures and a backup each night; what had nothing to do is not told
    assert all("备份数据: farmerline-" in line for line in lines[1::2])
    assert all("数出当天给大家看的数字" in line for line in lines[::2])


def test_messages_leave_at_their_own_moment_on_the_way(demo: Demo, sqlite_county: County) -> None:
    start = demo.clock.now()
    due = [start + timedelta(minutes=minutes) for minutes in (7, 200, 3000)]
    promised = [sqlite_county.promise(now=start, due_at=moment) for moment in due]
    demo_clock.move(demo, timedelta(days=2))
    sent = [sqlite_county.delivery(one).sent_at for one in promised]
    assert [
        abs(at - moment) < timedelta(seconds=5) for at, moment in zip(sent[:2], due, strict=False) if at
    ] == [True, True]
    assert sent[2] is None


def test_what_failed_is_tried_again_on_the_way(demo: Demo, sqlite_county: County) -> None:
    promised = sqlite_county.promise(now=demo.clock.now())
    sqlite_county.carrier.faults = [SendError(Reason.BUSY), SendError(Reason.UNAVAILABLE), None]
    demo_clock.move(demo, timedelta(minutes=10))
    row = sqlite_county.delivery(promised)
    assert (row.state, row.attempts) == (DeliveryState.SENT, 3)


def test_the_clock_stands_as_the_database_says(demo: Demo) -> None:
    demo_clock.move(demo, timedelta(minutes=10))
    clock = ShiftedClock()
    demo_clock.load(demo.database, clock)
    assert clock.offset == demo.clock.offset == timedelta(days=-30, minutes=10)
    demo_clock.set_back(demo, 0.1)
    demo_clock.catch_up(demo)
    assert demo.clock.offset == timedelta()
    assert demo_clock.catch_up(demo) == []


def test_the_clock_moves_forward_only_and_only_in_a_demo(demo: Demo, sqlite_county: County) -> None:
    with pytest.raises(ValueError, match="forward only"):
        demo_clock.move(demo, timedelta(minutes=-1))
    demo.clock = SystemClock()  # type: ignore[assignment]
    with pytest.raises(TypeError):
        demo_clock.move(demo, timedelta(minutes=1))
    assert SystemClock().now().tzinfo is UTC


def test_a_database_without_tables_says_nothing_about_the_clock(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    clock = ShiftedClock(timedelta(days=3))
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('empty') / 'farmerline.db'}")
    demo_clock.load(database, clock)
    database.close()
    assert clock.offset == timedelta()
