"""What left and was never reported on: asked for at the carrier at fixed ages; and what only the carrier knows of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from farmerline.models import Delivery, DeliveryState, GatewayRow, Priority, ReceiptRow

AGES = (timedelta(minutes=15), timedelta(hours=2), timedelta(hours=24))
"""How long after its hand-over a message without a receipt is asked for."""
EACH = timedelta(minutes=10)
"""How far apart the askings are: each message falls into one of them at each age."""
_LOOKED_BACK = timedelta(days=4)
_CHUNK = 500


def due(session: Session, gateway: str, *, now: datetime, limit: int = 500) -> list[str]:
    """The carrier's ids of messages that should have been reported on by now, the newest first. Reads only."""
    at_age = [Delivery.sent_at.between(now - age - EACH, now - age) for age in AGES]
    found = select(Delivery.provider_ref).where(
        Delivery.gateway == gateway,
        Delivery.state == DeliveryState.SENT,
        Delivery.priority.in_(list(Priority)),
        Delivery.due_at > now - _LOOKED_BACK,
        Delivery.provider_ref.is_not(None),
        or_(*at_age),
    )
    return [str(ref) for ref in session.scalars(found.order_by(Delivery.sent_at.desc()).limit(limit))]


def strangers(session: Session, gateway: str, refs: Sequence[str]) -> list[str]:
    """Those of the carrier's ids that no message of ours has, nor a piece of one. Reads only."""
    known: set[str] = set()
    for start in range(0, len(refs), _CHUNK):
        part = refs[start : start + _CHUNK]
        for column, owner in (
            (Delivery.provider_ref, Delivery.gateway),
            (ReceiptRow.ref, ReceiptRow.gateway),
        ):
            known |= {
                str(ref) for ref in session.scalars(select(column).where(owner == gateway, column.in_(part)))
            }
    return [ref for ref in refs if ref not in known]


def note(session: Session, gateway: str, *, strangers: int, now: datetime) -> None:
    """Put down how many messages only the carrier knows of."""
    row = session.get(GatewayRow, gateway, with_for_update=True)
    if row is not None:
        row.strangers, row.reconciled_at = strangers, now
        session.flush()
