"""Many rows in one statement whose words are always the same: however many values there are, they are one parameter each.

A statement with a mark for each of 500 ids is made, sent and taken apart anew each time, which costs more than finding the
rows. PostgreSQL is handed arrays; SQLite a list as JSON, and rows one by one, which is its quickest way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Dialect,
    Insert,
    Table,
    Text,
    Update,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, UserDefinedType


class _Words(UserDefinedType[Any]):
    """A list of words as one parameter: an array as PostgreSQL writes it, or JSON. The driver looks at each word by itself,
    which takes four times as long."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_options: Any) -> str:
        return "TEXT[]"

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        return _array if dialect.name == "postgresql" else _json


def _json(words: Collection[str]) -> str:
    return json.dumps(list(words))


def _array(words: Collection[str]) -> str:
    joined = "".join(words)
    if "\\" in joined or '"' in joined:
        words = [word.replace("\\", "\\\\").replace('"', '\\"') for word in words]
    return '{"' + '","'.join(words) + '"}' if words else "{}"


class _Among(FunctionElement[Any]):
    type = NullType()  # as a Boolean it would be compared with 1 on SQLite, and no index be used
    inherit_cache = True


def words(name: str) -> BindParameter[Any]:
    """A list of words that is given when the statement is executed."""
    return bindparam(name, type_=_Words())


def among(
    where: InstrumentedAttribute[Any], values: Collection[str] | BindParameter[Any]
) -> ColumnElement[bool]:
    """Whether the column holds one of these words: as ``IN``, for any number of them."""
    given = values if isinstance(values, BindParameter) else bindparam(None, values, _Words(), unique=True)
    return _Among(where, given)


def unindexed(where: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """The column's value, but by no index over it: beside ids that are known, PostgreSQL may think a state rarer than it is."""
    return type_coerce(cast(where, Text) + "", where.type)


def insert_rows(
    session: Session, table: Table, same: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Put rows in that have the same columns; ``same`` is what they have in common. Nothing is flushed."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), [{**same, **row} for row in rows])
        return
    statement = _insert_arrays(table, tuple(same), tuple(rows[0]))
    connection.execute(statement, {**same, **{name: [row[name] for row in rows] for name in rows[0]}})


def update_rows(
    session: Session,
    make: Callable[[Any], Update],
    table: Table,
    columns: Mapping[str, str],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Change rows, each by its own values. ``make`` gets what stands for these values, by the names of ``columns``, which
    tell whose type each has."""
    if not rows:
        return
    connection = session.connection()
    statement = _update(make, table, tuple(columns.items()), connection.dialect.name)
    if connection.dialect.name == "postgresql":
        connection.execute(statement, {name: [row[name] for row in rows] for name in columns})
    else:
        connection.execute(statement, rows)


@lru_cache(maxsize=16)
def _update(
    make: Callable[[Any], Update], table: Table, columns: tuple[tuple[str, str], ...], dialect: str
) -> Update:
    types = {name: table.c[column].type for name, column in columns}
    if dialect != "postgresql":
        return make(SimpleNamespace(**{name: bindparam(name, type_=kind) for name, kind in types.items()}))
    arrays = [bindparam(name, type_=ARRAY(kind)) for name, kind in types.items()]
    given = func.unnest(*arrays).table_valued(*(column(name, kind) for name, kind in types.items()))
    return make(given.render_derived().c)


@lru_cache(maxsize=64)
def _insert_arrays(table: Table, same: tuple[str, ...], names: tuple[str, ...]) -> Insert:
    each = [func.unnest(bindparam(name, type_=ARRAY(table.c[name].type))) for name in names]
    shared = [bindparam(name, type_=table.c[name].type) for name in same]
    return insert(table).from_select([*names, *same], select(*each, *shared), include_defaults=False)


@compiles(_Among)
def _in_list(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    where, given = element.clauses
    listed = f"(SELECT value FROM json_each({compiler.process(given, **options)}))"  # noqa: S608 - a parameter's mark
    return f"{compiler.process(where, **options)} IN {listed}"


@compiles(_Among, "postgresql")
def _any_of(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    where, given = element.clauses
    return f"{compiler.process(where, **options)} = ANY ({compiler.process(given, **options)})"
