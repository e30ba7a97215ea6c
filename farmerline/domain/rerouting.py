"""A message that goes by another connection than it was planned for: one that stands in, or the only one that may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from farmerline.domain import receipts, routing
from farmerline.messages import Outgoing
from farmerline.models import Delivery, Priority, Purpose


def take_over(session: Session, taken: Sequence[tuple[str, int]], gateway: str) -> None:
    """Put down that these messages, with their length in parts, leave by this connection."""
    for delivery_id, parts in taken:
        session.execute(
            update(Delivery)
            .where(Delivery.id == delivery_id)
            .values(gateway=gateway, parts=parts)
            .execution_options(synchronize_session=False)
        )


def send_elsewhere(session: Session, astray: Sequence[tuple[Outgoing, int]], *, now: datetime) -> None:
    """Plan messages that wait where they may not leave for a connection that may carry them; where none may, they are
    dead, and what follows a failure follows."""
    for message, parts in astray:
        row = session.get_one(Delivery, message.id, populate_existing=True)
        purpose, urgent = Purpose(message.purpose), row.priority is Priority.URGENT
        other = routing.choose(
            session, message.channel, message.to, parts, now=now, purpose=purpose, urgent=urgent
        )
        if other is not None and routing.carries(other, message.to, parts, purpose):
            row.gateway = other.name
        else:
            receipts.give_up(session, row, "no_route", now=now)
    session.flush()
