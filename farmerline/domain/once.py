"""Rows that may be written once only, however many processes try."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from farmerline.ids import new_id
from farmerline.models import Base


def insert_once(session: Session, model: type[Base], **values: Any) -> str | None:
    """Insert a row unless one of its unique keys is taken: the new row's id, else None.

    A second process that tries the same key waits for the first one's transaction, then gets None.
    """
    session.flush()
    row_id = new_id()
    statement = _insert_once(model, session.get_bind().dialect.name)
    done = session.connection().execute(statement, {"id": row_id, **values})
    return row_id if done.first() is not None else None


@cache
def _insert_once(model: type[Base], dialect: str) -> Insert:
    """Made once for each table: carriers' reports come by the thousand."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(model).on_conflict_do_nothing().returning(model.__table__.c.id)
