"""Hints between hosts: who stored something wakes a worker at once; nothing depends on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from farmerline.db import Database
from jobs import backup, cluster

pytestmark = pytest.mark.postgres


@pytest.fixture
def hinted(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    assert cluster.make_tables(database)
    yield database
    database.close()


def wait_until(true: Callable[[], object], seconds: float = 5.0) -> float:
    """Seconds until it was true."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it never came"
        time.sleep(0.005)
    return time.monotonic() - began


@contextmanager
def receiving(database: Database) -> Iterator[list[str]]:
    heard: list[str] = []
    receiver = cluster.Receiver(database, heard.append)
    receiver.start()
    yield heard
    began = time.monotonic()
    receiver.stop()
    assert time.monotonic() - began < 2


def test_tables_are_made_once_and_anew_for_another_version(hinted: Database) -> None:
    assert not cluster.make_tables(hinted)
    with hinted.writer.begin() as connection:
        assert connection.scalar(text("SELECT to_regclass('public.procrastinate_jobs')")) is None
        connection.execute(text(f"COMMENT ON SCHEMA {cluster.SCHEMA} IS 'procrastinate 3.0.0'"))
    assert cluster.make_tables(hinted)
    assert not cluster.make_tables(hinted)


def test_backups_leave_them_out() -> None:
    assert backup._HINTS == cluster.SCHEMA


def test_each_hint_reaches_one_worker_at_once_and_what_a_dead_one_held_another(hinted: Database) -> None:
    sender = cluster.Sender(hinted)
    sender.start()
    with hinted.writer.begin() as connection:  # a worker took a hint, then was killed: its heart stopped
        connection.exec_driver_sql("SET LOCAL search_path = procrastinate")
        connection.exec_driver_sql(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 h')"
        )
        connection.exec_driver_sql(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, worker_id) VALUES "
            "('hints', 'wake', '{\"name\": \"alerts\"}', 'doing', 1), "
            "('hints', 'retry_stalled', '{\"timestamp\": 1}', 'todo', NULL)"
        )
    with receiving(hinted) as first, receiving(hinted) as second:
        wait_until(lambda: "alerts" in first + second)
        for _ in range(3):
            before = len(first + second)
            sender.hint("deliver")
            assert wait_until(lambda before=before: len(first + second) > before) < 1  # type: ignore[misc]
        for _ in range(100):
            sender.hint("watch")
        wait_until(lambda: "watch" in first + second)
        time.sleep(0.1)
        assert (first + second).count("watch") < 10
    sender.stop()
    with hinted.read() as session:
        assert session.scalar(text("SELECT count(*) FROM procrastinate.procrastinate_jobs")) < 3
