"""The database's shape, in numbered steps; ``upgrade`` brings a database to the newest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from farmerline.db import Database
from farmerline.models import Base, post_search

FOLDER = Path(__file__).parent


def upgrade(
    database: Database, revision: str = "head", *, look: Callable[[Connection], None] | None = None
) -> None:
    """Bring the database to the newest shape (or to ``revision``), in one transaction. A repeat changes nothing.

    ``look`` is called on the same connection before anything counts: what it raises takes every step back.
    """
    with database.writer.connect() as connection:
        if (
            database.is_sqlite
        ):  # a table that is made anew is away for a moment: look at the references at the end
            _set_foreign_keys(connection, on=False)
        try:
            with connection.begin():
                if not database.is_sqlite:  # say so rather than wait for ever where somebody is at work
                    connection.exec_driver_sql("SET LOCAL lock_timeout = '30s'")
                command.upgrade(config(connection), revision)
                if database.is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise RuntimeError("a step left rows that point nowhere")
                if look is not None:
                    look(connection)
        finally:
            if database.is_sqlite:
                _set_foreign_keys(connection, on=True)


def is_current(database: Database) -> bool:
    """Whether the database has the newest shape."""
    with database.reader.connect() as connection:
        return shape_of(connection) == newest()


def shape_of(connection: Connection) -> str | None:
    """The number of the last step that this database has taken; None where there is none yet."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The number of the newest step."""
    return ScriptDirectory.from_config(config()).get_current_head()


def differences(database: Database) -> list[Any]:
    """What the models have that the database has not, and the other way round; empty when they agree."""
    with database.reader.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_object": partial(is_compared, database.is_sqlite),
            },
        )
        return list(compare_metadata(context, Base.metadata))


def is_compared(is_sqlite: bool, _object: object, name: str | None, kind: str, *_more: object) -> bool:
    """Whether a step's result is compared with the models. SQLite's search table is virtual: it has no columns that could
    be compared, and keeps its content in tables of its own."""
    return not (is_sqlite and kind == "table" and (name or "").startswith(post_search.name))


def write_revision(database: Database, *, number: str, message: str) -> None:
    """Write the next step from the difference between the models and this (up-to-date) database: for developers."""
    with database.writer.begin() as connection:
        command.revision(config(connection), message, autogenerate=True, rev_id=number)


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, without a file."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("path_separator", "newline")
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    made.attributes["connection"] = connection
    if connection is not None:
        made.attributes["include_object"] = partial(is_compared, connection.dialect.name == "sqlite")
    return made


def _set_foreign_keys(connection: Connection, *, on: bool) -> None:
    """SQLite hears this outside a transaction only, so it is said to the driver itself."""
    raw = connection.connection.driver_connection
    raw.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")  # type: ignore[union-attr]
