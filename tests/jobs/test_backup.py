"""Backups: whole or refused, so many kept, and the way back."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from farmerline.db import Database
from farmerline.domain import audit
from farmerline.errors import Conflict, Refusal
from farmerline.models import Account
from jobs.backup import back_up, check, restore
from tests import postgres
from tests.factories import NOW, make_account
from tests.jobs.carrier import County


def fill(county: County, name: str = "杨大山") -> None:
    with county.database.write() as session:
        person = make_account(session, name)
        audit.record(session, actor_id=person.id, act="test", now=NOW)


def names(county: County) -> list[str]:
    with county.database.read() as session:
        return [row.name for row in session.scalars(select(Account))]


def test_a_backup_is_a_whole_private_copy_and_only_so_many_are_kept(sqlite_county: County) -> None:
    fill(sqlite_county)
    folder = sqlite_county.context.settings.backups
    for _ in range(16):
        made = folder / back_up(sqlite_county.context)
        sqlite_county.wait(days=1)
    found = sorted(path.name for path in folder.iterdir())
    assert len(found) == 14
    assert found[-1] == made.name == "farmerline-20261205-100000.db"
    assert made.stat().st_mode & 0o077 == 0
    check(made)


def test_what_is_backed_up_comes_back(sqlite_county: County) -> None:
    fill(sqlite_county, "杨大山")
    file = sqlite_county.context.settings.backups / back_up(sqlite_county.context)
    fill(sqlite_county, "陆文彬")
    with pytest.raises(Conflict, match="not_empty"):
        restore(sqlite_county.context, file)
    assert names(sqlite_county) == ["杨大山", "陆文彬"]
    aside = restore(sqlite_county.context, file, force=True)
    assert names(sqlite_county) == ["杨大山"]
    assert aside is not None
    with closing(sqlite3.connect(aside)) as old:
        assert old.execute("SELECT count(*) FROM account").fetchone() == (2,)


def test_a_backup_is_put_into_an_empty_place_without_force(sqlite_county: County) -> None:
    fill(sqlite_county)
    file = sqlite_county.context.settings.backups / back_up(sqlite_county.context)
    sqlite_county.database.close()
    place = Path(str(sqlite_county.database.url.database))
    for path in place.parent.glob("farmerline.db*"):
        path.unlink()
    assert restore(sqlite_county.context, file) is None
    assert names(sqlite_county) == ["杨大山"]


def test_nothing_is_put_under_a_running_service(sqlite_county: County) -> None:
    fill(sqlite_county)
    file = sqlite_county.context.settings.backups / back_up(sqlite_county.context)
    service = Database(str(sqlite_county.database.url))
    with service.read() as session:
        session.scalars(select(Account)).all()
        with pytest.raises(Conflict, match="service_runs"):
            restore(sqlite_county.context, file, force=True)
    service.close()


def damage_bytes(file: Path) -> None:
    body = bytearray(file.read_bytes())
    body[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    file.write_bytes(body)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def replace_by_text(file: Path) -> None:
    file.write_text("not a database" * 1000)


def replace_by_other(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE other (id)")
        connection.commit()


def change_audit(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for name in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name[0]}")
        connection.execute("UPDATE audit SET act='other'")
        connection.commit()


@pytest.mark.parametrize("harm", [damage_bytes, cut, replace_by_text, replace_by_other, change_audit])
def test_a_bad_backup_is_found_before_it_is_needed(sqlite_county: County, harm) -> None:  # type: ignore[no-untyped-def]
    fill(sqlite_county)
    file = sqlite_county.context.settings.backups / back_up(sqlite_county.context)
    harm(file)
    with pytest.raises(Conflict, match=r"backup_damaged|audit_broken"):
        restore(sqlite_county.context, file, force=True)
    assert names(sqlite_county) == ["杨大山"]


def test_a_backup_of_a_county_whose_audit_is_broken_says_so_and_forgets_nothing(
    sqlite_county: County,
) -> None:
    fill(sqlite_county)
    kept = back_up(sqlite_county.context)
    sqlite_county.wait(days=1)
    change_audit(Path(str(sqlite_county.database.url.database)))
    with pytest.raises(Conflict, match="audit_broken"):
        back_up(sqlite_county.context)
    assert [path.name for path in sqlite_county.context.settings.backups.iterdir()] == [kept]


@pytest.mark.postgres
def test_a_server_is_backed_up_by_its_own_programs(postgres_url: str, tmp_path: Path) -> None:
    from tests.jobs.carrier import open_county

    found = postgres.find()
    assert found is not None

    def find(program: str) -> str | None:
        return shutil.which(program, path=str(found.programs))

    with open_county(postgres_url, tmp_path) as county:
        fill(county)
        with pytest.raises(Refusal, match="pg_dump"):
            back_up(county.context, find=lambda program: None)
        if find("pg_dump") is None:
            pytest.skip("this PostgreSQL brings no pg_dump")
        file = county.context.settings.backups / back_up(county.context, find=find)
        fill(county, "陆文彬")
        with pytest.raises(Conflict, match="not_empty"):
            restore(county.context, file, find=find)
        aside = restore(county.context, file, force=True, find=find)
        assert names(county) == ["杨大山"]
        assert aside is not None
        assert aside.stat().st_size > 0
