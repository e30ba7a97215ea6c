"""``farmerline upgrade``: back up, bring the database to the newest shape, look at it; or leave all as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import Connection, func, inspect, select, table
from sqlalchemy.orm import Session

from farmerline import migrations
from farmerline.cli.language import language, tell
from farmerline.cli.recovery import finish_restore, open_alone
from farmerline.db import Database
from farmerline.domain import audit, erasure
from farmerline.domain.init_county import ensure_reference_data
from farmerline.errors import Conflict, Refusal
from farmerline.runtime import Runtime
from farmerline.words import say
from jobs.backup import Find, back_up, demand_alone
from jobs.backup import restore as put_back

_NO_PROGRAM = (
    "The backup needs the program {program}, which comes with PostgreSQL: install it. Or back the server up in your own "
    "way, then run this with --without-backup."
)
Migrate = Callable[..., None]


@dataclass(frozen=True, slots=True)
class State:
    """What a database holds: the number of its shape, and how many rows each table has."""

    shape: str | None
    rows: dict[str, int]


@click.command()
@click.option("--without-backup", is_flag=True, help="Make none: you have one of your own.")
def upgrade(without_backup: bool) -> None:
    """Back up, bring the database to the newest shape, and check it. Stop the service first.

    When anything fails, the database is as it was before, and the command ends with 1.
    """
    runtime = open_alone(migrated=False)
    before = look_at(runtime.database)
    if before.shape is None:
        raise Conflict("no_county", "There is no county in this database yet: `farmerline init` makes one.")
    if before.shape == migrations.newest():
        click.echo(tell("The database has the newest shape already: nothing to do."))
        return
    after = run_upgrade(runtime, with_backup=not without_backup)
    click.echo(
        tell(
            "Upgraded from {old} to {new}: {count} rows in {tables} tables, the audit holds.",
            old=before.shape, new=after.shape, count=sum(after.rows.values()), tables=len(after.rows),
        )
    )  # fmt: skip


def run_upgrade(
    runtime: Runtime,
    *,
    with_backup: bool = True,
    find: Find = shutil.which,
    migrate: Migrate = migrations.upgrade,
) -> State:
    """Do it, and give what the database holds afterwards; raises ``Refusal`` once everything is as it was before."""
    _demand_alone(runtime.database)
    backup = _back_up(runtime, find) if with_backup else None
    before = look_at(runtime.database)
    try:
        migrate(runtime.database, look=lambda connection: _finish(runtime, connection, before))
        after = look_at(runtime.database)
    except Exception as error:
        raise _go_back(runtime, before, backup, _reason(error), find) from error
    finally:
        runtime.database.close()
    return after


def look_at(database: Database) -> State:
    """What the database holds now."""
    with database.reader.connect() as connection:
        return _look(connection)


def _look(connection: Connection) -> State:
    names = sorted(inspect(connection).get_table_names())
    rows = {
        name: connection.scalar(select(func.count()).select_from(table(name))) or 0
        for name in names
        if name != "alembic_version"
    }
    return State(migrations.shape_of(connection), rows)


def _demand_alone(database: Database) -> None:
    if database.is_sqlite:
        database.close()
        demand_alone(Path(database.url.database or ""))


def _back_up(runtime: Runtime, find: Find) -> Path:
    try:
        made = runtime.settings.backups / back_up(runtime.context, by="cli", find=find)
    except Conflict as refusal:
        if refusal.code == "no_program":
            raise Conflict("no_program", _NO_PROGRAM, **refusal.values) from refusal
        raise
    click.echo(tell("Backed up to {file}.", file=made))
    return made


def _finish(runtime: Runtime, connection: Connection, before: State) -> None:
    """Inside the same transaction: what the new shape needs, then a look at everything. Raises ``Refusal``."""
    with Session(connection) as session:
        ensure_reference_data(session)
        erasure.erase_again(session, home=runtime.settings.home, now=runtime.now())
        detail = {"from": before.shape, "to": migrations.shape_of(connection)}
        audit.record(session, actor_id="cli", act="database.upgrade", detail=detail, now=runtime.now())
        session.flush()
        if (broken := audit.verify(session)) is not None:
            raise Refusal("audit_broken", "The audit is broken at row {number}.", number=broken.number)
    if runtime.database.is_sqlite:
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
        if found != "ok":
            raise Refusal("database_damaged", "The database is damaged: {why}.", why=found)
    after = _look(connection)
    if after.shape != migrations.newest():
        raise Refusal("shape_old", "The steps did not lead to the newest shape.")
    for name, count in before.rows.items():
        if after.rows.get(name, 0) < count:
            raise Refusal("rows_lost", "Rows of the table {table} were lost.", table=name)


def _go_back(runtime: Runtime, before: State, backup: Path | None, why: str, find: Find) -> Refusal:
    """What to say, once the database is as it was before: by itself, or from the backup."""
    try:
        if look_at(runtime.database) == before:
            return Refusal(
                "upgrade_failed", "The upgrade failed: {why} The database is as it was before.", why=why
            )
    except Exception:  # noqa: S110 - whatever is wrong with it, the backup is the way back
        pass
    if backup is None:
        return Refusal(
            "upgrade_broken", "The upgrade failed: {why} Put your own backup back before you start the service.", why=why
        )  # fmt: skip
    try:
        aside = put_back(runtime.context, backup, force=True, find=find)
        if migrations.is_current(runtime.database):
            finish_restore(runtime, backup)
    except Exception as error:
        return Refusal(
            "upgrade_broken",
            "The upgrade failed: {why} The backup could not be put back ({second}): run `farmerline restore {file} --force`.",
            why=why, second=_reason(error), file=backup,
        )  # fmt: skip
    return Refusal(
        "upgrade_undone",
        "The upgrade failed: {why} The backup was put back, all is as before; what failed is kept as {file}.",
        why=why,
        file=aside or "-",
    )


def _reason(error: Exception) -> str:
    if isinstance(error, Refusal):
        return say(language(), error.sentence, **error.values)
    words = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {words}".rstrip(": ").rstrip(".") + "."
