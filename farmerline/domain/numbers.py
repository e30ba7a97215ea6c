"""Short public numbers, counted up: a post's, a case's, an alert's."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from farmerline.models import Counter

_FIRST = {"post": 1001, "case": 101}


def next_number(session: Session, name: str) -> int:
    """The next number of ``post``, ``case``, ``deal`` or a year's alerts; the row is locked until the transaction ends."""
    held = (
        select(Counter)
        .where(Counter.name == name)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = session.scalar(held)
    if row is None:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(
            insert(Counter).values(name=name, value=_FIRST.get(name, 1) - 1).on_conflict_do_nothing()
        )
        row = session.scalars(held).one()
    row.value += 1
    session.flush()
    return row.value
