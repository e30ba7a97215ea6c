"""Rows that may be written once only, however many processes try."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Compiled, Connection, Dialect, Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from farmerline.ids import new_id
from farmerline.models import Base


def insert_once(session: Session, model: type[Base], **values: Any) -> str | None:
    """Insert a row unless one of its unique keys is taken: the new row's id (``id`` where it is given), else None.

    A second process that tries the same key waits for the first one's transaction, then gets None.
    """
    session.flush()
    row_id: str = values.pop("id", None) or new_id()
    connection = session.connection()
    statement = _insert_once(model, connection.dialect, ("id", *sorted(values)))
    done = connection.execute(statement, {"id": row_id, **values})  # type: ignore[call-overload]
    return row_id if done.first() is not None else None


def insert_each_once(rows: Connection, model: type[Base], values: Sequence[dict[str, Any]]) -> int:
    """The same for many rows alike, each with its ``id``: how many were not there."""
    statement = _insert_once(model, rows.dialect, tuple(sorted(values[0])), returning=False)
    return rows.execute(statement, list(values)).rowcount  # type: ignore[call-overload, no-any-return]


@lru_cache(maxsize=256)
def _insert_once(
    model: type[Base], dialect: Dialect, names: tuple[str, ...], *, returning: bool = True
) -> Compiled:
    """Made once for each table: carriers' reports come by the thousand, and SQLAlchemy itself keeps no statement that says
    what happens on a conflict."""
    insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
    statement: Insert = insert(model).on_conflict_do_nothing()
    if returning:
        statement = statement.returning(model.__table__.c.id)
    return statement.compile(dialect=dialect, column_keys=list(names))
