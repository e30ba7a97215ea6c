"""An alert rung out for real: the service, its signed webhooks, the simulated carrier, phones that answer or do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.registry import Simulator
from channels.simulator.caller import play
from channels.simulator.carrier import Fault
from channels.simulator.habits import CUTS_SHORT, LISTENS, UNDERSTANDS
from farmerline.app import create_app
from farmerline.models import Account, Alert, Colour, Settled
from farmerline.runtime import Runtime
from tests.domain.alerting import FIELDS, Bureau, open_bureau

LONG = FIELDS.voice_text * 2  # about a quarter of a minute


@pytest.fixture
def bureau(database_url: str, tmp_path: Path) -> Iterator[Bureau]:
    with open_bureau(database_url, tmp_path) as made:
        yield made


@pytest.fixture
def runtime(bureau: Bureau) -> Runtime:
    made = Runtime(settings=bureau.settings, database=bureau.county.database, clock=bureau.county.clock)
    made.prepare()
    create_app(made)
    return made


def carrier(runtime: Runtime) -> Simulator:
    assert runtime.simulator is not None
    return runtime.simulator


def later(bureau: Bureau, runtime: Runtime, *, minutes: int) -> None:
    """Let time pass, half a minute at a time."""
    for _ in range(2 * minutes):
        bureau.step()
        runtime.settle()
        bureau.wait(seconds=30)
    bureau.step()
    runtime.settle()


def rung(bureau: Bureau, alert: Alert, person: Account) -> list[tuple[str, str]]:
    return [(row.state.value, row.reason) for row in bureau.messages(alert, person, "voice")]


def test_each_phone_of_a_red_alert_ends_as_what_happened_there(bureau: Bureau, runtime: Runtime) -> None:
    """M04: rang, answered, heard to the end, confirmed; busy, no answer and switched off told apart."""
    people = {name: bureau.person(f"{name}一") for name in ("懂", "听", "挂", "关", "忙", "空")}
    habits, handsets = carrier(runtime).habits, carrier(runtime).carrier
    for name, keys in (("懂", UNDERSTANDS), ("听", LISTENS), ("挂", CUTS_SHORT)):
        habits.give([str(people[name].phone)], keys)
    for name, fault in (("关", Fault.OFF), ("忙", Fault.BUSY), ("空", Fault.NO_ANSWER)):
        handsets.set_faults(str(people[name].phone), {fault})
    alert = bureau.issue(colour=Colour.RED, voice_text=LONG)
    later(bureau, runtime, minutes=1)
    rows = {name: bureau.reach(alert, person) for name, person in people.items()}
    assert {name: row.settled for name, row in rows.items()} == {
        "懂": Settled.KEY, "听": Settled.HEARD, "挂": Settled.OPEN, "关": Settled.OPEN, "忙": Settled.OPEN,
        "空": Settled.OPEN,
    }  # fmt: skip
    assert rows["挂"].heard_seconds == 8
    assert {name: rung(bureau, alert, person)[0] for name, person in people.items()} == {
        "懂": ("delivered", ""), "听": ("delivered", ""), "挂": ("delivered", ""),
        "关": ("failed", "unreachable_phone"), "忙": ("failed", "busy"), "空": ("failed", "no_answer"),
    }  # fmt: skip
    later(bureau, runtime, minutes=11)
    calls = {name: len(rung(bureau, alert, person)) for name, person in people.items()}
    assert calls == {"懂": 1, "听": 1, "挂": 4, "关": 4, "忙": 4, "空": 4}
    assert not [
        row for row in bureau.called(people["空"]) if row.channel == "sms"
    ]  # no text in a call's place


def test_who_rings_back_by_themselves_is_told_first_and_not_rung_again(
    bureau: Bureau, runtime: Runtime
) -> None:
    farmer = bureau.person()
    carrier(runtime).carrier.set_faults(str(farmer.phone), {Fault.NO_ANSWER})
    alert = bureau.issue(colour=Colour.RED, voice_text=LONG)
    later(bureau, runtime, minutes=1)
    told = play(carrier(runtime).exchange, str(farmer.phone), "h15")
    assert told.heard[0].startswith("早稻有稻飞虱")
    assert "要卖东西请按1。" not in told.heard
    row = bureau.reach(alert, farmer)
    assert (row.settled, row.settled_at) == (Settled.HEARD, bureau.now)
    later(bureau, runtime, minutes=11)
    assert len(rung(bureau, alert, farmer)) == 1
    assert play(carrier(runtime).exchange, str(farmer.phone)).heard[2] == "要卖东西请按1。"
