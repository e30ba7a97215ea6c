"""The audit is only added to, and shows where it was tampered with."""

from __future__ import annotations

import random
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from farmerline.db import Database
from farmerline.domain import audit
from farmerline.domain.audit import Fault
from farmerline.models import AuditHead, AuditRow
from tests.factories import NOW


def fill(database: Database, count: int = 6) -> None:
    with database.write() as session:
        for number in range(count):
            audit.record(
                session, actor_id=f"a{number}", act="case.close", subject=f"case:{number}", for_id="b", channel="web",
                detail={"n": number, "list": ("x", 1.5)}, now=NOW + timedelta(seconds=number, microseconds=7),
            )  # fmt: skip


def tamper(database: Database, *statements: str) -> None:
    """Change rows as a superuser of the database would: with the guards taken off."""
    with database.writer.begin() as connection:
        if database.is_sqlite:
            for name in ("audit_no_update", "audit_no_delete", "audit_no_replace"):
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        for statement in statements:
            connection.execute(text(statement))
        if not database.is_sqlite:  # the next test has the same tables
            connection.execute(text("ALTER TABLE audit ENABLE TRIGGER USER"))


def found(database: Database) -> tuple[int, Fault] | None:
    with database.read() as session:
        broken = audit.verify(session)
    return (broken.number, broken.fault) if broken else None


def test_a_chain_that_nobody_touched_holds(database: Database) -> None:
    assert found(database) is None
    fill(database)
    assert found(database) is None
    with database.read() as session:
        assert audit.head(session).number == 6
        assert [row.number for row in session.scalars(select(AuditRow).order_by(AuditRow.number))] == [
            1,
            2,
            3,
            4,
            5,
            6,
        ]


@pytest.mark.parametrize(
    ("statements", "number", "fault"),
    [
        (["UPDATE audit SET actor_id = 'z' WHERE number = 3"], 3, Fault.CHANGED),
        (["UPDATE audit SET act = 'x' WHERE number = 1"], 1, Fault.CHANGED),
        (["UPDATE audit SET for_id = '' WHERE number = 2"], 2, Fault.CHANGED),
        (["""UPDATE audit SET detail = '{"n": 9}' WHERE number = 4"""], 4, Fault.CHANGED),
        (["UPDATE audit SET at = '2026-11-20 01:00:00' WHERE number = 6"], 6, Fault.CHANGED),
        (["UPDATE audit SET digest = before WHERE number = 5"], 5, Fault.CHANGED),
        (["DELETE FROM audit WHERE number = 1"], 1, Fault.MISSING),
        (["DELETE FROM audit WHERE number = 4"], 4, Fault.MISSING),
        (["DELETE FROM audit WHERE number = 6"], 6, Fault.CUT),
        (["DELETE FROM audit WHERE number > 3"], 4, Fault.CUT),
        (["DELETE FROM audit"], 1, Fault.CUT),
        (
            [
                "UPDATE audit SET number = 99 WHERE number = 2",
                "UPDATE audit SET number = 2 WHERE number = 3",
                "UPDATE audit SET number = 3 WHERE number = 99",
            ],
            2,
            Fault.CHANGED,
        ),
        (["UPDATE audit_head SET number = 5"], 6, Fault.ADDED),
        (["UPDATE audit_head SET digest = 'x'"], 6, Fault.HEAD),
        (["DELETE FROM audit_head"], 1, Fault.HEAD),
    ],
)
def test_tampering_is_found_and_the_first_broken_row_named(
    database: Database, statements: list[str], number: int, fault: Fault
) -> None:
    """T-01."""
    fill(database)
    tamper(database, *statements)
    assert found(database) == (number, fault)


def test_a_row_written_anew_with_a_right_digest_does_not_follow_its_neighbour(database: Database) -> None:
    fill(database)
    with database.write() as session:
        row = session.get_one(AuditRow, 3)
        fields = (
            row.number,
            row.at,
            "somebody",
            row.for_id,
            row.act,
            row.subject,
            row.channel,
            row.detail,
            row.before,
        )
        digest = audit._digest(*fields)
    tamper(database, f"UPDATE audit SET actor_id = 'somebody', digest = '{digest}' WHERE number = 3")
    assert found(database) == (4, Fault.SWAPPED)


def test_any_one_changed_field_is_found(sqlite_url: str) -> None:
    from tests.factories import make_database

    database = make_database(sqlite_url)
    fill(database, 40)
    tamper(database)
    dice = random.Random(20261120)
    for _ in range(200):
        number, column = dice.randint(1, 40), dice.choice(["actor_id", "act", "subject", "for_id", "channel"])
        with database.writer.begin() as connection:
            connection.execute(text(f"UPDATE audit SET {column} = {column} || '.' WHERE number = {number}"))
        assert found(database) == (number, Fault.CHANGED)
        with database.writer.begin() as connection:
            connection.execute(
                text(
                    f"UPDATE audit SET {column} = substr({column}, 1, length({column}) - 1) WHERE number = {number}"
                )
            )
    assert found(database) is None
    database.close()


def test_the_database_itself_refuses_to_change_or_delete_a_row(database: Database) -> None:
    """T-03."""
    fill(database, 2)
    statements = ["UPDATE audit SET act = 'x'", "DELETE FROM audit WHERE number = 2"]
    if database.is_sqlite:
        statements.append("INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE number = 2")
    else:
        statements.append("TRUNCATE audit")
    for statement in statements:
        with pytest.raises(DBAPIError, match="only added to"), database.writer.begin() as connection:
            connection.execute(text(statement))
    assert found(database) is None


def test_a_rolled_back_act_leaves_no_gap(database: Database) -> None:
    fill(database, 2)
    with pytest.raises(RuntimeError), database.write() as session:
        audit.record(session, actor_id="a", act="case.close", now=NOW)
        raise RuntimeError
    fill(database, 1)
    assert found(database) is None


def test_several_acts_at_once_form_one_chain(database: Database) -> None:
    start = threading.Barrier(4)

    def act() -> None:
        start.wait()
        for _ in range(5):
            with database.write() as session:
                audit.record(session, actor_id="a", act="case.close", now=NOW)

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found(database) is None
    with database.read() as session:
        assert session.scalar(select(AuditHead.number)) == 20


def test_the_head_may_move_but_only_its_digest_counts(database: Database) -> None:
    fill(database, 3)
    with database.write() as session:
        session.execute(update(AuditHead).values(number=AuditHead.number))
    assert found(database) is None
