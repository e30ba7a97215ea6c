"""``farmerline move-to``: from the one box's file into PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from farmerline import migrations
from farmerline.cli import opening
from farmerline.cli.language import tell
from farmerline.cli.progress import show_progress
from farmerline.db import Database
from farmerline.domain import audit, moving
from farmerline.domain.moving import Moved
from farmerline.errors import Conflict, Misconfigured
from farmerline.runtime import Runtime
from jobs.backup import demand_alone


@click.command("move-to")
@click.argument("url")
def move_to(url: str) -> None:
    """Copy this county from its SQLite file into an empty PostgreSQL database (URL). Stop the service first.

    All or nothing: counts, digests and the audit are compared before anything counts. The file stays as it is.
    """
    runtime = opening.open_runtime()
    click.get_current_context().call_on_close(runtime.database.close)
    target = _open_target(runtime, url)
    click.get_current_context().call_on_close(target.close)
    _make_tables(target)
    try:
        moved = move(runtime, target)
    except (KeyboardInterrupt, SQLAlchemyError):
        click.echo(tell("Nothing was moved: the target is as empty as before."), err=True)
        raise
    _show(moved)
    click.echo(
        tell(
            "Moved {rows} rows in {tables} tables; counts and digests agree, the audit holds.",
            rows=sum(one.rows for one in moved), tables=len(moved),
        )
    )  # fmt: skip
    click.echo(tell("Now put the new address into FARMERLINE_DATABASE_URL, then run `farmerline check`."))


def move(runtime: Runtime, target: Database) -> list[Moved]:
    """Do it in one transaction on each side; nobody else writes meanwhile. Raises ``Conflict``, with the target as it was."""
    runtime.database.close()
    demand_alone(Path(runtime.database.url.database or ""))
    with runtime.database.writer.begin() as source, target.writer.begin() as there:
        there.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        moving.demand_empty(there)
        rows = sum(moving.count(source).values())
        with show_progress(tell("Copying, then comparing"), 2 * rows) as advance:
            moved = moving.move(source, there, advance=advance)
        _put_on_record(runtime, there, moved)
    with target.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")  # it plans its queries by what it knows of its tables
    return moved


def _open_target(runtime: Runtime, url: str) -> Database:
    target = Database(url) if "://" in url else None
    if target is None or target.is_sqlite or not runtime.database.is_sqlite:
        raise Conflict(
            "move_way",
            "A county moves from an SQLite file to PostgreSQL only: farmerline move-to postgresql://…",
        )
    return target


def _make_tables(target: Database) -> None:
    from jobs import cluster

    try:
        with target.reader.connect() as connection:
            shape = migrations.shape_of(connection)
        if shape is None:
            migrations.upgrade(target)
        elif shape != migrations.newest():
            raise Conflict(
                "move_shape", "The target has another shape: a county moves into a fresh database only."
            )
        cluster.make_tables(target)
    except (SQLAlchemyError, OSError) as error:
        raise Misconfigured(
            f"The target does not answer ({type(error).__name__}); look at its address."
        ) from error


def _put_on_record(runtime: Runtime, there: Connection, moved: list[Moved]) -> None:
    with Session(there, join_transaction_mode="rollback_only") as session:
        detail = {"rows": sum(one.rows for one in moved), "tables": len(moved)}
        audit.record(session, actor_id="cli", act="county.move", detail=detail, now=runtime.now())
        session.flush()
        if (broken := audit.verify(session)) is not None:
            raise Conflict("audit_broken", "The audit is broken at row {number}.", number=broken.number)
        session.commit()


def _show(moved: list[Moved]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column(tell("Table"))
    table.add_column(tell("Rows"), justify="right")
    table.add_column(tell("Digest"))
    for one in moved:
        table.add_row(one.table, str(one.rows), one.digest[:16])
    Console(highlight=False).print(table)
