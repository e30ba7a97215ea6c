"""Keeping a county on the command line: back up, restore, erase, change keys, check; one clear line for each mistake."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from farmerline import vault
from farmerline.db import Database
from farmerline.demo import county
from farmerline.domain import audit, erased_list, resealing
from farmerline.models import Account, AuditRow
from farmerline.vault import Vault, make_key, read_key
from tests import postgres
from tests.cli.test_people_commands import run
from tests.factories import fill_county, make_account, upgrade

OLD, NEW, INDEX = (make_key() for _ in range(3))
PEOPLE = 260


@pytest.fixture
def named(database_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A demo county with its shape and places: the environment that points at it."""
    file = county.write_settings(tmp_path / "demo")
    values = {
        "FARMERLINE_SETTINGS": str(file), "FARMERLINE_DATABASE_URL": database_url, "FARMERLINE_HOME": str(tmp_path / "home"),
        "FARMERLINE_VAULT_KEYS": f"k1:{OLD}", "FARMERLINE_INDEX_KEY": INDEX, "FARMERLINE_BACKUP_FOLDER": str(tmp_path / "kept"),
    }  # fmt: skip
    use("k1")
    database = Database(database_url)
    upgrade(database)
    with database.write() as session:
        fill_county(session)
    database.close()
    yield values
    use("k1")


def use(*names: str) -> None:
    keys = {"k1": read_key(OLD), "k2": read_key(NEW)}
    vault.install(Vault({name: keys[name] for name in names}, names[-1], read_key(INDEX)))


def people(named: dict[str, str], count: int) -> list[Account]:
    database = Database(named["FARMERLINE_DATABASE_URL"])
    with database.write() as session:
        made = [make_account(session, "杨大山") for _ in range(count)]
    database.close()
    return made


def names(named: dict[str, str]) -> set[str]:
    database = Database(named["FARMERLINE_DATABASE_URL"])
    with database.read() as session:
        found = {one.name for one in session.scalars(select(Account))}
    database.close()
    return found


def acts(named: dict[str, str]) -> list[str]:
    database = Database(named["FARMERLINE_DATABASE_URL"])
    with database.read() as session:
        assert audit.verify(session) is None
        found = list(session.scalars(select(AuditRow.act).order_by(AuditRow.number)))
    database.close()
    return found


@pytest.mark.long
def test_a_change_of_keys_killed_half_way_is_continued_beside_the_service(named: dict[str, str]) -> None:
    people(named, PEOPLE)
    both = {**named, "FARMERLINE_VAULT_KEYS": f"k1:{OLD},k2:{NEW}"}
    counted = run("keys", "rotate", "--dry-run", **both)
    assert counted.exit_code == 0 and f"account.name\tk1\t{PEOPLE}" in counted.stdout
    assert "Nothing was changed" in counted.stdout
    use("k1", "k2")
    killed = subprocess.Popen(
        [sys.executable, "-m", "tests.cli.rotating"],
        env={**os.environ, **both},
        cwd=Path(__file__).parents[2],
    )
    database = Database(named["FARMERLINE_DATABASE_URL"])
    name = next(field for field in resealing.fields() if field.name == "account.name")
    for _ in range(400):
        with database.read() as session:
            counts = resealing.count(session, name)
        if counts.get("k2"):
            break
        time.sleep(0.05)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    with database.read() as session:
        assert set(resealing.count(session, name)) == {"k1", "k2"}
    assert names(named) == {"杨大山"}
    ended = run("keys", "rotate", **both)  # beside our own open database
    database.close()
    assert ended.exit_code == 0, ended.output
    assert "no longer needs these keys: k1" in ended.stdout and "backups" in ended.stdout
    again = run("keys", "rotate", **both)
    assert (again.exit_code, again.stdout.splitlines()[0]) == (0, "Sealed anew with k2: 0.")
    use("k2")
    assert names(named) == {"杨大山"}
    assert acts(named).count("keys.rotate") == 1
    unknown = run("keys", "rotate", **{**both, "FARMERLINE_VAULT_KEYS": f"k1:{OLD}"})
    assert unknown.exit_code == 1 and "add it first" in unknown.stderr
    assert len(unknown.stderr.splitlines()) == 1


def test_a_person_is_erased_by_phone_or_id_after_a_question(named: dict[str, str]) -> None:
    first, second = people(named, 2)
    phone = str(first.phone).removeprefix("+86")
    unsure = run("accounts", "erase", phone, "--reason", "own wish", typed="n\n", **named)
    assert unsure.exit_code == 130 and names(named) == {"杨大山"}
    assert "cannot be undone" in unsure.stdout
    done = run("accounts", "erase", phone, "--reason", "own wish", typed="y\n", **named)
    assert done.exit_code == 0 and f"Erased: {first.id}." in done.stdout
    assert run("accounts", "erase", second.id, "--reason", "own wish", "--yes", **named).exit_code == 0
    assert names(named) == {"已注销"}
    listed = erased_list.read(erased_list.erased_file(Path(named["FARMERLINE_HOME"])))
    assert listed == [first.id, second.id]
    assert acts(named).count("person.erase") == 2
    for wrong in ((second.id,), ("0" * 32,), (phone,), ("12",)):
        refused = run("accounts", "erase", *wrong, "--reason", "x", "--yes", **named)
        assert refused.exit_code == 1 and len(refused.stderr.splitlines()) == 1


def test_a_backup_is_on_record_and_the_erased_stay_so_after_its_restore(named: dict[str, str]) -> None:
    if named["FARMERLINE_DATABASE_URL"].startswith("postgresql"):
        server = postgres.find()
        if server is None or not shutil.which("pg_dump", path=str(server.programs)):
            pytest.skip("this PostgreSQL brings no pg_dump")
        named = {**named, "PATH": f"{server.programs}{os.pathsep}{os.environ['PATH']}"}
    person = people(named, 1)[0]
    made = run("backup", **named)
    assert made.exit_code == 0, made.output
    file = made.stdout.strip()
    assert acts(named) == ["backup.make"]
    assert run("accounts", "erase", person.id, "--reason", "own wish", "--yes", **named).exit_code == 0
    refused = run("restore", file, **named)
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (1, 1)
    done = run("restore", file, "--force", **named)
    assert done.exit_code == 0, done.output
    assert "erased again: 1" in done.stdout
    assert names(named) == {"已注销"}
    assert acts(named)[-2:] == ["person.erase", "backup.restore"]


def test_a_backup_that_cannot_be_written_is_one_line(named: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = run("backup", **{**named, "FARMERLINE_BACKUP_FOLDER": str(tmp_path / "file")})
    assert (ended.exit_code, len(ended.stderr.splitlines())) == (1, 1), ended.output
    assert run("restore", str(tmp_path / "none.db"), **named).exit_code == 1


def test_check_ends_in_one_sentence_green_or_red(named: dict[str, str]) -> None:
    good = run("check", **named)
    lines = good.stdout.splitlines()
    if named["FARMERLINE_DATABASE_URL"].startswith("sqlite"):
        assert good.exit_code == 0, good.output
        assert lines[-1] == "Green: all is well, the service can work."
    assert "\x1b" not in good.stdout
    bad = run("check", **{**named, "FARMERLINE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"})
    assert bad.exit_code == 1
    assert bad.stdout.splitlines()[-1].startswith("Red: ") and "1." in bad.stdout.splitlines()[-1]
    assert run("check", english=False, **named).stdout.splitlines()[-1][0] in "绿红"
