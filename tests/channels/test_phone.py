"""The village phone in the browser, and the doors by which a running service is texted and rung."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import quote

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient

from channels.dialect.numbers import NoNumber, international
from channels.simulator.carrier import Fault, Trouble
from channels.simulator.pumper import Pumper
from channels.simulator.texting import shown_since
from channels.voice.sound import hum, seconds_of
from farmerline.messages import Channel, Outgoing, Record, Say, SpokenScript
from farmerline.words import sentences
from tests.channels.conftest import FARMER, World

BASE = f"/phone/{quote(FARMER)}"
CALL = Outgoing("0" * 31 + "c", Channel.VOICE, FARMER, "情报")


@pytest.fixture
def browser(phones: Flask) -> FlaskClient:
    return phones.test_client()


def look(browser: FlaskClient, path: str = "/phone") -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.text


def do(browser: FlaskClient, path: str, **fields: object) -> str:
    """Press a button and see the page that follows."""
    answer = browser.post(path, data=fields, content_type="multipart/form-data")
    assert answer.status_code == 303, path
    return look(browser, answer.headers["Location"])


def test_a_text_is_sent_and_its_answer_shown_on_the_same_phone(browser: FlaskClient) -> None:
    assert "还没拿出手机" in look(browser)
    assert "杨永根" in do(browser, "/phone/open", number="138 0000 0001", name="杨永根")
    page = do(browser, f"{BASE}/text", body="卖葡萄苗 <b>")
    assert '<div class="bub up">卖葡萄苗 &lt;b&gt;</div>' in page
    assert '<div class="bub">记下:卖葡萄苗 &lt;b&gt;</div>' in page


def test_the_page_is_whole_without_script_in_both_languages(browser: FlaskClient) -> None:
    do(browser, "/phone/open", number=FARMER)
    do(browser, f"{BASE}/dial")
    for path in ("/phone", "/phone?lang=en"):
        page = look(browser, path)
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(page)
        assert [fault for fault in parser.errors if fault[1] != "expected-doctype-but-got-chars"] == []
        assert not re.search(r"<script>|style=|\son\w+=", page)
        assert page.count("<form") == page.count('value="mark-of-our-forms"')
    assert "Put the receiver down" in page
    used = re.findall(
        r'_\("([^"]+)"', (Path("channels/simulator/templates/village_phones.html")).read_text("utf-8")
    )
    assert [words for words in used if words not in sentences()] == []


def test_a_call_is_dialled_keyed_and_ended_in_the_browser(browser: FlaskClient, world: World) -> None:
    do(browser, "/phone/open", number=FARMER)
    page = do(browser, f"{BASE}/dial")
    assert '<p class="said">卖请按1，买请按2。</p>' in page
    assert 'value="#"' in page
    assert "电话已挂断" in do(browser, f"{BASE}/keys", key="1")
    assert [turn.digits for turn in world.inside.turns] == ["", "1", ""]
    do(browser, f"{BASE}/dial")
    do(browser, f"{BASE}/hangup", after="1.5")
    assert world.simulator.exchange.last_call(FARMER).runner.seconds == pytest.approx(1.5)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fields", "note", "recorded"),
    [
        ({"words": "卖梨三千斤"}, "", True),
        ({"sound": (BytesIO(hum(2)), "spoken.wav")}, "", True),
        ({"sound": (BytesIO(b"not a sound at all" * 9), "spoken.wav")}, "这段录音听不了", None),
        ({"sound": (BytesIO(hum(0)), "spoken.wav")}, "", False),
        ({}, "", False),
    ],
)
def test_words_or_the_microphone_fill_a_recording(
    browser: FlaskClient, world: World, fields: dict[str, object], note: str, recorded: bool | None
) -> None:
    world.inside.script = lambda turn: SpokenScript(
        (Say("请说。"), Record("spoken")) if not turn.step else (Say("好。"),)
    )
    do(browser, "/phone/open", number=FARMER)
    assert 'enctype="multipart/form-data"' in do(browser, f"{BASE}/dial")
    assert note in do(browser, f"{BASE}/speak", **fields)
    if recorded is None:
        assert len(world.inside.turns) == 1
    else:
        assert bool(world.inside.turns[1].recording) is recorded


def test_a_ringing_phone_can_be_answered_or_left(browser: FlaskClient, world: World) -> None:
    do(browser, "/phone/open", number=FARMER)
    voice = world.gateways["voice"].sender
    voice.send(CALL)
    assert "电话响了" in look(browser)
    assert "通话中" in do(browser, f"{BASE}/answer")
    do(browser, f"{BASE}/hangup")
    assert "已经不响了" in do(browser, f"{BASE}/answer")
    voice.send(CALL)
    assert "电话响了" in look(browser)
    assert "电话响了" not in do(browser, f"{BASE}/decline")


def test_faults_are_set_on_a_phone_and_on_the_carrier(browser: FlaskClient, world: World) -> None:
    do(browser, "/phone/open", number=FARMER)
    page = do(browser, f"{BASE}/faults", fault=["off", "nonsense"], blocked="1")
    assert 'value="off" checked' in page
    assert world.simulator.carrier.faults(FARMER) == {Fault.OFF}
    assert "这部手机关机了" in do(browser, f"{BASE}/text", body="在吗")
    assert 'value="down" checked' in do(browser, "/phone/network", trouble="down")
    assert world.simulator.carrier.store.network()[Trouble.DOWN] == 1


def test_the_clock_moves_and_says_what_ran(browser: FlaskClient, world: World) -> None:
    before = world.inside.clock.now()
    page = do(browser, "/phone/clock", step="3d")
    assert world.inside.clock.now() - before == timedelta(days=3)
    assert "moved 3 days" in page
    assert "10-15 09:46" in page
    assert browser.post("/phone/clock", data={"step": "9y"}).status_code == 404


def test_a_fifth_phone_puts_the_first_away(browser: FlaskClient) -> None:
    for end in range(1, 6):
        page = do(browser, "/phone/open", number=f"1380000000{end}")
    assert [number in page for number in ("+8613800000001", "+8613800000002", "+8613800000005")] == [
        False,
        True,
        True,
    ]
    assert "+8613800000005" not in do(browser, f"/phone/{quote('+8613800000005')}/close")


@pytest.mark.parametrize(
    ("path", "fields", "note"),
    [
        ("/phone/open", {"number": "../etc"}, "这不是电话号码"),
        ("/phone/xyz/text", {"body": "x"}, "这不是电话号码"),
        (f"{BASE}/text", {"body": " "}, "先写点什么"),
        (f"{BASE}/text", {"body": "好" * 1601}, "1600"),
        (f"{BASE}/keys", {"key": "1"}, "已经不响了"),
    ],
)
def test_a_wrong_act_is_told_in_a_sentence(
    browser: FlaskClient, path: str, fields: dict[str, str], note: str
) -> None:
    do(browser, "/phone/open", number=FARMER)
    assert note in do(browser, path, **fields)


def test_what_is_spoken_can_be_listened_to(browser: FlaskClient, world: World) -> None:
    class Humming:
        def speak(self, text: str, language: str, slow: bool) -> bytes | None:
            return hum(2)

    world.simulator.exchange.sounds.voice = Humming()
    do(browser, "/phone/open", number=FARMER)
    (address,) = set(re.findall(r'src="(/phone/sound/[^"]+)"', do(browser, f"{BASE}/dial")))
    assert seconds_of(browser.get(address).data) == 4  # both sentences of the menu, as one sound
    assert browser.get("/phone/sound/absent").status_code == 404
    assert browser.get("/phone/phone.js").mimetype == "text/javascript"


def test_news_changes_the_pulse(browser: FlaskClient, world: World) -> None:
    before = browser.get("/phone/pulse").text
    world.gateways["sms"].sender.send(Outgoing("0" * 32, Channel.SMS, FARMER, "好"))
    assert browser.get("/phone/pulse").text != before
    assert 'data-changes="' + browser.get("/phone/pulse").text + '"' in look(browser)


def test_a_running_service_is_texted_and_rung_by_json(browser: FlaskClient) -> None:
    told = browser.post("/sim/api/sms", json={"from": "13800000001", "text": "卖梨"}).json
    assert told
    assert [text["text"] for text in told["texts"]] == ["记下:卖梨"]
    told = browser.post("/sim/api/dial", json={"from": FARMER, "keys": "w1 2"}).json
    assert told
    assert [line["what"] for line in told["lines"]] == ["say", "say", "waits", "presses"]
    assert told["seconds"] > 1


@pytest.mark.parametrize(
    ("path", "asked", "status", "error"),
    [
        ("sms", {"from": "x", "text": "a"}, 400, "number"),
        ("sms", {"from": FARMER}, 400, "missing text"),
        ("sms", {"from": FARMER, "text": 5}, 400, "json"),
        ("sms", ["x"], 400, "json"),
        ("dial", {"from": FARMER, "keys": "zz"}, 400, "keys"),
        ("answer", {"from": FARMER}, 409, "not_ringing"),
    ],
)
def test_a_wrong_request_is_told_by_a_code(
    browser: FlaskClient, path: str, asked: object, status: int, error: str
) -> None:
    answer = browser.post(f"/sim/api/{path}", json=asked)
    assert (answer.status_code, answer.json and answer.json["error"]) == (status, error)
    assert browser.post(f"/sim/api/{path}", data={"from": FARMER}).status_code == 415


def test_a_call_to_a_handset_is_answered_by_json(browser: FlaskClient, world: World) -> None:
    world.gateways["voice"].sender.send(CALL)
    told = browser.post("/sim/api/answer", json={"from": FARMER, "keys": "1"}).json
    assert told
    assert [line["text"] for line in told["lines"]][:2] == ["您好。", "卖请按1，买请按2。"]


def test_every_door_of_the_demo_says_so(browser: FlaskClient, world: World) -> None:
    doors = {name: getattr(view, "allowed", None) for name, view in world.app.view_functions.items()}
    assert {name for name, who in doors.items() if who is None} == {"static"}
    assert {who for name, who in doors.items() if name.startswith(("phone.", "handset_api."))} == {"demo"}


@pytest.mark.parametrize(
    ("dialled", "number"),
    [
        ("13800000001", "+8613800000001"),
        ("138-0000 0001", "+8613800000001"),
        ("+8613800000001", "+8613800000001"),
        ("0574-0000-2169", "+8657400002169"),
        ("12316", "12316"),
    ],
)
def test_numbers_are_understood_as_dialled(dialled: str, number: str) -> None:
    assert international(dialled) == number


@pytest.mark.parametrize("dialled", ["", "1", "+", "老杨", "1380000000１x", "+0123456789", "9" * 20])
def test_what_is_no_number_is_refused(dialled: str) -> None:
    with pytest.raises(NoNumber):
        international(dialled)


def test_the_carrier_keeps_going_by_itself(world: World) -> None:
    pumper = Pumper(world.simulator.exchange, every=0.02)
    pumper.start()
    try:
        world.gateways["sms"].sender.send(Outgoing("0" * 32, Channel.SMS, FARMER, "好"))
        until = monotonic() + 5
        while not shown_since(world.simulator.carrier, FARMER, 0) and monotonic() < until:
            sleep(0.02)
    finally:
        pumper.stop()
    assert shown_since(world.simulator.carrier, FARMER, 0)


def test_calls_of_a_process_that_died_are_over(world: World) -> None:
    live = world.simulator.exchange.dial(FARMER)
    world.simulator.exchange.live.clear()
    world.simulator.exchange.end_lost()
    row = world.simulator.carrier.store.row("SELECT status FROM call WHERE sid = ?", live.sid)
    assert row
    assert row["status"] == "completed"
