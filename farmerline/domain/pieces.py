"""Longer texts that carriers bring in pieces: each piece is on record when its carrier is answered; together they are one text.

They come shuffled, twice and late. What is not whole after a while is taken as it is: better half a sentence than none.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.domain import intake
from farmerline.messages import Channel, Incoming
from farmerline.models import InboundPiece

PATIENCE = timedelta(minutes=15)
"""How long the pieces that came wait for the others."""
_KNOWN = timedelta(hours=2)
"""How long a piece that was used is known again when it comes once more."""
_MISSING = "…"


def keep(session: Session, incoming: Incoming) -> None:
    """Put a piece on record, once."""
    piece = incoming.piece
    if piece is None:
        raise ValueError("not a piece")
    row = InboundPiece(
        gateway=incoming.gateway, ref=incoming.ref, sender=incoming.sender,
        sender_index=vault.phone_index(incoming.sender), sent_to=incoming.to[:32], reference=piece.reference,
        number=piece.number, total=piece.total, body=incoming.text, raw=incoming.raw, received_at=incoming.received_at,
    )  # fmt: skip
    with suppress(IntegrityError), session.begin_nested():  # it came before
        session.add(row)


def join(session: Session, incoming: Incoming) -> tuple[str, bool] | None:
    """Put the whole text on record where all of its pieces are there; as ``intake.store``, None where they are not."""
    piece = incoming.piece
    if piece is None:
        raise ValueError("not a piece")
    mine = select(InboundPiece).where(
        InboundPiece.sender_index == vault.phone_index(incoming.sender),
        InboundPiece.reference == piece.reference,
        InboundPiece.gateway == incoming.gateway,
        InboundPiece.sent_to == incoming.to[:32],
        InboundPiece.total == piece.total,
        InboundPiece.inbound_id.is_(None),
    )
    rows = session.scalars(mine.order_by(InboundPiece.id).with_for_update()).all()
    if len({row.number for row in rows}) < piece.total:
        return None
    return _put_together(session, rows)


def take_overdue(session: Session, *, now: datetime) -> int:
    """Put on record what has waited long enough for its other pieces, and forget what was used long ago.

    Returns how many texts were put on record.
    """
    session.execute(
        delete(InboundPiece).where(
            InboundPiece.inbound_id.is_not(None), InboundPiece.received_at <= now - _KNOWN
        )
    )
    waiting = select(InboundPiece).where(InboundPiece.inbound_id.is_(None)).with_for_update()
    texts: dict[tuple[object, ...], list[InboundPiece]] = {}
    for row in session.scalars(waiting.order_by(InboundPiece.id)):
        texts.setdefault((row.gateway, row.sender_index, row.sent_to, row.reference, row.total), []).append(
            row
        )
    late = [rows for rows in texts.values() if min(row.received_at for row in rows) <= now - PATIENCE]
    for rows in late:
        _put_together(session, rows)
    return len(late)


def has_overdue(session: Session, *, now: datetime) -> bool:
    """Whether pieces have waited long enough. Reads only."""
    waiting = select(InboundPiece.id).where(
        InboundPiece.inbound_id.is_(None), InboundPiece.received_at <= now - PATIENCE
    )
    return session.scalar(waiting.limit(1)) is not None


def _put_together(session: Session, rows: Sequence[InboundPiece]) -> tuple[str, bool]:
    """One text of these pieces, in their order; what is missing shows as an ellipsis."""
    by_number: dict[int, InboundPiece] = {}
    for row in rows:
        by_number.setdefault(row.number, row)
    first = min(rows, key=lambda row: row.received_at)
    words, before = "", 0
    for number in sorted(by_number):
        words += (_MISSING if number > before + 1 else "") + by_number[number].body
        before = number
    words += _MISSING if before < first.total else ""
    stored = intake.store(
        session,
        Incoming(
            channel=Channel.SMS,
            gateway=first.gateway,
            ref=f"{first.ref[:60]}-{int(first.received_at.timestamp()):x}",
            sender=first.sender,
            to=first.sent_to,
            text=words,
            received_at=first.received_at,
            raw="\n".join(by_number[number].raw for number in sorted(by_number)),
        ),
    )
    for row in rows:
        row.inbound_id = stored[0]
    session.flush()
    return stored
