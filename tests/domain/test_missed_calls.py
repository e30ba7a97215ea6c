"""The number that is only rung: refused at no cost, rung back at once, and not as a tool against others."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from farmerline.domain import calls, second_channel
from farmerline.ids import new_id
from farmerline.messages import HangUp, Refuse, Turn
from farmerline.models import Delivery, MissedCall, Priority
from tests.domain.talking import Village, open_village, read

RUNG = "+8657400002170"
FARMER = "+8613800000001"


@pytest.fixture
def open_line(database_url: str, tmp_path: Path) -> Iterator[Village]:
    with open_village(database_url, tmp_path, missed_call_number=RUNG, missed_calls_an_hour=3) as village:
        yield village


def ring_only(village: Village, caller: str = FARMER, to: str = RUNG) -> bool:
    """Whether the call was refused."""
    heard = Turn(gateway="voice", call_ref=new_id(), caller=caller, to=to, at=village.now)
    script = village.do(calls.turn, heard=heard, understand=read, settings=village.settings)
    return script.steps == (Refuse(),)


def test_who_only_rings_is_rung_back_and_hears_what_a_caller_hears(open_line: Village) -> None:
    caller = open_line.person(phone=FARMER)
    assert ring_only(open_line)
    (promised,) = open_line.all(Delivery)
    assert (promised.address, promised.priority, promised.due_at) == (FARMER, Priority.URGENT, open_line.now)
    line = open_line.ring(caller, delivery_id=promised.id)
    assert "要卖东西请按1" in line.words
    assert "听病虫情报请按1" in line.press("5")
    assert "请说卖什么" in line.press("*", "1")


def test_a_phone_is_rung_back_once_an_hour_and_all_phones_only_so_often(open_line: Village) -> None:
    for seconds in (0, 1, 3500):
        open_line.wait(seconds=seconds)
        assert ring_only(open_line)
    assert open_line.count(MissedCall) == 1
    open_line.wait(minutes=3)
    assert ring_only(open_line)
    assert open_line.count(MissedCall) == 2
    for last in range(2, 6):
        assert ring_only(open_line, f"+861380000000{last}")
    assert open_line.count(MissedCall) == 4  # the first is over an hour old


def test_a_phone_that_rings_twice_at_once_is_rung_back_once(open_line: Village) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: ring_only(open_line), range(4)))
    assert open_line.count(MissedCall) == 1


@pytest.mark.parametrize("caller", ["", "anonymous", "+882161234567", "+19005550100", "+86", "12316"])
def test_a_number_of_no_use_or_of_abroad_is_refused_and_not_rung_back(
    open_line: Village, caller: str
) -> None:
    assert ring_only(open_line, caller)
    assert open_line.count(Delivery) == 0


def test_the_lines_own_number_is_answered(open_line: Village) -> None:
    assert not ring_only(open_line, to="+8657400002169")
    assert not open_line.settings.model_copy(update={"missed_call_number": ""}).missed_call_number
    assert open_line.count(MissedCall) == 0


def test_a_ring_back_that_nobody_takes_is_not_texted(open_line: Village) -> None:
    assert ring_only(open_line)
    (promised,) = open_line.all(Delivery)
    with open_line.session() as session:
        assert second_channel.text_instead(session, session.merge(promised), now=open_line.now) is None
    assert open_line.count(Delivery) == 1


def test_a_machine_that_is_rung_back_hears_nothing_more(open_line: Village) -> None:
    assert ring_only(open_line)
    line = open_line.ring(FARMER, delivery_id=open_line.all(Delivery)[0].id)
    line.machine()
    line.silence()
    assert [type(step) for step in line.script.steps] == [HangUp]
