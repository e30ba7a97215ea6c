"""Calls through the runner, the carrier in a box, the signed webhooks and the real twilio client."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.wrappers import Request, Response

from channels.contract import Reason, SendError
from channels.simulator.caller import BadKeys, pick_up, play
from channels.simulator.carrier import Fault, PhoneSilent
from channels.simulator.habits import Habits
from channels.voice.links import SignedLinks
from channels.voice.program import APOLOGY
from channels.voice.runner import Awaits
from channels.voice.sound import hum, seconds_of
from farmerline.messages import (
    Ask,
    Channel,
    HangUp,
    Outgoing,
    PlayRecording,
    ReceiptState,
    Record,
    Refuse,
    Say,
    SpokenScript,
    Transfer,
    Turn,
)
from tests.channels.conftest import FARMER, MENU, SERVICE, TOKEN, URL, World

DELIVERY = "0" * 31 + "b"
PERSON = "+8613800000009"
CALL = Outgoing(DELIVERY, Channel.VOICE, FARMER, "橙色情报")


def seller(turn: Turn) -> SpokenScript:
    """Sell by key 1, speak, hear it was kept, confirm."""
    if turn.step == "menu" and turn.digits == "1":
        return SpokenScript((Say("请说，说完按井号。"), Record("spoken")))
    if turn.step == "spoken":
        return SpokenScript((Say("记下了。"), Ask("sure", (Say("发布请按1。"),))))
    if turn.step == "sure":
        return SpokenScript((Say("谢谢。"), HangUp()))
    return MENU


@pytest.mark.parametrize("keys", ["1 1", "1 # 1", "1 s # 1", "1 w1 1#"])
def test_a_caller_sells_by_key_and_voice(world: World, keys: str) -> None:
    world.inside.script = seller
    told = play(world.simulator.exchange, FARMER, keys, say="卖翠冠梨三千斤")
    assert told.heard == [
        "您好。",
        "卖请按1，买请按2。",
        "请说，说完按井号。",
        "记下了。",
        "发布请按1。",
        "谢谢。",
    ]
    begun, menu, spoken, sure, over = world.inside.turns
    assert (begun.caller, begun.to, begun.step, begun.digits) == (FARMER, SERVICE, "", "")
    assert (menu.step, menu.digits, spoken.step, sure.digits) == ("menu", "1", "spoken", "1")
    assert spoken.recording
    assert seconds_of(spoken.recording) == pytest.approx(spoken.recording_seconds, abs=1)
    assert over.ended
    assert {turn.call_ref for turn in world.inside.turns} == {told.call}
    assert all(turn.gateway == "voice" for turn in world.inside.turns)


def test_words_that_the_carrier_understands_come_with_how_sure_it_is(world: World) -> None:
    listens = SpokenScript((Ask("said:sell", (Say("请说。"),), speech=True),))
    world.inside.script = lambda turn: SpokenScript((Say("好。"), HangUp())) if turn.said else listens
    told = play(world.simulator.exchange, FARMER, "", say="卖翠冠梨三千斤")
    begun, spoken, _over = world.inside.turns
    assert begun.said == "" and begun.sureness is None
    assert (spoken.step, spoken.said, spoken.sureness) == ("said:sell", "卖翠冠梨三千斤", 0.9)
    assert told.heard == ["请说。", "好。"]
    world.simulator.exchange.dial(FARMER).runner.press("0")
    assert (world.inside.turns[-1].digits, world.inside.turns[-1].said) == ("0", "")


def test_silence_brings_the_menu_again_and_never_hangs_up(world: World) -> None:
    runner = world.simulator.exchange.dial(FARMER).runner
    for _ in range(3):
        world.inside.script = lambda turn: MENU
        heard = runner.wait(60)
        assert [line.text for line in heard][:2] == ["您好。", "卖请按1，买请按2。"]
    assert runner.awaits is Awaits.KEYS
    assert {turn.digits for turn in world.inside.turns} == {""}


def test_a_key_cuts_the_prompt_short(world: World) -> None:
    runner = world.simulator.exchange.dial(FARMER).runner
    runner.press("1", after=0.2)
    assert [line.was_cut for line in runner.lines[:2]] == [True, True]
    assert runner.lines[1].heard == 0


def test_keys_typed_ahead_answer_the_next_question(world: World) -> None:
    world.inside.script = lambda turn: SpokenScript((Ask(turn.step + "x", (Say("再按一个。"),)),))
    world.simulator.exchange.dial(FARMER).runner.press("123")
    assert [turn.digits for turn in world.inside.turns] == ["", "1", "2", "3"]


def test_a_key_typed_ahead_is_heard_before_the_question_and_forgotten_by_a_recording(world: World) -> None:
    world.inside.script = seller
    runner = world.simulator.exchange.dial(FARMER).runner
    runner.press("19")
    runner.speak(hum(2))
    runner.press("#1")
    assert [turn.digits for turn in world.inside.turns] == ["", "1", "", "1", ""]
    asked = [line for line in runner.lines if line.text in ("记下了。", "发布请按1。")]
    assert [line.heard for line in asked] == [0, 0]


@pytest.mark.parametrize(
    ("count", "pressed", "waited", "digits"),
    [
        (0, "330282#", 0, "330282"),
        (4, "1234", 0, "1234"),
        (4, "12", 7, "12"),
        (0, "#", 0, "#"),
        (1, "*", 0, "*"),
        (0, "a1 b2#", 0, "12"),
    ],
)
def test_keys_end_by_count_by_hash_or_by_silence(
    world: World, count: int, pressed: str, waited: int, digits: str
) -> None:
    world.inside.script = lambda turn: SpokenScript((Ask("n", (Say("请按号码。"),), count=count, seconds=6),))
    runner = world.simulator.exchange.dial(FARMER).runner
    runner.press(pressed)
    runner.wait(waited)
    assert world.inside.turns[1].digits == digits
    assert len(world.inside.turns) == 2


def test_a_silent_caller_leaves_an_empty_recording(world: World) -> None:
    world.inside.script = seller
    runner = world.simulator.exchange.dial(FARMER).runner
    runner.press("1")
    runner.wait(6)
    turn = world.inside.turns[-1]
    assert (turn.step, turn.recording, turn.recording_seconds, turn.ended) == ("spoken", b"", 0, False)


def test_who_hangs_up_while_recording_is_heard_all_the_same(world: World) -> None:
    world.inside.script = seller
    runner = world.simulator.exchange.dial(FARMER).runner
    runner.press("1")
    runner.speak(hum(3))
    runner.hang_up()
    spoken, over = world.inside.turns[-2:]
    assert (spoken.step, spoken.recording_seconds, spoken.ended) == ("spoken", 3, True)
    assert spoken.recording
    assert over.ended
    assert runner.awaits is Awaits.NOTHING


def test_a_recording_stops_at_its_longest(world: World) -> None:
    world.inside.script = lambda turn: (
        seller(turn) if turn.step != "menu" else SpokenScript((Record("spoken", 4),))
    )
    runner = world.simulator.exchange.dial(FARMER).runner
    runner.press("1")
    runner.speak(hum(9))
    assert world.inside.turns[-1].recording_seconds == 4


def test_a_kept_recording_is_played_by_a_link_for_the_carrier_only(world: World) -> None:
    world.inside.recordings["r1"] = hum(2)
    world.inside.script = lambda turn: SpokenScript((PlayRecording("r1"), Ask("k")))
    runner = world.simulator.exchange.dial(FARMER).runner
    (line,) = runner.lines
    assert (line.kind, line.seconds) == ("play", 2)
    assert world.simulator.exchange.sounds.get(line.audio) == hum(2)
    client, path = world.app.test_client(), "/hooks/twilio/voice/recording/r1"
    assert client.get(path).status_code == 403
    assert client.get(f"{path}?until=99999999999&mark=forged").status_code == 403
    assert client.get(f"{path}?until=x&mark=%E4%BD%A0").status_code == 403


def test_a_link_to_a_recording_is_good_for_a_short_while(world: World) -> None:
    links, now = SignedLinks("secret", URL), world.inside.clock.now()
    given = dict(parse_qsl(urlsplit(links.make("r1", now)).query))
    assert links.holds("r1", given, now + timedelta(minutes=19))
    assert not links.holds("r1", given, now + timedelta(minutes=21))
    assert not links.holds("r2", given, now)
    assert not SignedLinks("other", URL).holds("r1", given, now)


def test_the_carrier_visits_nobody_but_the_service(world: World) -> None:
    visited: list[str] = []

    @Request.application
    def service(request: Request) -> Response:
        visited.append(request.url)
        return Response(
            "<Response><Redirect>https://elsewhere.example/x</Redirect></Response>", mimetype="text/xml"
        )

    world.simulator.attach(service)
    assert play(world.simulator.exchange, FARMER).heard == [APOLOGY]
    assert {urlsplit(url).netloc for url in visited} == {"line.example"}


def test_a_transfer_ends_in_the_step_after_it(world: World) -> None:
    world.inside.script = lambda turn: SpokenScript(
        (Say("请稍等。"), Transfer(PERSON, "after")) if not turn.step else (Say("没人接。"), HangUp())
    )
    told = play(world.simulator.exchange, FARMER)
    assert [line.text for line in told.lines if line.what == "dial"] == ["no-answer"]
    world.simulator.carrier.set_faults(PERSON, {Fault.PICKS_UP})
    assert [line.text for line in play(world.simulator.exchange, FARMER).lines if line.what == "dial"] == [
        "completed"
    ]


@pytest.mark.parametrize(
    ("habit", "ends", "talked"),
    [
        ("1", "answered", True),
        ("2", "answered", False),
        ("w30", "answered", False),
        (None, "no_answer", False),
    ],
)
def test_who_is_called_is_asked_before_the_two_are_joined(
    world: World, habit: str | None, ends: str, talked: bool
) -> None:
    turns: list[Turn] = []

    def script(turn: Turn) -> SpokenScript:
        turns.append(turn)
        if turn.step == "ask":
            return SpokenScript((Ask("asked", (Say("有人问，接请按1。"),)),))
        if turn.step == "asked":
            return SpokenScript(() if turn.digits == "1" else (HangUp(),))
        return SpokenScript((HangUp(),) if turn.step else (Transfer(PERSON, "after", screen="ask"),))

    world.inside.script = script
    if habit:
        Habits(world.simulator.exchange).give([PERSON], habit)
    told = play(world.simulator.exchange, FARMER)
    (after,) = [turn for turn in turns if turn.step == "after"]
    assert (after.dialled, after.caller) == (ends, FARMER)
    assert (after.dialled_seconds >= 30) is talked
    asked = [turn for turn in turns if turn.step in ("ask", "asked")]
    assert len(asked) == (2 if habit else 0)
    assert {(turn.caller, turn.call_ref == after.call_ref) for turn in asked} <= {(PERSON, False)}
    assert "有人问，接请按1。" not in told.heard


def test_an_inside_that_fails_ends_in_our_own_apology(world: World) -> None:
    world.inside.broken = True
    told = play(world.simulator.exchange, FARMER, "1")
    assert told.heard == [world.line.apology]


def test_a_call_that_finds_no_service_ends_as_the_carrier_ends_it(world: World) -> None:
    world.simulator.attach(Response(status=502))
    told = play(world.simulator.exchange, FARMER, "1")
    assert told.heard == [APOLOGY]
    rows = world.simulator.carrier.store.rows("SELECT code FROM trouble")
    assert {row["code"] for row in rows} == {11200}


def test_a_ring_call_is_rung_answered_heard_and_reported(world: World) -> None:
    voice = world.gateways["voice"].sender
    sid = voice.send(CALL)
    world.pump()
    told = pick_up(world.simulator.exchange, FARMER, "1")
    states = [receipt.state for receipt in world.inside.receipts]
    assert states == [ReceiptState.RINGING, ReceiptState.ANSWERED, ReceiptState.DELIVERED]
    assert {(receipt.ref, receipt.delivery_id) for receipt in world.inside.receipts} == {(sid, DELIVERY)}
    assert world.inside.receipts[-1].seconds == round(told.seconds)
    assert {(turn.caller, turn.to, turn.delivery_id) for turn in world.inside.turns} == {
        (FARMER, SERVICE, DELIVERY)
    }
    assert voice.find(CALL, world.inside.clock.now()) == sid


@pytest.mark.parametrize(
    ("fault", "reason", "code"),
    [
        (Fault.OFF, Reason.UNREACHABLE_PHONE, "480"),
        (Fault.BUSY, Reason.BUSY, "486"),
        (Fault.NO_ANSWER, Reason.NO_ANSWER, ""),
    ],
)
def test_a_ring_call_that_is_not_taken_says_why(
    world: World, fault: Fault, reason: Reason, code: str
) -> None:
    world.simulator.carrier.set_faults(FARMER, {fault})
    world.gateways["voice"].sender.send(CALL)
    world.pump()
    world.later(seconds=31)
    last = world.inside.receipts[-1]
    assert (last.state, last.reason, last.code) == (ReceiptState.FAILED, reason, code)


def test_who_puts_the_receiver_down_early_has_not_heard_the_end(world: World) -> None:
    world.inside.script = lambda turn: SpokenScript((Ask("heard", (Say("植保站橙色情报。" * 10),)),))
    world.gateways["voice"].sender.send(CALL)
    world.pump()
    world.simulator.exchange.answer(FARMER).runner.hang_up(after=3)
    assert world.inside.receipts[-1].seconds == 3


def test_a_handset_in_a_call_is_busy(world: World) -> None:
    world.simulator.exchange.dial(FARMER)
    with pytest.raises(PhoneSilent):
        world.simulator.exchange.dial(FARMER)
    world.gateways["voice"].sender.send(CALL)
    world.pump()
    assert world.inside.receipts[-1].reason is Reason.BUSY


def test_a_call_to_a_wrong_number_is_refused(world: World) -> None:
    with pytest.raises(SendError) as refused:
        world.gateways["voice"].sender.send(replace(CALL, to="12"))
    assert refused.value.reason is Reason.BAD_ADDRESS


@pytest.mark.parametrize("keys", ["x", "1,2", "w", "w1w"])
def test_keys_that_cannot_be_pressed_are_refused_before_the_call(world: World, keys: str) -> None:
    with pytest.raises(BadKeys):
        play(world.simulator.exchange, FARMER, keys)
    assert not world.inside.turns


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"CallSid": "CA1", "From": FARMER}, 200), ({"From": FARMER}, 400), ({"CallSid": "CA1"}, 400)],
)
def test_a_turn_needs_a_call_and_a_caller(world: World, fields: dict[str, str], status: int) -> None:
    url = f"{URL}/hooks/twilio/voice/turn?step=menu"
    headers = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, fields)}
    client = world.app.test_client()
    assert (
        client.post("/hooks/twilio/voice/turn?step=menu", data=fields, headers=headers).status_code == status
    )
    assert client.post("/hooks/twilio/voice/turn?step=menu", data=fields).status_code == 403


def turn_with_recording(world: World, sid: str, query: str = "") -> str:
    fields = {"CallSid": "CA1", "From": FARMER, "RecordingDuration": "3", "Digits": "#"}
    fields |= {"RecordingSid": sid, "RecordingUrl": "http://127.0.0.1:1/steal"}
    url = f"{URL}/hooks/twilio/voice/turn?step=spoken{query}"
    headers = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, fields)}
    answer = world.app.test_client().post(url.removeprefix(URL), data=fields, headers=headers)
    assert answer.status_code == 200
    return answer.text


def test_a_recording_that_is_not_written_yet_is_asked_for_again(world: World) -> None:
    markup = turn_with_recording(world, "RE" + "1" * 32)
    assert '<Pause length="2" />' in markup
    assert "recording=RE" + "1" * 32 in markup
    assert not world.inside.turns
    turn_with_recording(world, "RE" + "1" * 32, "&tried=4")
    (turn,) = world.inside.turns
    assert (turn.recording, turn.recording_seconds) == (None, 3)


def test_an_address_in_a_webhook_is_never_followed(world: World) -> None:
    turn_with_recording(world, "../../secret")
    (turn,) = world.inside.turns
    assert turn.recording is None


def test_a_recording_of_nothing_is_no_recording(world: World) -> None:
    store, sid = world.simulator.carrier.store, "RE" + "2" * 32
    store.run("INSERT INTO recording VALUES (?, 'CA1', 0, ?, '')", sid, hum(0))
    assert len(hum(0)) == 44
    turn_with_recording(world, sid)
    assert world.inside.turns[0].recording == b""


def test_a_call_that_is_refused_is_never_answered(world: World) -> None:
    world.inside.script = lambda turn: SpokenScript((Refuse(),))
    told = play(world.simulator.exchange, FARMER, to="+8657400002170")
    assert [(line.what, line.text) for line in told.lines] == [("tone", "busy")]
    assert [turn.to for turn in world.inside.turns] == ["+8657400002170"]
