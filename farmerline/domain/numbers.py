"""Short public numbers, counted up: a post's, a case's."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.models import Counter

_FIRST = {"post": 1001, "case": 101}


def next_number(session: Session, name: str) -> int:
    """The next number of ``post`` or ``case``; the row is locked until the transaction ends."""
    row = session.scalar(select(Counter).where(Counter.name == name).with_for_update())
    if row is None:
        row = Counter(name=name, value=_FIRST[name] - 1)
        session.add(row)
    row.value += 1
    session.flush()
    return row.value
