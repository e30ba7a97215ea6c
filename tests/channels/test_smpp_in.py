"""What comes by SMPP, from the real message centre of npm ``smpp``: texts, pieces, hostile bytes."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from farmerline.messages import Piece
from tests.channels.centre import NUMBER, MessageCentre, open_line, text, until
from tests.channels.conftest import Inside

TEMPORARY = 0x64


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
            inside.clock.advance(timedelta(seconds=1))
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
