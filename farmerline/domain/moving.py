"""A county from its SQLite file into PostgreSQL: every table in the order of its references, then both sides compared.

The digest of a table is the sum of its rows' SHA-256, so that the order in which a database gives rows does not matter. Each
value is written one way first: a moment in UTC, a figure as Python writes it, JSON with its keys sorted, bytes by their digest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.exc import DBAPIError

from farmerline.errors import Conflict
from farmerline.models import Base, PersonKind, PostKind, post_search

KINDS = tuple(Base.metadata.tables[kind.__tablename__] for kind in (PersonKind, PostKind))
"""What a migrated database holds before anybody is in it."""
_CHUNK = 1000
_PLACE = re.compile(r"'([^']*)':([\d,]+)")
_OFTEN = 200
"""PostgreSQL keeps no more than 255 places of a sign: of one that comes as often only its being there is compared."""
_REFERENCES = text(
    "SELECT quote_ident(relname) AS home, quote_ident(conname) AS name, pg_get_constraintdef(k.oid) AS said "
    "FROM pg_constraint k JOIN pg_class ON pg_class.oid = conrelid "
    "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
)
_COUNT_ON = text("SELECT setval(pg_get_serial_sequence(:home, :column), :last + 1, false)")
Advance = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Moved:
    """A table that stands on both sides alike: how many rows, and their digest (hex)."""

    table: str
    rows: int
    digest: str


def count(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        one.name: connection.scalar(select(func.count()).select_from(one)) or 0
        for one in Base.metadata.sorted_tables
    }


def demand_empty(target: Connection) -> None:
    """Raises ``Conflict`` where anything but the kinds of people and posts is in the target."""
    kinds = {one.name for one in KINDS}
    for name, rows in count(target).items():
        if rows and name not in kinds:
            raise Conflict(
                "not_empty",
                "The target is not empty: {table} has rows. A county moves into a fresh database only.",
                table=name,
            )


def move(source: Connection, target: Connection, *, advance: Advance = lambda _rows: None) -> list[Moved]:
    """Copy every row of the source into the empty target and compare both sides; all within the callers' transactions.

    ``advance`` is told how many more rows were copied or compared. Raises ``Conflict`` naming the table where a value does
    not fit or the two sides differ; the caller then rolls back.
    """
    references = target.execute(_REFERENCES).all()
    for home, name, _ in references:
        target.exec_driver_sql(f"ALTER TABLE {home} DROP CONSTRAINT {name}")
    for kind in KINDS:
        target.execute(kind.delete())
    tables = Base.metadata.sorted_tables
    sent = {one.name: _copy(source, target, one, advance) for one in tables}
    for one in tables:
        if (counting := one.autoincrement_column) is not None:
            target.execute(
                _COUNT_ON.bindparams(home=one.name, column=counting.name), {"last": _last(target, counting)}
            )
    for home, name, said in references:  # a row that points nowhere would be found here
        target.exec_driver_sql(f"ALTER TABLE {home} ADD CONSTRAINT {name} {said}")
    for one in tables:
        if measure(target, one, advance) != sent[one.name]:
            raise Conflict("move_differs", "Table {table} is not the same on both sides.", table=one.name)
    return list(sent.values())


def _last(target: Connection, counting: Column[Any]) -> int:
    return target.scalar(select(func.max(counting))) or 0


def measure(connection: Connection, one: Table, advance: Advance = lambda _rows: None) -> Moved:
    """A table as it stands: its count and digest."""
    rows, total = 0, 0
    for part in _read(connection, one):
        rows, total = rows + len(part), total + _sum(one, part)
        advance(len(part))
    return _moved(one, rows, total)


def _copy(source: Connection, target: Connection, one: Table, advance: Advance) -> Moved:
    rows, total = 0, 0
    put = _insert(one)
    for part in _read(source, one):
        rows, total = rows + len(part), total + _sum(one, part)
        try:
            target.execute(put, [_sendable(one, row) for row in part])
        except DBAPIError as error:
            why = (
                getattr(getattr(error.orig, "diag", None), "message_primary", None)
                or type(error.orig).__name__
            )
            raise Conflict(
                "move_unfit",
                "PostgreSQL does not take a row of table {table}: {why}",
                table=one.name,
                why=why,
            ) from error
        advance(len(part))
    return _moved(one, rows, total)


def _read(connection: Connection, one: Table) -> Iterator[list[dict[str, Any]]]:
    """The rows, in parts; JSON as it is written, words for the search as their signs' places."""
    result = connection.execute(_query(connection, one).execution_options(yield_per=_CHUNK))
    for part in result.mappings().partitions():
        yield [dict(row) for row in part]


def _query(connection: Connection, one: Table) -> Select[Any]:
    if one is post_search:
        signs = cast(literal_column("signs"), Text).label("signs")
        return select(literal_column("number").label("number"), signs).select_from(
            table(one.name, column("number"))
        )
    wanted = [cast(c, Text).label(c.name) if isinstance(c.type, JSON) else c for c in one.columns]
    return select(*wanted)


def _insert(one: Table) -> Any:
    if one is post_search:
        return text("INSERT INTO post_search (number, signs) VALUES (:number, CAST(:signs AS tsvector))")
    written = {
        c.name: cast(bindparam(c.name, type_=Text), c.type) for c in one.columns if isinstance(c.type, JSON)
    }
    plain = {c.name: bindparam(c.name, type_=c.type) for c in one.columns if c.name not in written}
    return insert(one).values(plain | written)


def _sendable(one: Table, row: dict[str, Any]) -> dict[str, Any]:
    if one is not post_search:
        return row
    signs = enumerate(row["signs"].split(), start=1)
    return {"number": row["number"], "signs": " ".join(f"'{sign}':{place}" for place, sign in signs)}


def _sum(one: Table, part: list[dict[str, Any]]) -> int:
    return sum(int.from_bytes(_digest(one, row)) for row in part)


def _digest(one: Table, row: dict[str, Any]) -> bytes:
    if one is post_search:
        values = [int(row["number"]), _places(row["signs"])]
    else:
        values = [_plain(row[c.name], is_json=isinstance(c.type, JSON)) for c in one.columns]
    return sha256(json.dumps(values, ensure_ascii=False).encode()).digest()


def _plain(value: Any, *, is_json: bool = False) -> Any:
    if is_json:
        return None if value is None else json.dumps(json.loads(value), sort_keys=True, ensure_ascii=False)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return sha256(value).hexdigest()
    if isinstance(value, Enum):
        return value.value
    return value


def _places(signs: str) -> list[Any]:
    """Where each sign stands, from either database's way of keeping it."""
    found: dict[str, list[int]] = {}
    if "'" in signs:
        found = {sign: [int(place) for place in places.split(",")] for sign, places in _PLACE.findall(signs)}
    else:
        for place, sign in enumerate(signs.split(), start=1):
            found.setdefault(sign, []).append(place)
    return sorted((sign, places if len(places) < _OFTEN else []) for sign, places in found.items())


def _moved(one: Table, rows: int, total: int) -> Moved:
    return Moved(one.name, rows, f"{total % 2**256:064x}")
