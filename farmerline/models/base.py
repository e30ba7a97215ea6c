"""What every table shares: names of constraints, ids, aware time, states, sealed columns."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, overload

from sqlalchemy import CheckConstraint, DateTime, Dialect, Enum, MetaData
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from farmerline import vault
from farmerline.ids import new_id


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment; stored in UTC, given back aware. Refuses a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Rows with an ``id`` get theirs when they are made, before anything is sealed under it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: UtcDateTime}

    def __init__(self, **values: Any) -> None:
        columns = self.__table__.columns
        if "id" in columns and columns["id"].type.python_type is str:
            self.id = values.pop("id", None) or new_id()
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no {name!r}")
            setattr(self, name, value)


def state_type(kind: type[StrEnum], name: str, *, never: Container[StrEnum] = ()) -> Enum:
    """A column of states: the enum's values, without those that never stand here, held by a CHECK on both databases."""
    made = Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=24,
        values_callable=lambda members: [member.value for member in members],
    )
    made.enums = [value for value in made.enums if value not in never]
    return made


class Sealed:
    """A property whose value is stored sealed in ``<name>_sealed``; None stays None."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.column = f"{name}_sealed"
        self.table = getattr(owner, "__tablename__", "")

    def open(self, stored: Any, key: str) -> Any:
        """The value of a row of which only this column and its key were read; raises ``Unsealable``."""
        return None if stored is None else self._open(stored, f"{self.table}.{self.name}:{key}")

    def seal(self, value: Any, key: str) -> Any:
        """The value as it is stored in the row with that key: for rows that are written many at once."""
        return None if value is None else self._seal(value, f"{self.table}.{self.name}:{key}")

    @overload
    def __get__(self, row: None, owner: type) -> Sealed: ...
    @overload
    def __get__(self, row: Base, owner: type) -> Any: ...
    def __get__(self, row: Base | None, owner: type) -> Any:
        if row is None:
            return self
        stored = getattr(row, self.column)
        return None if stored is None else self._open(stored, self._place(row))

    def __set__(self, row: Base, value: Any) -> None:
        setattr(row, self.column, None if value is None else self._seal(value, self._place(row)))

    def _place(self, row: Base) -> str:
        key = "account_id" if "id" not in row.__table__.columns else "id"
        return f"{row.__tablename__}.{self.name}:{getattr(row, key)}"

    def _open(self, stored: Any, place: str) -> Any:
        return vault.current().open(stored, place=place)

    def _seal(self, value: Any, place: str) -> Any:
        return vault.current().seal(value, place=place)


def seal_values(model: type[Base], row_id: str, **values: str) -> dict[str, str]:
    """Sealed columns and their values for a row that is put in without making its object; its key is ``id``."""
    seal, table = vault.current().seal, model.__tablename__
    return {f"{name}_sealed": seal(value, place=f"{table}.{name}:{row_id}") for name, value in values.items()}


class SealedBytes(Sealed):
    """The same for recordings and pictures."""

    def _open(self, stored: Any, place: str) -> Any:
        return vault.current().open_bytes(stored, place=place)

    def _seal(self, value: Any, place: str) -> Any:
        return vault.current().seal_bytes(value, place=place)


__all__ = ["Base", "CheckConstraint", "Sealed", "SealedBytes", "UtcDateTime", "seal_values", "state_type"]
