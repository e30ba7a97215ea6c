"""Statements over many rows say the same on both databases, whatever the words hold."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Update, or_, select, update
from sqlalchemy.dialects import sqlite

from farmerline.db import Database
from farmerline.domain.many import among, insert_rows, unindexed, update_rows
from farmerline.models import Consent, Delivery, ScheduleRun
from tests.factories import NOW, make_database

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


def test_among_finds_its_rows_by_the_index(sqlite_url: str) -> None:
    asked = [
        select(Delivery.id).where(among(Delivery.id, WORDS)),
        select(Delivery.id).where(Delivery.gateway == "sms", among(Delivery.provider_ref, WORDS)),
        update(Delivery.__table__)
        .where(among(Delivery.id, WORDS), unindexed(Delivery.state) == "sent")
        .values(round=1),  # type: ignore[arg-type]
        select(Consent.id).where(or_(among(Consent.account_id, WORDS), among(Consent.phone_index, WORDS))),
    ]
    with closing(make_database(sqlite_url)) as database, database.write() as session:
        for statement in asked:
            said = str(statement.compile(dialect=sqlite.dialect()))
            asking = "EXPLAIN QUERY PLAN " + said, (None,) * said.count("?")
            plan = session.connection().exec_driver_sql(*asking).all()
            steps = [row[3] for row in plan if "json_each" not in row[3]]
            assert steps and all("SCAN" not in step for step in steps), (steps, said)


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
