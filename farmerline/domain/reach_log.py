"""What became of each person of an alert, as it happened: one row for each change, with its time and its source.

A person's line (``Reach``) says how things stand; these rows say how they came to stand so, also where a later act undid
an earlier one. Messages and calls have rows of their own: the deliveries and the carriers' receipts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from farmerline.models import ReachChange

CLOCK = "clock"
"""The source of what happens because its time has come."""


def note(
    session: Session, alert_id: str, account_ids: Iterable[str], *, state: str, source: str, now: datetime
) -> None:
    """Put down that these people came to a state. ``source`` is the clock, how it was said, or who did it (an id)."""
    rows = [
        {"alert_id": alert_id, "account_id": one, "at": now, "state": state, "source": source}
        for one in account_ids
    ]
    if rows:
        session.execute(insert(ReachChange), rows)


def of_alert(session: Session, alert_id: str, *, after: int = 0, limit: int = 1000) -> list[ReachChange]:
    """The changes of an alert's people in the order they happened, from the one behind ``after`` on."""
    query = select(ReachChange).where(ReachChange.alert_id == alert_id, ReachChange.number > after)
    return list(session.scalars(query.order_by(ReachChange.number).limit(limit)))
