"""``farmerline migrate``: bring the database to the newest shape."""

from __future__ import annotations

import click

from farmerline.cli.language import tell
from farmerline.cli.opening import open_runtime
from farmerline.domain import erasure
from farmerline.domain.init_county import ensure_reference_data
from farmerline.migrations import is_current, upgrade


@click.command()
def migrate() -> None:
    """Bring the database to the newest shape; a repeat changes nothing."""
    opened = open_runtime(migrated=False)
    was = is_current(opened.database)
    upgrade(opened.database)
    if not opened.database.is_sqlite:
        from jobs import cluster

        cluster.make_tables(opened.database)
    with opened.database.write() as session:
        ensure_reference_data(session)
        erasure.erase_again(session, home=opened.settings.home, now=opened.now())
    click.echo(
        tell("The database has the newest shape already.")
        if was
        else tell("The database has the newest shape now.")
    )
