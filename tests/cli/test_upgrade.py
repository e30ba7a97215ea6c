"""An upgrade loses no row, and one that fails leaves the county as it was; on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, Table, insert, select
from sqlalchemy.orm import Session

from farmerline import migrations, vault
from farmerline.cli import upgrading
from farmerline.clock import FixedClock
from farmerline.db import Database
from farmerline.domain import audit, erased_list
from farmerline.errors import Conflict, Refusal
from farmerline.ids import new_id
from farmerline.models import Account, AuditRow, Campaign, Delivery, Question, ReceiptRow
from farmerline.runtime import Runtime
from tests import postgres
from tests.cli.test_people_commands import run
from tests.factories import NOW, YANGGAO, install_vault, make_test_settings

ROWS = 30


def find(program: str) -> str | None:
    """The programs of the tests' own PostgreSQL."""
    server = postgres.find()
    return shutil.which(program, path=str(server.programs)) if server else None


def sealed(place: str, value: str) -> str:
    return vault.current().seal(value, place=place)


def fill(connection: Connection) -> None:
    """People, a broadcast, its messages with receipts and questions, as the third step knew them."""
    known = MetaData()
    known.reflect(connection)

    def put(name: str, rows: list[dict[str, Any]]) -> None:
        table: Table = known.tables[name]
        connection.execute(insert(table), rows)

    put("area", [area(code, level) for code, level in (("33", "province"), ("3302", "city"))])
    put("area", [area("330282", "county"), area("330282123", "town"), area(YANGGAO, "village")])
    people = [new_id() for _ in range(ROWS)]
    put("account", [person(one) for one in people])
    campaign = {
        "id": new_id(), "purpose": "tips", "text": "趁雨前收甘蓝", "area_code": YANGGAO, "state": "sending",
        "created_by": people[0], "created_at": NOW, "people": ROWS, "list_hash": "x", "cursor": "",
    }  # fmt: skip
    put("campaign", [campaign])
    questions = [question(one) for one in people]
    put("question", questions)
    deliveries = [
        delivery(one, campaign["id"], asked["id"]) for one, asked in zip(people, questions, strict=True)
    ]
    put("delivery", deliveries)
    put("receipt", [receipt(one["id"]) for one in deliveries])
    put(
        "credential",
        [{"account_id": people[0], "totp_step": 0, "failures": 0, "pin_failures": 0, "pin_day": ""}],
    )


def area(code: str, level: str) -> dict[str, Any]:
    parent = {"33": None, "3302": "33", "330282": "3302", "330282123": "330282", YANGGAO: "330282123"}[code]
    return {"code": code, "name": code, "level": level, "parent_code": parent, "pinyin": "", "initials": ""}


def person(one: str) -> dict[str, Any]:
    return {
        "id": one, "name_sealed": sealed(f"account.name:{one}", "杨大山"), "area_code": YANGGAO, "state": "verified",
        "language": "zh", "preferred": "sms", "origin": "contact", "reviewed": True, "created_at": NOW,
    }  # fmt: skip


def question(owner: str) -> dict[str, Any]:
    return {
        "id": new_id(), "code": "A11", "kind": "publish", "account_id": owner, "data": {}, "state": "open", "asked_at": NOW,
        "expires_at": NOW, "answer": "",
    }  # fmt: skip


def delivery(owner: str, campaign: str, asked: str) -> dict[str, Any]:
    one = new_id()
    return {
        "id": one, "campaign_id": campaign, "account_id": owner, "channel": "sms", "gateway": "sms",
        "address_sealed": sealed(f"delivery.address:{one}", "+8613900000001"), "purpose": "tips", "priority": "3",
        "text_sealed": sealed(f"delivery.text:{one}", "趁雨前收甘蓝"), "parts": 1, "state": "sent", "due_at": NOW,
        "attempts": 1, "provider_ref": f"r-{one}"[:64], "reason": "", "code": "", "question_id": asked, "created_at": NOW,
    }  # fmt: skip


def receipt(of: str) -> dict[str, Any]:
    return {
        "id": new_id(), "gateway": "sms", "ref": f"r-{of}", "state": "sent", "at": NOW, "delivery_id": of, "reason": "",
        "code": "",
    }  # fmt: skip


@pytest.fixture
def old(database_url: str, tmp_path: Path) -> Iterator[Runtime]:
    """A county of the third step, with rows and an audit."""
    install_vault()
    database = Database(database_url)
    migrations.upgrade(database, "0003")
    with database.writer.begin() as connection:
        fill(connection)
        with Session(connection) as session:
            for _ in range(3):
                audit.record(session, actor_id="cli", act="test", now=NOW)
            session.flush()
    settings = make_test_settings(tmp_path, database_url=database_url)
    yield Runtime(settings=settings, database=database, clock=FixedClock(NOW))
    database.close()


def acts(runtime: Runtime) -> list[str]:
    with runtime.database.read() as session:
        assert audit.verify(session) is None
        return list(session.scalars(select(AuditRow.act).order_by(AuditRow.number)))


def test_an_old_county_is_upgraded_with_every_row(old: Runtime) -> None:
    before = upgrading.look_at(old.database)
    assert before.rows["delivery"] == before.rows["receipt"] == ROWS
    after = upgrading.run_upgrade(old, find=find)
    assert after.shape == migrations.newest()
    assert {name: after.rows[name] for name in before.rows} | {
        "audit": 3, "audit_head": 1, "person_kind": 0, "post_kind": 0
    } == before.rows | {"person_kind": 0, "post_kind": 0}  # fmt: skip
    assert acts(old) == ["test"] * 3 + ["backup.make", "database.upgrade"]
    with old.database.read() as session:
        assert {one.name for one in session.scalars(select(Account))} == {"杨大山"}
        row = session.scalars(select(Delivery)).first()
        assert row is not None and (row.text, row.address, row.round) == ("趁雨前收甘蓝", "+8613900000001", 0)
        assert session.scalars(select(ReceiptRow)).first() and session.scalars(select(Question)).first()
        assert session.scalars(select(Campaign)).one().people == ROWS
    assert migrations.differences(old.database) == []
    assert [path.suffix for path in old.settings.backups.iterdir()] == [
        ".db" if old.database.is_sqlite else ".dump"
    ]


def stumble(database: Database, look: Callable[[Connection], None]) -> None:
    """A step that fails half-way."""

    def trip(connection: Connection) -> None:
        connection.exec_driver_sql("DELETE FROM receipt")
        raise RuntimeError("no more room")

    migrations.upgrade(database, look=trip)


def lose(database: Database, look: Callable[[Connection], None]) -> None:
    """A step that loses rows, which the last look sees."""

    def drop(connection: Connection) -> None:
        connection.exec_driver_sql("DELETE FROM receipt")
        look(connection)

    migrations.upgrade(database, look=drop)


def change(database: Database, look: Callable[[Connection], None]) -> None:
    """A step that changes a row of the audit."""

    def touch(connection: Connection) -> None:
        trigger = "audit_no_update" if database.is_sqlite else "audit_no_change ON audit"
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.exec_driver_sql("UPDATE audit SET act = 'other' WHERE number = 2")
        look(connection)

    migrations.upgrade(database, look=touch)


@pytest.mark.parametrize(
    ("migrate", "why"),
    [(stumble, "no more room"), (lose, "Rows of the table receipt"), (change, "broken at row 2")],
)
@pytest.mark.long
def test_an_upgrade_that_fails_leaves_everything_as_it_was(
    old: Runtime, monkeypatch: pytest.MonkeyPatch, migrate: upgrading.Migrate, why: str
) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    before = upgrading.look_at(old.database).rows
    with pytest.raises(Refusal) as refused:
        upgrading.run_upgrade(old, find=find, migrate=migrate)
    assert refused.value.code == "upgrade_failed"
    assert why in str(refused.value)
    state = upgrading.look_at(old.database)
    assert (state.shape, state.rows) == ("0003", before | {"audit": 4})
    assert acts(old)[-1] == "backup.make"
    assert upgrading.run_upgrade(old, find=find).shape == migrations.newest()


def test_what_was_already_written_is_undone_from_the_backup(old: Runtime) -> None:
    def spoil(database: Database, look: Callable[[Connection], None]) -> None:
        migrations.upgrade(database, look=look)
        with database.writer.begin() as connection:
            connection.exec_driver_sql("DELETE FROM receipt")
        raise RuntimeError("the power went")

    with pytest.raises(Refusal) as refused:
        upgrading.run_upgrade(old, find=find, migrate=spoil)
    assert refused.value.code == "upgrade_undone"
    state = upgrading.look_at(old.database)
    assert (state.shape, state.rows["receipt"]) == ("0003", ROWS)
    assert acts(old) == ["test"] * 3


def test_without_its_programs_a_server_is_upgraded_only_when_told_so(old: Runtime) -> None:
    if old.database.is_sqlite:
        pytest.skip("SQLite needs no programs")
    with pytest.raises(Conflict, match="--without-backup"):
        upgrading.run_upgrade(old, find=lambda program: None)
    assert upgrading.look_at(old.database).shape == "0003"
    upgrading.run_upgrade(old, with_backup=False, find=lambda program: None)
    assert upgrading.look_at(old.database).shape == migrations.newest()


def test_nothing_is_upgraded_under_a_running_service(old: Runtime) -> None:
    if not old.database.is_sqlite:
        pytest.skip("a server tells its users apart by itself")
    service = Database(old.settings.database_url)
    with service.read() as session:
        session.scalars(select(AuditRow)).all()
    with pytest.raises(Conflict, match="service_runs"):
        upgrading.run_upgrade(old)
    service.close()
    assert not old.settings.backups.exists()


def test_the_command_says_what_it_did_and_has_nothing_to_do_twice(old: Runtime, tmp_path: Path) -> None:
    if not old.database.is_sqlite:
        pytest.skip("the command looks for the system's programs")
    with old.database.read() as session:
        first = session.scalars(select(AuditRow.number)).first()
    assert first
    old.database.close()
    key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    named = {
        "FARMERLINE_MODE": "demo", "FARMERLINE_GATEWAY": "simulator", "FARMERLINE_DATABASE_URL": old.settings.database_url,
        "FARMERLINE_HOME": str(tmp_path), "FARMERLINE_COUNTY": "330282", "FARMERLINE_SERVICE_NAME": "农信通达",
        "FARMERLINE_LINE_NUMBER": "12316", "FARMERLINE_VAULT_KEYS": f"t:{key}", "FARMERLINE_INDEX_KEY": key,
        "FARMERLINE_WEB_KEY": "w" * 40,
    }  # fmt: skip
    early = run("audit", "verify", **named)
    assert (early.exit_code, "farmerline migrate" in early.output) == (2, True)
    done = run("upgrade", **named)
    assert done.exit_code == 0, done.output
    assert "Backed up to" in done.output and "Upgraded from 0003 to" in done.output
    again = run("upgrade", **named)
    assert (again.exit_code, again.output) == (
        0,
        "The database has the newest shape already: nothing to do.\n",
    )
    assert run("audit", "verify", **named).exit_code == 0
    empty = run("upgrade", **{**named, "FARMERLINE_DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}"})
    assert (empty.exit_code, len(empty.output.splitlines())) == (1, 1)
    assert erased_list.read(erased_list.erased_file(tmp_path)) == []
