"""Texts by SMPP, against the real message centre of npm ``smpp``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from channels.contract import Reason, SendError
from farmerline.clock import FixedClock
from farmerline.messages import Channel, Outgoing, Piece, ReceiptState
from farmerline.parts import count
from tests.channels.centre import NUMBER, MessageCentre, open_centre, open_line
from tests.channels.conftest import FARMER, Inside

THROTTLED, FULL, BAD_NUMBER, BAD_PASSWORD = 0x58, 0x14, 0x0B, 0x0E
TEMPORARY = 0x64
LONG = "【慈溪农业】" + "梨园今晚有霜，请在凌晨两点前点烟或喷水防冻；🌾棚内温度不要低于五度。" * 6


@pytest.fixture(scope="module")
def running() -> Iterator[MessageCentre]:
    with open_centre() as centre:
        yield centre


@pytest.fixture
def centre(running: MessageCentre) -> MessageCentre:
    """The centre with nothing said yet."""
    running.told.clear()
    running.mode()
    return running


@pytest.fixture
def inside() -> Inside:
    return Inside(FixedClock(datetime(2026, 10, 12, 1, 46, tzinfo=UTC)))


def text(words: str = "您好", to: str = FARMER, name: str = "1") -> Outgoing:
    return Outgoing(name.rjust(32, "0"), Channel.SMS, to, words)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 8
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


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
    centre.mode(delay=500)
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
    with open_line(centre, inside.ports(), idle=0.2, patience=0.4) as line:
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


def deliver(centre: MessageCentre, data: bytes, *, coding: int = 8, esm: int = 0, **more: Any) -> int:
    """Let the centre bring a text; the status it was answered with."""
    answers = centre.count("answer")
    fields = {
        "source_addr": "13800000001",
        "destination_addr": NUMBER,
        "data_coding": coding,
        "esm_class": esm,
    }
    centre.do(deliver={**fields, "hex": data.hex(), **more})
    return int(centre.wait("answer", times=answers + 1)["answer"])


@pytest.mark.parametrize(
    ("data", "coding", "words"),
    [
        ("卖梨500斤".encode("utf-16-be"), 8, "卖梨500斤"),
        (b"TD", 0, "TD"),
        (b"\x1b\x65 \x00 \x7f", 0, "€ @ à"),
        (b"sell", 1, "sell"),
        ("vendé".encode("latin-1"), 3, "vendé"),
        ("卖梨".encode(), 4, "卖梨"),
        (b"\x4e", 8, "\ufffd"),  # half a sign
        (b"\xd8\x00\x00\x00", 8, "\ufffd"),
        (b"\xff\x80\x1b", 0, "\ufffd\ufffd"),
    ],
)
def test_a_text_is_read_in_its_alphabet_whatever_its_bytes(
    centre: MessageCentre, inside: Inside, data: bytes, coding: int, words: str
) -> None:
    with open_line(centre, inside.ports()):
        assert deliver(centre, data, coding=coding) == 0
    (got,) = inside.accepted.values()
    assert (got.text, got.sender, got.to, got.gateway) == (words, "+8613800000001", NUMBER, "smpp")
    assert data.hex() in got.raw


def header(number: int, total: int = 3, reference: int = 7) -> bytes:
    return bytes((5, 0, 3, reference, total, number))


def test_pieces_of_a_text_are_handed_in_as_pieces_and_one_that_comes_twice_has_one_name(
    centre: MessageCentre, inside: Inside
) -> None:
    with open_line(centre, inside.ports()):
        for number in (3, 1, 3, 2):
            deliver(centre, header(number) + f"第{number}段".encode("utf-16-be"), esm=0x40)
        deliver(
            centre, "末段".encode("utf-16-be"), sar_msg_ref_num=9, sar_total_segments=2, sar_segment_seqnum=2
        )
    got = list(inside.accepted.values())
    assert [(one.text, one.piece) for one in got] == [
        ("第3段", Piece("u7", 3, 3)), ("第1段", Piece("u7", 1, 3)), ("第2段", Piece("u7", 2, 3)), ("末段", Piece("s9", 2, 2)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "head", [b"\xff", b"\x05\x00\x03\x07\x00\x00", b"\x05\x00\x03\x07\x02\x05", b"\x05\x00\xff\x07\x02\x01"]
)
def test_a_header_that_makes_no_sense_joins_nothing(
    centre: MessageCentre, inside: Inside, head: bytes
) -> None:
    with open_line(centre, inside.ports()):
        assert deliver(centre, head + "梨".encode("utf-16-be"), esm=0x40) == 0
    assert [one.piece for one in inside.accepted.values()] == [None]


def test_what_could_not_be_put_on_record_is_sent_again_by_the_centre(
    centre: MessageCentre, inside: Inside
) -> None:
    inside.broken = True
    with open_line(centre, inside.ports()):
        assert deliver(centre, b"TD", coding=0) == TEMPORARY
        inside.broken = False
        assert deliver(centre, b"TD", coding=0) == 0
    assert inside.words == ["TD"]


def test_the_same_words_are_another_text_but_for_what_a_lost_bind_repeats(
    centre: MessageCentre, inside: Inside
) -> None:
    with open_line(centre, inside.ports()):
        for _ in range(2):
            deliver(centre, b"1", coding=0)
            inside.clock.advance(datetime.resolution * 1000)
        assert len(inside.accepted) == 2
        centre.do(drop=True)
        centre.wait("bind", times=2)
        time.sleep(0.05)
        deliver(centre, b"1", coding=0)
        assert len(inside.accepted) == 2
        inside.clock.advance(datetime.resolution * 1000)
        deliver(centre, b"1", coding=0)
    assert len(inside.accepted) == 3


@pytest.mark.parametrize(
    "raw",
    [
        "00000010000000ff0000000000000001",  # a command there is not
        "0000001080000004000000000000ffff",  # an answer to nothing
        "000000180000000500000000000000020000000000000000",  # a text cut short
        "00000014000000050000000000000003ffffffff",
        "00000010800000000000000300000005",
        "0000001500000005000000000000000600ff0000000000"[:42],
    ],
)
def test_hostile_units_are_refused_and_the_bind_stays(
    centre: MessageCentre, inside: Inside, raw: str
) -> None:
    with open_line(centre, inside.ports()) as line:
        centre.do(raw=raw)
        assert line.send(text())
        assert deliver(centre, b"TD", coding=0) == 0
    assert centre.count("bind") == 1


@pytest.mark.parametrize("raw", ["ffffffff00000005", "00000003", "474554202f20485454502f312e310d0a"])
def test_nonsense_that_has_no_end_costs_the_bind_and_no_more(
    centre: MessageCentre, inside: Inside, raw: str
) -> None:
    with open_line(centre, inside.ports()) as line:
        centre.do(raw=raw)
        centre.wait("bind", times=2)
        until(lambda: line.link._socket is not None)
        assert line.send(text())
