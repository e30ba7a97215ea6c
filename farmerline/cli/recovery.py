"""``farmerline backup`` and ``restore``: a copy of the county, and the way back."""

from __future__ import annotations

from pathlib import Path

import click

from farmerline.cli.language import tell
from farmerline.cli.opening import open_runtime
from farmerline.domain import audit, erasure, restoring
from farmerline.migrations import is_current
from farmerline.runtime import Runtime
from jobs.backup import back_up
from jobs.backup import restore as put_back


@click.command()
def backup() -> None:
    """Make a checked backup now and print its file."""
    runtime = open_alone()
    made = back_up(runtime.context, by="cli")
    click.echo(runtime.settings.backups / made)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--force", is_flag=True, help="Also where the database is not empty; the old one is kept aside."
)
def restore(file: Path, force: bool) -> None:
    """Put a backup in the place of the settings' database. Stop the service first."""
    runtime = open_alone(migrated=False)
    aside = put_back(runtime.context, file, force=force)
    click.echo(tell("Restored from {file}.", file=file))
    if aside is not None:
        click.echo(tell("The old database is kept as {file}.", file=aside))
    if not is_current(runtime.database):
        click.echo(tell("Now run `farmerline migrate`, then `farmerline check`."))
        return
    if again := finish_restore(runtime, file):
        click.echo(tell("People erased since then were erased again: {count}.", count=again))
    click.echo(tell("Now run `farmerline check`, then start the service."))


def finish_restore(runtime: Runtime, file: Path) -> int:
    """Put a restore on record, hold what would leave, and erase again who came back with it; returns how many were erased."""
    with runtime.database.write() as session:
        again = erasure.erase_again(session, home=runtime.settings.home, now=runtime.now())
        held = restoring.hold(session, now=runtime.now())
        detail = {"file": file.name, "erased": again, "held": held}
        audit.record(session, actor_id="cli", act="backup.restore", detail=detail, now=runtime.now())
    return again


def open_alone(*, migrated: bool = True) -> Runtime:
    """The county, closed when the command ends: a restore needs its file alone."""
    runtime = open_runtime(migrated=migrated)
    click.get_current_context().call_on_close(runtime.database.close)
    return runtime
