"""The numbered steps lead from an empty database to exactly what the models say, on both databases."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from farmerline import migrations
from farmerline.db import Database
from farmerline.models import Base


@pytest.fixture
def upgraded(database_url: str) -> Any:
    database = Database(database_url)
    migrations.upgrade(database)
    yield database
    database.writer.dispose()
    database.reader.dispose()


def test_there_is_one_newest_step() -> None:
    assert len(ScriptDirectory.from_config(migrations.config()).get_heads()) == 1


def test_an_empty_database_upgraded_has_nothing_that_the_models_have_not(upgraded: Database) -> None:
    assert migrations.differences(upgraded) == []
    assert migrations.is_current(upgraded)


def test_an_empty_database_upgraded_is_what_the_models_would_make(upgraded: Database) -> None:
    by_steps = shape(upgraded.writer)
    with upgraded.writer.begin() as connection:
        Base.metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
        assert sa.inspect(connection).get_table_names() == []
        Base.metadata.create_all(connection)
    by_models = shape(upgraded.writer)
    by_steps.pop("alembic_version")
    assert by_steps.keys() == by_models.keys()
    wrong = {
        name: (by_steps[name], by_models[name]) for name in by_models if by_steps[name] != by_models[name]
    }
    assert not wrong


def shape(engine: sa.Engine) -> dict[str, Any]:
    """Every table's columns and constraints, as the database itself tells them."""
    inspector = sa.inspect(engine)
    return {
        name: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(name)
            },
            "key": inspector.get_pk_constraint(name)["constrained_columns"],
            "foreign": sorted(
                (tuple(key["constrained_columns"]), key["referred_table"], str(key["options"]))
                for key in inspector.get_foreign_keys(name)
            ),
            "unique": sorted(
                (str(one["name"]), tuple(one["column_names"]))
                for one in inspector.get_unique_constraints(name)
            ),
            "indexes": sorted(
                (
                    str(index["name"]),
                    tuple(map(str, index["column_names"])),
                    bool(index["unique"]),
                    {name: _words(value) for name, value in index.get("dialect_options", {}).items()},
                )
                for index in inspector.get_indexes(name)
            ),
            "checks": sorted(
                (str(check["name"]), _words(check["sqltext"]))
                for check in inspector.get_check_constraints(name)
            ),
        }
        for name in inspector.get_table_names()
    }


def _words(text: object) -> str:
    return re.sub(r"\s+", " ", str(text))


def test_upgrading_twice_changes_nothing(upgraded: Database) -> None:
    before = shape(upgraded.writer)
    migrations.upgrade(upgraded)
    assert shape(upgraded.writer) == before
