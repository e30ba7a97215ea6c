"""Texts by SMPP, against the real message centre of npm ``smpp``."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Reason, SendError
from channels.registry import Line, build_gateways, read_gateways
from farmerline.errors import Misconfigured
from farmerline.messages import Outgoing, ReceiptState
from farmerline.parts import count
from tests.channels.centre import NUMBER, PASSWORD, TABLE, MessageCentre, open_centre, open_line, text, until
from tests.channels.conftest import FARMER, Inside

THROTTLED, FULL, BAD_NUMBER, BAD_PASSWORD = 0x58, 0x14, 0x0B, 0x0E
TEMPORARY = 0x64
LONG = "【慈溪农业】" + "梨园今晚有霜，请在凌晨两点前点烟或喷水防冻；🌾棚内温度不要低于五度。" * 6


def refused(line: Any, message: Outgoing) -> SendError:
    with pytest.raises(SendError) as found:
        line.send(message)
    return found.value


@pytest.mark.parametrize(
    ("words", "coding", "parts"),
    [
        ("Frost tonight: light the smoke at 2 o'clock {ok} [1] €5", 0, 1),
        ("今晚有霜", 8, 1),
        ("好" * 70, 8, 1),
        ("好" * 71, 8, 2),
        ("好" * 66 + "🌾" + "好" * 70, 8, 3),
        ("a" * 160, 0, 1),
        ("a" * 152 + "€" + "a" * 9, 0, 2),
        ("^{}\\[~]|€" * 20, 0, 3),
        (LONG, 8, 4),
    ],
)
def test_a_text_arrives_whole_in_as_many_parts_as_are_counted_and_each_fits(
    centre: MessageCentre, inside: Inside, words: str, coding: int, parts: int
) -> None:
    with open_line(centre, inside.ports()) as line:
        ids = line.send(text(words)).split("\n")
    taken = centre.of("submit")
    assert "".join(one["text"] for one in taken) == words
    assert len(taken) == len(ids) == parts == count(words).parts
    assert all(one["bytes"] <= 140 and one["coding"] == coding for one in taken)
    assert {(one["to"], one["ton"], one["from"], one["receipt"]) for one in taken} == {
        (FARMER[1:], 1, NUMBER, 1)
    }
    if parts > 1:  # one reference for all, numbered from one
        assert [one["udh"][0][:6] for one in taken] == [f"0003{taken[0]['udh'][0][4:6]}"] * parts
        assert [one["udh"][0][6:] for one in taken] == [f"{parts:02x}{n:02x}" for n in range(1, parts + 1)]


def test_a_long_text_can_leave_as_one_payload(centre: MessageCentre, inside: Inside) -> None:
    with open_line(centre, inside.ports(), by_payload=True) as line:
        assert "\n" not in line.send(text(LONG))
        line.send(text("短"))
    long, short = centre.of("submit")
    assert (long["text"], long["payload"], short["text"], short["payload"]) == (LONG, True, "短", False)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (THROTTLED, Reason.THROTTLED),
        (FULL, Reason.QUEUE_FULL),
        (BAD_NUMBER, Reason.BAD_ADDRESS),
        (0xFF, Reason.REFUSED),
    ],
)
def test_a_refusal_has_its_reason_and_the_next_message_goes_through(
    centre: MessageCentre, inside: Inside, status: int, reason: Reason
) -> None:
    centre.mode(refuse=1, status=status)
    with open_line(centre, inside.ports()) as line:
        error = refused(line, text())
        assert (error.reason, error.code) == (reason, f"0x{status:x}")
        assert line.send(text())


def test_what_was_taken_of_a_throttled_long_text_is_not_sent_again(
    centre: MessageCentre, inside: Inside
) -> None:
    with open_line(centre, inside.ports(), window=1) as line:
        centre.mode(swallow=0, refuse=1, status=THROTTLED)
        assert refused(line, text(LONG)).reason is Reason.THROTTLED
        first = centre.count("submit")
        assert first < 4
        ids = line.send(text(LONG)).split("\n")
    taken = centre.of("submit")
    assert len(ids) == len(set(ids)) == 4
    assert len(taken) == 4 + 1, "only the refused part goes twice"
    parts = {one["udh"][0]: one["text"] for one in sorted(taken, key=lambda one: str(one["udh"]))}
    assert "".join(parts.values()) == LONG


def test_no_more_than_the_window_waits_for_answers(centre: MessageCentre, inside: Inside) -> None:
    centre.mode(delay=60)
    with open_line(centre, inside.ports(), window=4) as line, ThreadPoolExecutor(12) as pool:
        started = time.monotonic()
        ids = list(pool.map(lambda n: line.send(text(name=str(n))), range(12)))
        spent = time.monotonic() - started
    assert len(set(ids)) == 12
    assert 0.18 <= spent < 1.5, "three windows of four, not twelve one by one"


def test_the_rate_is_kept_in_parts(centre: MessageCentre, inside: Inside) -> None:
    with open_line(centre, inside.ports(), rate=20.0) as line:
        started = time.monotonic()
        line.send(text(LONG, name="1"))
        line.send(text(LONG, name="2"))
        assert time.monotonic() - started >= (8 - 3) / 20


def test_a_lost_bind_leaves_an_unanswered_message_unknown_and_comes_back(
    centre: MessageCentre, inside: Inside
) -> None:
    centre.mode(swallow=1)
    with open_line(centre, inside.ports()) as line, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(refused, line, text())
        centre.wait("submit")
        centre.do(drop=True)
        assert waiting.result().reason.outcome_unknown
        centre.wait("bind", times=2)
        assert line.send(text())


def test_a_late_answer_is_remembered_and_the_message_not_sent_again(
    centre: MessageCentre, inside: Inside
) -> None:
    centre.mode(delay=350)
    with open_line(centre, inside.ports(), patience=0.2, idle=60) as line:
        assert refused(line, text()).reason is Reason.UNREACHABLE
        until(lambda: line.find(text(), inside.clock.now()) is not None)
        assert line.send(text())
    assert centre.count("submit") == 1


def test_a_killed_centre_is_bound_again_when_it_is_back(inside: Inside) -> None:
    with open_centre() as centre, open_line(centre, inside.ports(), patience=0.3) as line:
        line.send(text())
        centre.kill()
        until(lambda: line.link._socket is None)
        assert refused(line, text()).reason is Reason.UNAVAILABLE
        centre.start()
        until(lambda: centre.count("bind") == 2)
        assert line.send(text())


def test_a_silent_link_is_checked_then_opened_anew(centre: MessageCentre, inside: Inside) -> None:
    with open_line(centre, inside.ports(), idle=0.1, patience=0.2) as line:
        centre.wait("checked", times=2)
        assert centre.count("bind") == 1
        centre.mode(deaf=True)
        centre.wait("closed")
        centre.mode()
        centre.wait("bind", times=2)
        until(lambda: line.link._socket is not None)


def test_a_wrong_password_is_a_wrong_setting(centre: MessageCentre, inside: Inside) -> None:
    with open_line(centre, inside.ports(), password="other") as line:
        until(lambda: line.link._refused != 0)
        error = refused(line, text())
        assert (error.reason, error.code) == (Reason.MISCONFIGURED, f"0x{BAD_PASSWORD:x}")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("tlv", [True, False])
def test_a_receipt_comes_in_before_and_after_the_id(
    centre: MessageCentre, inside: Inside, when: str, tlv: bool
) -> None:
    centre.mode(receipts=when, tlv=tlv)
    with open_line(centre, inside.ports()) as line:
        ref = line.send(text())
        until(lambda: bool(inside.receipts))
    told = inside.receipts[0]
    assert (told.ref, told.state, told.gateway, told.code) == (ref, ReceiptState.DELIVERED, "smpp", "")


@pytest.mark.parametrize(
    ("state", "wanted", "reason"),
    [
        ("UNDELIV", ReceiptState.FAILED, Reason.UNREACHABLE_PHONE),
        ("EXPIRED", ReceiptState.FAILED, Reason.UNREACHABLE_PHONE),
        ("REJECTD", ReceiptState.FAILED, Reason.REFUSED),
        ("ENROUTE", ReceiptState.SENT, None),
    ],
)
def test_a_receipt_says_why_a_text_did_not_arrive(
    centre: MessageCentre, inside: Inside, state: str, wanted: ReceiptState, reason: Reason | None
) -> None:
    centre.mode(receipts="after", receipt=state)
    with open_line(centre, inside.ports()) as line:
        line.send(text())
        until(lambda: bool(inside.receipts))
    told = inside.receipts[0]
    assert (told.state, told.reason, told.code) == (wanted, reason, "005" if reason else "")


def test_a_centre_that_can_be_asked_tells_what_became_of_a_message(
    centre: MessageCentre, inside: Inside
) -> None:
    centre.mode(states={"m7": 2, "m8": 5, "m9": 7})
    with open_line(centre, inside.ports()) as line:
        told = [line.became(ref) for ref in ("m7", "m8", "m9", "m10")]
    assert [(one.ref, one.state, one.reason) if one else None for one in told] == [
        ("m7", ReceiptState.DELIVERED, None), ("m8", ReceiptState.FAILED, Reason.UNREACHABLE_PHONE), None, None,
    ]  # fmt: skip


def test_a_line_of_the_gateways_file_is_a_connection(
    centre: MessageCentre, inside: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CENTRE_PASSWORD", PASSWORD)
    path, line = tmp_path / "gateways.toml", Line("twilio", NUMBER, "https://line.example")
    path.write_text(TABLE.format(port=centre.port))
    gateway = build_gateways(line, tables=read_gateways(path, demo=True, line=line))[0]
    assert (gateway.name, gateway.kind, gateway.rate, gateway.can_find) == ("mobile", "smpp", 500, False)
    assert gateway.probe is not None
    assert gateway.line is not None
    gateway.probe()
    gateway.line.start(inside.ports())
    assert gateway.sender.send(text())
    gateway.line.stop()
    centre.wait("bind", times=2)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("password", '"env:CENTRE_PASSWORD"', "1 to 8 signs"),
        ("number", '"10 69"', "number is wrong"),
        ("long", '"sar"', "long is wrong"),
        ("window", "0", "window is wrong"),
        ("host", '"smsc.example"', "a demo reaches nobody"),
    ],
)
def test_a_wrong_key_stops_the_start_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, value: str, said: str
) -> None:
    monkeypatch.setenv("CENTRE_PASSWORD", "longer than eight" if key == "password" else PASSWORD)
    path, line = tmp_path / "gateways.toml", Line("twilio", NUMBER, "https://line.example")
    kept = [one for one in TABLE.format(port=2775).splitlines() if not one.startswith(f"{key} =")]
    path.write_text("\n".join([*kept, f"{key} = {value}"]))
    with pytest.raises(Misconfigured) as found:
        read_gateways(path, demo=True, line=line)
    assert said in str(found.value)
    assert "\n" not in str(found.value)
