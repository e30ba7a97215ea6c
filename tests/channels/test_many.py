"""Many at once: texts and calls from many handsets while the carrier's own thread runs too."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from channels.dialect.callbook import Ring
from channels.simulator.caller import follow, play
from channels.simulator.carrier import PhoneSilent
from channels.simulator.pumper import Pumper
from tests.channels.conftest import FARMER, World


def test_forty_calls_at_once_each_hear_their_own_menu(world: World) -> None:
    with ThreadPoolExecutor(20) as people:
        told = list(
            people.map(lambda n: play(world.simulator.exchange, f"+86138000010{n:02}", "1"), range(40))
        )
    assert {tuple(one.heard) for one in told} == {("您好。", "卖请按1，买请按2。")}
    assert sorted(turn.caller for turn in world.inside.turns if turn.digits) == [
        f"+86138000010{n:02}" for n in range(40)
    ]


def test_two_hundred_handsets_are_in_a_call_at_once(world: World) -> None:
    """More than are remembered after their end: those that are still in a call, or only just hang up, stay known."""
    exchange, connected = world.simulator.exchange, threading.Barrier(200)

    def ring(n: int) -> bool:
        live = exchange.dial(f"+8613800003{n:03}")
        connected.wait(60)
        was_in_call = exchange.in_call(live.number) is live
        return was_in_call and len(follow(exchange, live, ["1"], "").heard) == 2

    with ThreadPoolExecutor(200) as people:
        assert all(people.map(ring, range(200)))


def test_texts_from_many_handsets_arrive_once_each(world: World) -> None:
    carrier, pumper = world.simulator.carrier, Pumper(world.simulator.exchange, every=0.01)
    pumper.start()

    def send(n: int) -> None:
        carrier.text_in(f"+86138000020{n % 20:02}", f"卖梨{n}斤")
        carrier.pump()

    try:
        with ThreadPoolExecutor(8) as people:
            list(people.map(send, range(200)))
    finally:
        pumper.stop()
    carrier.pump()
    assert sorted(world.inside.words) == sorted(f"卖梨{n}斤" for n in range(200))


def test_one_handset_cannot_dial_twice_at_once(world: World) -> None:
    def dial(_: int) -> bool:
        try:
            world.simulator.exchange.dial(FARMER)
        except PhoneSilent:
            return False
        return True

    with ThreadPoolExecutor(8) as hands:
        assert sum(hands.map(dial, range(8))) == 1


def test_of_two_hands_that_pick_up_one_has_the_call(world: World) -> None:
    ring = Ring(FARMER, f"{world.line.public_url}/hooks/twilio/voice/outbound", wait_seconds=30)
    sid = world.simulator.exchange.place(ring)
    world.pump()
    assert world.simulator.exchange.answer(FARMER).sid == sid
    with pytest.raises(PhoneSilent):
        world.simulator.exchange.answer(FARMER)
