"""``farmerline key`` makes a key; ``farmerline keys rotate`` seals everything anew with the newest."""

from __future__ import annotations

from collections import Counter

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from farmerline import vault
from farmerline.cli.language import tell
from farmerline.cli.opening import open_runtime
from farmerline.db import Database
from farmerline.domain import audit, resealing
from farmerline.domain.resealing import Field
from farmerline.errors import Conflict
from farmerline.vault import make_key


@click.command()
def key() -> None:
    """Print a fresh key: 32 random bytes in base64, for FARMERLINE_VAULT_KEYS, _INDEX_KEY or _WEB_KEY."""
    click.echo(make_key())


@click.group()
def keys() -> None:
    """The keys that seal names, numbers and words."""


@keys.command()
@click.option("--dry-run", is_flag=True, help="Count what each key seals; change nothing.")
@click.pass_context
def rotate(context: click.Context, dry_run: bool) -> None:
    """Seal everything anew with the current key (FARMERLINE_VAULT_CURRENT, else the last one).

    Put the new key behind the old ones and start the service anew first. This works beside the service; it may be
    stopped at any moment and run again, and goes on where it was.
    """
    opened = open_runtime()
    context.call_on_close(opened.database.close)
    before = _count(opened.database)
    current = vault.current().current_name
    old = sum(number for each in before.values() for name, number in each.items() if name != current)
    if dry_run:
        _show(before)
        click.echo(tell("To seal anew with {key}: {count}. Nothing was changed.", key=current, count=old))
        return
    _refuse_unknown(before)
    done = _rotate(opened.database, before, old)
    after = list(_count(opened.database).values())
    if done:
        with opened.database.write() as session:
            detail = {"key": current, "values": done}
            audit.record(session, actor_id="cli", act="keys.rotate", detail=detail, now=opened.now())
    click.echo(tell("Sealed anew with {key}: {count}.", key=current, count=done))
    _say_what_is_left(after, current)
    context.exit(0 if all(set(each) <= {current} for each in after) else 1)


def _rotate(database: Database, before: dict[Field, dict[str, int]], total: int) -> int:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    done = 0
    try:
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task(tell("Sealing anew"), total=total)
            for field in before:
                after = ""
                while True:
                    with database.write() as session:
                        sealed, after = resealing.reseal(session, field, after=after)
                    done += sealed
                    progress.update(task, advance=sealed)
                    if not after:
                        break
    except KeyboardInterrupt:
        click.echo(
            tell("Stopped after {count} of {total}. Run it again to go on.", count=done, total=total),
            err=True,
        )
        raise
    return done


def _count(database: Database) -> dict[Field, dict[str, int]]:
    with database.read() as session:
        return {field: resealing.count(session, field) for field in resealing.fields()}


def _show(counts: dict[Field, dict[str, int]]) -> None:
    for field, each in counts.items():
        for name, number in each.items():
            click.echo(f"{field.name}\t{name or '?'}\t{number}")


def _refuse_unknown(counts: dict[Field, dict[str, int]]) -> None:
    for field, each in counts.items():
        if "" in each:
            raise Conflict(
                "key_unknown",
                "{count} values of {field} are sealed with a key that FARMERLINE_VAULT_KEYS does not hold: add it first.",
                count=each[""],
                field=field.name,
            )


def _say_what_is_left(counts: list[dict[str, int]], current: str) -> None:
    left = Counter[str]()
    for each in counts:
        left.update(each)
    for name in left.keys() - {current}:
        click.echo(
            tell(
                "{count} values came in with the key {key} meanwhile: start the service anew, then run this again.",
                count=left[name],
                key=name or "?",
            )
        )
    if gone := resealing.unneeded(counts):
        click.echo(tell("The database no longer needs these keys: {keys}.", keys=", ".join(gone)))
        click.echo(tell("Keep them apart as long as there are backups from before today."))
