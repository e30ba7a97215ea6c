"""Two doors: writers take their turn, readers see a moment and change nothing; what was said yes to survives."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from farmerline.db import Database, Together
from farmerline.errors import Misconfigured
from farmerline.models import Account, AccountState, AuditRow, Counter, DemoClock, ScheduleRun
from tests.factories import NOW, fill_county, make_account


def test_a_block_commits_at_its_end_and_rolls_back_on_an_error(database: Database) -> None:
    with database.write() as session:
        session.add(Counter(name="post", value=1))
    with pytest.raises(RuntimeError), database.write() as session:
        session.add(Counter(name="case", value=1))
        session.flush()
        raise RuntimeError
    with database.read() as session:
        assert [row.name for row in session.scalars(select(Counter))] == ["post"]


def test_a_reader_can_change_nothing(database: Database) -> None:
    with pytest.raises(DBAPIError), database.read() as session:
        session.execute(text("INSERT INTO counter (name, value) VALUES ('x', 1)"))
    with database.read() as session:
        session.add(Counter(name="post", value=1))
    with database.read() as session:
        assert session.scalars(select(Counter)).all() == []


def test_a_reader_is_not_kept_waiting_by_a_writer(database: Database) -> None:
    with database.write() as writing:
        writing.add(Counter(name="post", value=1))
        writing.flush()
        with database.read() as session:
            assert session.scalars(select(Counter)).all() == []


@pytest.mark.parametrize(
    ("others", "found", "shared"),
    [
        (("post", "case"), {"post": 2, "case": 2}, [1, 2]),
        (("post", "first", "case"), {"post": 1, "case": 1, "first": "IntegrityError"}, [1, 3, 1, 1, 1]),
    ],
    ids=["all go in", "one that cannot be stored keeps no other out"],
)
def test_what_threads_bring_while_one_writes_shares_the_next_transaction(
    database: Database, others: tuple[str, ...], found: dict[str, object], shared: list[int]
) -> None:
    """The first writer is held until all others wait; each then has its own result or its own error."""
    begun, go_on, sizes, results = threading.Event(), threading.Event(), [], {}

    def put(rows: Connection, names: Sequence[str]) -> list[int]:
        sizes.append(len(names))
        begun.set()
        assert go_on.wait(10)
        rows.execute(insert(Counter), [{"name": name, "value": 1} for name in names])
        return [len(names)] * len(names)

    together = Together(database, put)

    def bring(name: str) -> None:
        try:
            results[name] = together(name)
        except IntegrityError as error:
            results[name] = type(error).__name__

    threads = [threading.Thread(target=bring, args=(name,)) for name in ("first", *others)]
    threads[0].start()
    assert begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    while together.waiting < len(others):
        time.sleep(0.001)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert sizes == shared
    assert results == {"first": 1, **found}
    with database.read() as session:
        assert set(session.scalars(select(Counter.name))) == {"first", "post", "case"}


def test_writers_wait_for_each_other_and_lose_nothing(database: Database) -> None:
    """R-08."""
    with database.write() as session:
        session.add(Counter(name="post", value=0))
    start = threading.Barrier(4)

    def count() -> None:
        start.wait()
        for _ in range(10):
            with database.write() as session:
                row = session.scalars(select(Counter).with_for_update()).one()
                row.value += 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert session.scalars(select(Counter.value)).one() == 40


def test_moments_come_back_aware_and_a_naive_one_is_refused(database: Database) -> None:
    beijing = datetime(2026, 11, 20, 10, 0, tzinfo=timezone(timedelta(hours=8)))
    with database.write() as session:
        session.add(ScheduleRun(name="deliver", fire_at=beijing, started_at=NOW))
    with database.read() as session:
        run = session.scalars(select(ScheduleRun)).one()
        assert (run.fire_at, run.fire_at.tzinfo, run.ended_at) == (
            datetime(2026, 11, 20, 2, 0, tzinfo=UTC),
            UTC,
            None,
        )
        assert session.scalars(select(ScheduleRun).where(ScheduleRun.fire_at <= beijing)).one()
    with pytest.raises(StatementError, match="without a time zone"), database.write() as session:
        session.add(ScheduleRun(name="x", fire_at=datetime(2026, 11, 20), started_at=NOW))  # noqa: DTZ001


def test_states_foreign_keys_and_unique_pairs_are_held_by_the_database(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        make_account(session)
        session.add(ScheduleRun(name="deliver", fire_at=NOW, started_at=NOW))
    for statement in (
        "UPDATE account SET state = 'wizard'",
        "UPDATE account SET area_code = '999999'",
        "INSERT INTO schedule_run (id, name, fire_at, started_at, result, failed) SELECT 'x', name, fire_at, started_at, '', failed FROM schedule_run",
    ):
        with pytest.raises(IntegrityError), database.writer.begin() as connection:
            connection.execute(text(statement))
    with database.read() as session:
        assert session.scalars(select(Account)).one().state is AccountState.VERIFIED


def test_a_misspelt_column_is_a_program_error() -> None:
    with pytest.raises(TypeError, match="has no 'nmae'"):
        Account(nmae="x")
    assert len(Account().id) == 32
    assert DemoClock(name="demo", offset_seconds=1.5).offset_seconds == 1.5
    assert AuditRow(number=1).number == 1


def test_the_default_database_survives_a_power_cut(sqlite_url: str) -> None:
    """R-03."""
    database = Database(sqlite_url)
    assert database.durable()
    with database.reader.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    database.close()


@pytest.mark.postgres
def test_a_frozen_process_does_not_hold_its_locks_for_ever(postgres_url: str) -> None:
    """R-16."""
    database = Database(postgres_url)
    with database.read() as session:
        assert session.scalar(text("SHOW idle_in_transaction_session_timeout")) == "1min"
    database.close()


@pytest.mark.parametrize(
    "url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://x/y", "oracle://x"]
)
def test_an_address_that_will_not_do_is_told_in_one_line(url: str) -> None:
    with pytest.raises(Misconfigured, match="FARMERLINE_DATABASE_URL"):
        Database(url)
