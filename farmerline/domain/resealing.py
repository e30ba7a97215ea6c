"""Sealing everything anew with the current key, a batch at a time, beside a running service.

What is sealed is found from the models, so that a new sealed column needs nothing here. What already has the current key is
passed over, so that a second run does nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, func, literal, not_, select, update
from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.models import Base, Call
from farmerline.models.base import Sealed, SealedBytes

_ROWS = 200
_BLOBS = 10  # recordings and pictures are large


@dataclass(frozen=True, slots=True)
class Field:
    """One sealed column of one table. ``inside`` names the entry of a JSON column that holds the sealed value."""

    table: Any
    key: str
    column: str
    place: str
    blob: bool = False
    inside: str = ""

    @property
    def name(self) -> str:
        return f"{self.table.__tablename__}.{self.place.partition('.')[2]}"

    @property
    def stored(self) -> ColumnElement[Any]:
        """The sealed value as the database sees it."""
        column: Any = getattr(self.table, self.column)
        found: ColumnElement[Any] = column[self.inside].as_string() if self.inside else column
        return found

    def has_key(self, name: str) -> ColumnElement[bool]:
        """Whether a value is sealed with this key."""
        mark = f"{name}:"
        start: Any = literal(mark.encode(), LargeBinary) if self.blob else mark
        begins: ColumnElement[bool] = func.substr(self.stored, 1, len(mark)) == start
        return begins


def fields() -> list[Field]:
    """Every sealed column, from the models."""
    found = [Field(Call, "id", "data", "call.said", inside="said")]
    for mapper in Base.registry.mappers:
        for name, kind in vars(mapper.class_).items():
            if isinstance(kind, Sealed):
                table: Any = mapper.class_
                key = "id" if "id" in table.__table__.columns else "account_id"
                place = f"{table.__tablename__}.{name}"
                found.append(Field(table, key, kind.column, place, isinstance(kind, SealedBytes)))
    return sorted(found, key=lambda field: field.name)


def count(session: Session, field: Field) -> dict[str, int]:
    """How many values each key seals; under "" those that none of the keys does. Keys without any are left out."""
    names = vault.current().names
    columns = [func.count().filter(field.has_key(name)) for name in names]
    total, *each = session.execute(select(func.count(field.stored), *columns)).one()
    found = {**dict(zip(names, each, strict=True)), "": total - sum(each)}
    return {name: number for name, number in found.items() if number}


def reseal(session: Session, field: Field, *, after: str = "") -> tuple[int, str]:
    """Seal one batch of old values anew, in order of their rows, beginning behind the row ``after``.

    Returns how many were replaced, and the last row looked at; "" once there are no more.
    """
    key, column = getattr(field.table, field.key), getattr(field.table, field.column)
    old = select(key, column).where(
        key > after, field.stored.is_not(None), not_(field.has_key(vault.current().current_name))
    )
    limit = _BLOBS if field.blob else _ROWS
    # locked, so that nobody changes them meanwhile
    rows = session.execute(old.order_by(key).limit(limit).with_for_update()).all()
    for row_id, stored in rows:
        change = update(field.table).where(key == row_id)
        change = change.values({field.column: _seal_anew(field, row_id, stored)})
        session.execute(change.execution_options(synchronize_session=False))
    return len(rows), rows[-1][0] if rows else ""


def unneeded(counts: Sequence[dict[str, int]]) -> list[str]:
    """The keys, other than the current, that seal nothing any more."""
    held = {name for each in counts for name in each}
    keys = vault.current()
    return [name for name in keys.names if name != keys.current_name and name not in held]


def _seal_anew(field: Field, row_id: str, stored: Any) -> Any:
    keys, place = vault.current(), f"{field.place}:{row_id}"
    if field.inside:
        return {
            **stored,
            field.inside: keys.seal(keys.open(stored[field.inside], place=place), place=place),
        }
    if field.blob:
        return keys.seal_bytes(keys.open_bytes(stored, place=place), place=place)
    return keys.seal(keys.open(stored, place=place), place=place)
