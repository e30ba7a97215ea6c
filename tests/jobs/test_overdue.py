"""Urgent letters without a receipt are rung for, once, whoever looks and however time passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread

from sqlalchemy import func, select

from farmerline.clock import ShiftedClock
from farmerline.demo import clock as demo_clock
from farmerline.domain import access, urgent
from farmerline.ids import new_id
from farmerline.messages import Channel
from farmerline.models import Delivery, Role
from jobs import overdue
from jobs.context import Context
from jobs.deliver import drain
from tests import factories
from tests.factories import COUNTY, YANGGAO
from tests.jobs.carrier import County
from tests.jobs.test_clock import Demo


def send(county: County, context: Context | None = None) -> None:
    """An urgent letter to one contact point."""
    now = (context or county.context).now()
    with county.database.write() as session:
        officer = factories.make_staff(session, Role.OFFICER, COUNTY, "励志明", now=now)
        helper = factories.make_staff(session, Role.CONTACT, YANGGAO, "岑美芳", now=now)
        actor = access.actor_of(session, officer, second_factor=True)
        urgent.send(
            session, [helper], actor=actor, subject="今晚值班", body="请留人接电话。", seen=1, once=new_id(), now=now
        )  # fmt: skip


def calls(county: County) -> int:
    with county.database.read() as session:
        asked = select(func.count()).select_from(Delivery).where(Delivery.channel == Channel.VOICE)
        return session.scalar(asked) or 0


def test_the_job_rings_once_and_a_second_run_changes_nothing(county: County) -> None:
    send(county)
    assert overdue.ring(county.context) == 0
    county.wait(minutes=10)
    assert overdue.ring(county.context) == 1
    assert overdue.ring(county.context) == 0
    assert calls(county) == 1


def test_two_at_once_ring_once(county: County) -> None:
    for _letter in range(5):
        send(county)
    county.wait(minutes=10)
    both = [Thread(target=overdue.ring, args=(county.context,)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert calls(county) == 5


def test_the_loop_looks_by_itself_within_seconds(sqlite_county: County) -> None:
    send(sqlite_county)
    sqlite_county.wait(minutes=10)
    [loop] = overdue.loops(sqlite_county.context)
    stop = Event()
    thread = Thread(target=loop, args=(stop,))
    thread.start()
    for _tenth in range(50):
        if calls(sqlite_county):
            break
        stop.wait(0.1)
    stop.set()
    thread.join()
    assert calls(sqlite_county) == 1


def test_a_demo_that_moves_its_clock_rings_at_the_tenth_minute(sqlite_county: County) -> None:
    clock = ShiftedClock()
    demo = Demo(sqlite_county.database, clock, replace(sqlite_county.context, clock=clock))
    demo_clock.set_back(demo, 1)
    send(sqlite_county, demo.context)
    drain(demo.context)
    due = demo.clock.now() + timedelta(minutes=10)
    demo_clock.move(demo, timedelta(hours=1))
    with sqlite_county.database.read() as session:
        [call] = session.scalars(select(Delivery).where(Delivery.channel == Channel.VOICE)).all()
    assert abs(call.created_at - due) < timedelta(seconds=5)
