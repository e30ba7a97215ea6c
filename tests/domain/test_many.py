"""Statements over many rows say the same on both databases, whatever the words hold."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Update, select, update

from farmerline.db import Database
from farmerline.domain.many import among, insert_rows, unindexed, update_rows
from farmerline.models import ScheduleRun
from tests.factories import NOW

WORDS = ["plain", 'with "quotes"', "back\\slash", "{a,b}", "NULL", "", "a,b", "it's", "病虫情报", "line\nend"]
_TABLE: Any = ScheduleRun.__table__


def put(database: Database) -> None:
    rows = [
        {"id": f"{n:032d}", "name": word, "ended_at": None if n % 2 else NOW} for n, word in enumerate(WORDS)
    ]
    with database.write() as session:
        same = {"fire_at": NOW, "started_at": NOW, "result": "", "failed": False}
        insert_rows(session, _TABLE, same, rows)
        insert_rows(session, _TABLE, same, [])


def test_rows_go_in_with_what_they_share_and_what_they_do_not(database: Database) -> None:
    put(database)
    with database.read() as session:
        found = session.scalars(select(ScheduleRun).order_by(ScheduleRun.id)).all()
        assert [(row.name, row.fire_at, row.ended_at) for row in found] == [
            (word, NOW, None if n % 2 else NOW) for n, word in enumerate(WORDS)
        ]


@pytest.mark.parametrize("asked", [WORDS, WORDS[:1], ["病虫情报", "unknown"], [], ["back\\slash"] * 3])
def test_among_finds_what_in_finds(database: Database, asked: list[str]) -> None:
    put(database)
    with database.read() as session:
        found = set(session.scalars(select(ScheduleRun.name).where(among(ScheduleRun.name, asked))))
        assert found == set(asked) & set(WORDS)
        same = unindexed(ScheduleRun.name) == "it's"
        assert session.scalars(select(ScheduleRun.name).where(same)).all() == ["it's"]


def by_name(given: Any) -> Update:
    return update(_TABLE).where(_TABLE.c.name == given.which).values(result=given.said, ended_at=given.at)


def test_each_row_is_changed_by_its_own_values(database: Database) -> None:
    put(database)
    columns = {"which": "name", "said": "result", "at": "ended_at"}
    said = [{"which": word, "said": word[::-1], "at": NOW} for word in WORDS[:5]]
    with database.write() as session:
        update_rows(session, by_name, _TABLE, columns, said)
        update_rows(session, by_name, _TABLE, columns, [])
    with database.read() as session:
        found = dict(session.execute(select(ScheduleRun.name, ScheduleRun.result)).tuples().all())
    assert found == {word: word[::-1] if word in WORDS[:5] else "" for word in WORDS}
