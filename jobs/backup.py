"""Backups: a copy that is whole, checked before it counts; and the way back.

SQLite is copied by its own online backup while the service works. On PostgreSQL ``pg_dump`` does it. The vault's
keys are not in a backup: keep the settings elsewhere, or the names and numbers in it stay sealed for ever. Nor is the
list of erased people: it belongs with the settings, and is applied again to whatever is restored.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.db import Database
from farmerline.domain import audit, erasure
from farmerline.errors import Conflict, Refusal
from jobs.context import Context

Find = Callable[[str], str | None]
_NOT_EMPTY = (
    "The database is not empty. Add --force to put the backup in its place; the old one is kept aside."
)
_MISSING = "This needs the program {program}, which comes with PostgreSQL: install it, or use your own backup of the server."

_HINTS = "procrastinate"
"""The schema of the hints between hosts: nothing in it is worth keeping."""

# A newer shape has tables that an older backup does not know and would stumble over: all go, in the same transaction.
_CLEAR = """DO $$ DECLARE one text; BEGIN
FOR one IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
EXECUTE 'DROP TABLE IF EXISTS public.' || one || ' CASCADE'; END LOOP;
DROP FUNCTION IF EXISTS public.audit_refuse() CASCADE; END $$"""


def back_up(context: Context, *, by: str = "system", find: Find = shutil.which) -> str:
    """Make a checked backup, forget the oldest beyond the number kept; returns the new file's name.

    It is put on record (``by`` is an account's id, ``system`` or ``cli``). Raises ``Refusal`` with a clear sentence when it
    cannot be made or is not whole; then nothing old is forgotten.
    """
    folder, database = context.settings.backups, context.database
    ending = "db" if database.is_sqlite else "dump"
    made = folder / f"farmerline-{_stamp(context.now())}.{ending}"
    try:
        _write(database, made, find)
    except (OSError, sqlite3.Error) as error:
        raise Refusal("backup_failed", "The backup cannot be written: {why}.", why=error) from error
    for old in sorted(folder.glob(f"farmerline-*.{ending}"))[: -context.settings.backups_kept]:
        old.unlink()
    with database.write() as session:
        erasure.complete_list(session, home=context.settings.home)
        detail = {"file": made.name, "bytes": made.stat().st_size}
        audit.record(session, actor_id=by, act="backup.make", detail=detail, now=context.now())
    return made.name


def _write(database: Database, made: Path, find: Find) -> None:
    made.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = made.with_name(made.name + ".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        if database.is_sqlite:
            _copy(Path(database.url.database or ""), part)
            check(part)
        else:
            _run(
                find,
                "pg_dump",
                database.url,
                "--format=custom",
                f"--exclude-schema={_HINTS}",
                f"--file={part}",
            )
        part.replace(made)
    finally:
        part.unlink(missing_ok=True)
    _sync(made.parent)


def restore(context: Context, file: Path, *, force: bool = False, find: Find = shutil.which) -> Path | None:
    """Put a backup in the place of the settings' database; the old one is kept aside, and its path returned.

    Whoever calls this then erases the erased people again (``erasure.erase_again``), once the database has its shape.
    Raises ``Refusal``: the backup is not whole, the database is not empty (unless forced), or the service runs.
    """
    if not file.is_file():
        raise Conflict("no_backup", "There is no file {file}.", file=file)
    _remember_erased(context)
    if not context.database.is_sqlite:
        return _restore_server(context, file, force=force, find=find)
    check(file)
    target = Path(context.database.url.database or "")
    context.database.close()
    aside = None
    if target.exists():
        demand_alone(target)
        if not _is_empty(target):
            if not force:
                raise Conflict("not_empty", _NOT_EMPTY)
            aside = target.with_name(f"{target.name}.before-{_stamp(context.now())}")
    fresh = target.with_name(target.name + ".part")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    _copy(file, fresh)
    if aside is not None:
        target.replace(aside)
    fresh.replace(target)
    _sync(target.parent)
    return aside


def _remember_erased(context: Context) -> None:
    """Whom the database that goes has erased is put down first; one that cannot be read tells nothing."""
    with suppress(SQLAlchemyError), context.database.read() as session:
        erasure.complete_list(session, home=context.settings.home)


def check(file: Path) -> None:
    """Look whether a copy is whole: SQLite's own check, and the audit's chain. Raises ``Refusal``."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
            tables = connection.execute(
                "SELECT count(*) FROM sqlite_master WHERE name IN ('audit', 'delivery')"
            ).fetchone()
    except sqlite3.DatabaseError as error:
        raise Conflict("backup_damaged", "{file} is damaged: {why}", file=file.name, why=error) from error
    if found != "ok" or tables[0] != 2:
        why = found if found != "ok" else "not a farmerline database"
        raise Conflict("backup_damaged", "{file} is damaged: {why}", file=file.name, why=why)
    engine = create_engine(f"sqlite:///{file}")
    try:
        with Session(engine) as session:
            broken = audit.verify(session)
    finally:
        engine.dispose()
    if broken is not None:
        raise Conflict(
            "audit_broken",
            "The audit of {file} is broken at row {number}.",
            file=file.name,
            number=broken.number,
        )


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def demand_alone(file: Path) -> None:
    """Nobody else may have the file open (``Conflict``); a write-ahead log is folded in."""
    try:
        with closing(sqlite3.connect(file, timeout=0)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise Conflict("service_runs", "The service is using its database: stop it first.") from error
    except sqlite3.DatabaseError:
        return  # too damaged to be in use


def _is_empty(file: Path) -> bool:
    try:
        with closing(sqlite3.connect(file)) as connection:
            return bool(connection.execute("SELECT count(*) FROM account").fetchone()[0] == 0)
    except sqlite3.OperationalError:
        return True  # no such table yet
    except sqlite3.DatabaseError:
        return False


def _restore_server(context: Context, file: Path, *, force: bool, find: Find) -> Path | None:
    with context.database.read() as session:
        empty = not session.connection().dialect.has_table(session.connection(), "account")
    aside = None
    if not empty:
        if not force:
            raise Conflict("not_empty", _NOT_EMPTY)
        aside = context.settings.backups / f"before-{_stamp(context.now())}.dump"
        aside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _run(
            find, "pg_dump", context.database.url, "--format=custom", f"--exclude-schema={_HINTS}", f"--file={aside}"
        )  # fmt: skip
    context.database.close()
    script = context.settings.backups / f"restore-{_stamp(context.now())}.sql"
    script.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    script.touch(mode=0o600)
    try:
        _run(find, "pg_restore", None, "--no-owner", f"--file={script}", str(file))
        _run(
            find, "psql", context.database.url, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
            f"--command={_CLEAR}", f"--file={script}",
        )  # fmt: skip
    finally:
        script.unlink(missing_ok=True)
    return aside


def _run(find: Find, program: str, url: URL | None, *arguments: str) -> None:
    path = find(program)
    if path is None:
        raise Conflict("no_program", _MISSING, program=program)
    where: list[str] = []
    password: dict[str, str] = {}
    if url is not None:
        place = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
        where = [f"--dbname={place}", "--no-password"]
        password = {"PGPASSWORD": str(url.password)} if url.password else {}
    ended = subprocess.run(
        [path, *where, *arguments],
        env={**os.environ, "LC_ALL": "C", **password},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or ["?"]
        why = next((line for line in lines if "error" in line.lower()), lines[0])
        raise Refusal("program_failed", "{program} failed: {why}", program=program, why=why)


def _stamp(moment: datetime) -> str:
    return f"{local(moment):%Y%m%d-%H%M%S}"


def _sync(folder: Path) -> None:
    """Put the folder's entries on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
