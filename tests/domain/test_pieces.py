"""Texts that come in pieces: shuffled, twice, or not all of them; together they are one text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from farmerline.db import Database
from farmerline.domain import pieces
from farmerline.messages import Channel, Incoming, Piece
from farmerline.models import Inbound, InboundPiece
from tests.factories import NOW

FARMER, OTHER = "+8613800000001", "+8613800000002"


def bring(
    database: Database, number: int, *, sender: str = FARMER, reference: str = "u7", total: int = 3, at: datetime = NOW,
    words: str = "",
) -> tuple[str, bool] | None:  # fmt: skip
    """One piece, as ``Runtime.accept`` takes it."""
    words = words or f"第{number}段。"
    incoming = Incoming(
        channel=Channel.SMS, gateway="smpp", ref=f"{sender}{reference}{number}{words}", sender=sender, to="10690000",
        text=words, received_at=at, raw=f"raw{number}", piece=Piece(reference, number, total),
    )  # fmt: skip
    with database.write() as session:
        pieces.keep(session, incoming)
    with database.write() as session:
        return pieces.join(session, incoming)


def texts(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        return [(row.sender, row.body) for row in session.scalars(select(Inbound).order_by(Inbound.id))]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 2, 3, 3, 1), (3, 2, 1, 1, 2, 3)])
def test_pieces_in_any_order_and_twice_are_one_text(database: Database, order: Sequence[int]) -> None:
    stored = [bring(database, number) for number in order]
    assert texts(database) == [(FARMER, "第1段。第2段。第3段。")]
    assert len([one for one in stored if one]) == 1
    with database.write() as session:
        assert pieces.take_overdue(session, now=NOW + pieces.PATIENCE) == 0
    assert len(texts(database)) == 1


def test_pieces_of_other_phones_and_other_texts_stay_apart(database: Database) -> None:
    for number in (1, 2):
        bring(database, number, sender=OTHER, total=2)
        bring(database, number, reference="u8", total=2, words=f"另{number}")
        bring(database, number)
    assert sorted(texts(database)) == [(FARMER, "另1另2"), (OTHER, "第1段。第2段。")]


@pytest.mark.parametrize(
    ("came", "words"),
    [((1, 2), "第1段。第2段。…"), ((3, 1), "第1段。…第3段。"), ((3,), "…第3段。")],
)
def test_what_is_not_whole_after_a_quarter_of_an_hour_is_taken_as_it_is(
    database: Database, came: Sequence[int], words: str
) -> None:
    for number in came:
        bring(database, number)
    just_before = NOW + pieces.PATIENCE - timedelta(seconds=1)
    for moment, wanted in ((just_before, 0), (NOW + pieces.PATIENCE, 1), (NOW + pieces.PATIENCE, 0)):
        with database.write() as session:
            assert pieces.has_overdue(session, now=moment) is bool(wanted)
            assert pieces.take_overdue(session, now=moment) == wanted
    assert texts(database) == [(FARMER, words)]


def test_what_was_used_is_forgotten_and_the_same_words_are_then_another_text(database: Database) -> None:
    later = NOW + timedelta(hours=3)
    for number in (1, 2, 3):
        bring(database, number)
    with database.write() as session:
        pieces.take_overdue(session, now=later)
        assert session.scalars(select(InboundPiece)).all() == []
    for number in (1, 2, 3):
        bring(database, number, at=later)
    assert texts(database) == [(FARMER, "第1段。第2段。第3段。")] * 2
