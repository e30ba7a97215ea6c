"""Handsets that pick up by themselves, and callers who hang up in the middle of a sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from twilio.request_validator import RequestValidator

from channels.contract import Reason
from channels.simulator.caller import BadKeys, play
from channels.simulator.carrier import Fault
from channels.simulator.habits import CUTS_SHORT, LISTENS, UNDERSTANDS
from channels.voice.sound import guess_seconds
from farmerline.messages import Ask, Channel, HangUp, Outgoing, ReceiptState, Say, SpokenScript, Turn
from tests.channels.conftest import FARMER, TOKEN, URL, World

WORDS = "植保站橙色情报。早稻二化螟偏重发生，七月五日到九日用药。"
CALL = Outgoing("0" * 31 + "b", Channel.VOICE, FARMER, WORDS)
LENGTH = guess_seconds(WORDS)


def alert(turn: Turn) -> SpokenScript:
    return SpokenScript((Ask("alert:1", (Say(WORDS),), seconds=8),) if not turn.step else (HangUp(),))


def last(world: World) -> str:
    return world.inside.receipts[-1].state.value


@pytest.mark.parametrize(
    ("keys", "digits", "seconds"),
    [(UNDERSTANDS, ["", "1", ""], LENGTH), (LISTENS, ["", "", ""], LENGTH + 8), (CUTS_SHORT, ["", ""], 8)],
)
def test_a_handset_picks_up_and_does_what_it_always_does(
    world: World, keys: str, digits: list[str], seconds: float
) -> None:
    world.inside.script = alert
    world.simulator.habits.give([FARMER], keys)
    world.gateways["voice"].sender.send(CALL)
    world.pump()
    assert last(world) == ReceiptState.RINGING
    world.later(seconds=3)
    assert [turn.digits for turn in world.inside.turns] == digits
    over = world.inside.turns[-1]
    assert over.ended
    assert over.seconds == world.inside.receipts[-1].seconds == round(seconds)
    assert last(world) == ReceiptState.DELIVERED
    world.later(minutes=2)
    assert last(world) == ReceiptState.DELIVERED


def test_hundreds_are_rung_and_answer_in_one_go(world: World) -> None:
    world.inside.script = alert
    numbers = [f"+86139{number:08d}" for number in range(120)]
    world.simulator.habits.give(numbers, UNDERSTANDS)
    for number in numbers:
        world.gateways["voice"].sender.send(replace(CALL, to=number))
    world.pump()
    world.later(seconds=3)
    assert sum(turn.digits == "1" for turn in world.inside.turns) == 120


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.OFF, Reason.UNREACHABLE_PHONE),
        (Fault.BUSY, Reason.BUSY),
        (Fault.NO_ANSWER, Reason.NO_ANSWER),
    ],
)
def test_a_phone_that_is_off_busy_or_left_alone_does_not_pick_up_by_itself(
    world: World, fault: Fault, reason: Reason
) -> None:
    world.simulator.habits.give([FARMER], UNDERSTANDS)
    world.simulator.carrier.set_faults(FARMER, {fault})
    world.gateways["voice"].sender.send(CALL)
    world.pump()
    world.later(seconds=40)
    assert world.inside.receipts[-1].reason is reason
    assert not [turn for turn in world.inside.turns if not turn.ended]


def test_a_habit_that_was_dropped_leaves_the_phone_to_a_hand(world: World) -> None:
    world.simulator.habits.give([FARMER], UNDERSTANDS)
    world.simulator.habits.drop([FARMER])
    assert world.simulator.habits.of(FARMER) is None
    world.gateways["voice"].sender.send(CALL)
    world.pump()
    world.later(seconds=5)
    assert world.simulator.exchange.ringing(FARMER)


def test_a_habit_that_nobody_can_follow_is_refused(world: World) -> None:
    with pytest.raises(BadKeys):
        world.simulator.habits.give([FARMER], "x")


@pytest.mark.parametrize(("keys", "seconds"), [("h3", 3), ("h0.5", 1), ("h99", LENGTH + 8), ("", LENGTH)])
def test_a_caller_hangs_up_so_many_seconds_into_the_words(world: World, keys: str, seconds: float) -> None:
    world.inside.script = alert
    told = play(world.simulator.exchange, FARMER, keys)
    assert told.heard == [WORDS]
    assert world.inside.turns[-1].seconds == pytest.approx(seconds, abs=1)
    assert told.lines[-1].what == "hangs up"


@pytest.mark.parametrize(
    ("status", "sip", "reason"),
    [
        ("busy", "", Reason.BUSY), ("busy", "486", Reason.BUSY), ("busy", "603", Reason.BUSY),
        ("no-answer", "", Reason.NO_ANSWER), ("no-answer", "487", Reason.NO_ANSWER), ("failed", "408", Reason.NO_ANSWER),
        ("failed", "", Reason.UNREACHABLE_PHONE), ("failed", "480", Reason.UNREACHABLE_PHONE),
        ("no-answer", "480", Reason.UNREACHABLE_PHONE), ("failed", "404", Reason.BAD_ADDRESS),
        ("failed", "999", Reason.UNREACHABLE_PHONE),
    ],
)  # fmt: skip
def test_busy_no_answer_and_switched_off_are_told_apart(
    world: World, status: str, sip: str, reason: Reason
) -> None:
    fields = {"CallSid": "CA1", "CallStatus": status, "To": FARMER, "From": "12316", "CallDuration": "0"}
    fields |= {"Direction": "outbound-api"} | ({"SipResponseCode": sip} if sip else {})
    path = f"/hooks/twilio/voice/status?delivery={CALL.id}"
    signature = RequestValidator(TOKEN).compute_signature(URL + path, fields)
    for _ in range(2):  # they come twice
        answer = world.app.test_client().post(path, data=fields, headers={"X-Twilio-Signature": signature})
        assert answer.status_code < 300
    assert {(receipt.state, receipt.reason) for receipt in world.inside.receipts} == {
        (ReceiptState.FAILED, reason)
    }
    assert world.inside.turns == []  # nobody answered: there was no call to speak in


@pytest.mark.parametrize("length", ["", "x", "-1", "999999", "²"])
def test_a_length_that_is_no_number_is_left_out(world: World, length: str) -> None:
    fields = {
        "CallSid": "CA1",
        "CallStatus": "completed",
        "To": "12316",
        "From": FARMER,
        "CallDuration": length,
    }
    path = "/hooks/twilio/voice/status"
    signature = RequestValidator(TOKEN).compute_signature(URL + path, fields)
    answer = world.app.test_client().post(path, data=fields, headers={"X-Twilio-Signature": signature})
    assert answer.status_code < 300
    assert [turn.seconds for turn in world.inside.turns] == [None]


def test_an_answering_machine_is_told_from_a_person(world: World) -> None:
    world.inside.script = alert
    world.simulator.carrier.set_faults(FARMER, {Fault.MACHINE})
    world.gateways["voice"].sender.send(CALL)
    world.later(seconds=3)
    begun, said, *_, over = world.inside.turns
    assert [turn.machine for turn in (said, begun)].count(True) == 1
    assert over.ended
    world.inside.turns.clear()
    world.simulator.carrier.set_faults(FARMER, set())
    world.simulator.habits.give([FARMER], LISTENS)
    world.gateways["voice"].sender.send(CALL)
    world.later(seconds=3)
    assert world.inside.turns
    assert not any(turn.machine for turn in world.inside.turns)
