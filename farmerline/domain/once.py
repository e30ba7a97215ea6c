"""Rows that may be written once only, however many processes try."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from farmerline.ids import new_id
from farmerline.models import Base


def insert_once(session: Session, model: type[Base], **values: Any) -> str | None:
    """Insert a row unless one of its unique keys is taken: the new row's id, else None.

    A second process that tries the same key waits for the first one's transaction, then gets None.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row_id = new_id()
    key = model.__table__.c.id
    done = session.execute(insert(model).values(id=row_id, **values).on_conflict_do_nothing().returning(key))
    return row_id if done.first() is not None else None
