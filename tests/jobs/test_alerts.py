"""Alerts in real time: what is made void stops leaving within seconds, also from a batch that is on its way. (A-04)"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from channels.contract import Gateway
from farmerline.clock import ShiftedClock
from farmerline.domain import alert_control
from farmerline.messages import Channel, Outgoing
from farmerline.models import Colour, DeliveryState
from jobs import alerts, deliver
from tests import factories
from tests.domain.alerting import Bureau, open_bureau
from tests.factories import NOW
from tests.jobs.carrier import Carrier


class SlowCarrier(Carrier):
    """Takes a fifth of a second for each message."""

    def send(self, message: Outgoing) -> str:
        time.sleep(0.2)
        return super().send(message)


@contextmanager
def going(bureau: Bureau, carrier: Carrier) -> Iterator[None]:
    """The jobs' own loops at work, by a clock that goes."""
    clock = ShiftedClock()
    clock.offset = bureau.now - clock.now()
    gateways = [
        Gateway(name, Channel(name), carrier if name == "sms" else Carrier(), 50.0, "")
        for name in ("sms", "voice", "mailbox")
    ]
    bureau.county.context = replace(bureau.county.context, clock=clock, gateways=tuple(gateways))
    bureau.county.clock = clock  # type: ignore[assignment]
    stop = Event()
    loops = [*deliver.loops(bureau.county.context), *alerts.loops(bureau.county.context)]
    threads = [Thread(target=loop, args=(stop,)) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


_MAY_LEAVE = (DeliveryState.QUEUED, DeliveryState.SENDING)


def wait_for(what: Any, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.05)
    assert what()


@pytest.mark.parametrize("act", ["cancel", "pause"])
def test_what_is_made_void_or_halted_stops_within_five_seconds(
    database_url: str, tmp_path: Path, act: str
) -> None:
    assert NOW.tzinfo is not None
    with open_bureau(database_url, tmp_path) as bureau:
        with bureau.county.database.write() as session:
            for number in range(120):
                name = f"杨{'甲乙丙丁戊己庚辛壬癸'[number % 10]}"
                factories.make_account(session, name, now=bureau.now - timedelta(days=1))
        alert = bureau.draft(colour=Colour.YELLOW)
        bureau.submit(alert)
        bureau.sign(alert)
        carrier = SlowCarrier()
        with going(bureau, carrier):
            wait_for(lambda: len(carrier.taken) >= 5)
            actor = bureau.actor(bureau.officer)
            if act == "cancel":
                bureau.do(alert_control.cancel, alert, actor=actor, settings=bureau.settings)
            else:
                bureau.do(alert_control.pause, alert, actor=actor)
            pressed, parent = time.monotonic(), {row.id for row in bureau.messages(alert)}

            def left() -> int:
                return sum(one.id in parent for one in list(carrier.taken))

            def waiting() -> list[DeliveryState]:
                return [row.state for row in bureau.messages(alert) if row.state in _MAY_LEAVE]

            wait_for(lambda: not waiting(), seconds=pressed + 5 - time.monotonic())
            seen = left()
            time.sleep(1.5)  # nothing is left that could leave: nothing does
            assert left() == seen < 60
            states = {row.state for row in bureau.messages(alert, channel="sms") if row.sent_at is None}
            assert states == {DeliveryState.CANCELLED if act == "cancel" else DeliveryState.HELD}
        assert timedelta() < bureau.now - NOW
