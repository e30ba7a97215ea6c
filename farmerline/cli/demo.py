"""``farmerline demo``: make the demo county, play its stories, serve it."""

from __future__ import annotations

import os
import sys
from contextlib import closing

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import inspect, select

from farmerline.app import create_app
from farmerline.cli import opening
from farmerline.cli.running import refuse_taken, run_service
from farmerline.config import PREFIX, Settings, read_settings
from farmerline.db import Database
from farmerline.demo import county, player
from farmerline.demo.people import (
    ADMIN,
    CONTACT,
    EXPERT,
    OFFICER,
    OLD_YANG,
    PUBLISHER,
    SEEDLING_SELLER,
    SHARED_A,
    SIGNER,
    SPEAKER,
    WEB_BUYER,
)
from farmerline.errors import Misconfigured
from farmerline.migrations import upgrade
from farmerline.models import Account
from farmerline.runtime import Runtime, open_runtime

_SHOWN = (OLD_YANG, WEB_BUYER, CONTACT, EXPERT, PUBLISHER, OFFICER, SIGNER, ADMIN)


@click.command()
@click.option("--once", is_flag=True, help="Play the stories and end; exit 0 only if every expectation held.")
def demo(once: bool) -> None:
    """Make a demo county, play the stories, then serve it with the village phone."""
    console = Console(highlight=False, soft_wrap=True)
    # before the folder goes, with its keys: a demo may be serving from it, or they alone open the rows found
    refuse_used(os.environ.get(PREFIX + "DATABASE_URL", ""))
    if not once and PREFIX + "LISTEN" not in os.environ:
        refuse_taken(Settings.model_fields["listen"].default)
    settings_file = county.write_settings()
    settings = read_settings({**os.environ, PREFIX + "SETTINGS": str(settings_file)})
    refuse_used(settings.database_url)
    runtime = open_runtime(settings)
    upgrade(runtime.database)
    held = _play(runtime, console)
    _put_phones_on_the_table(runtime)
    if once:
        sys.exit(0 if held else 1)
    _say_how_to_sign_in(runtime, console)
    run_service(runtime)


def _play(runtime: Runtime, console: Console) -> bool:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    now = runtime.now()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        people = progress.add_task("600 accounts in 20 villages", total=1)
        county.build(runtime.database, runtime.settings, now=now - player.SPAN)
        runtime.prepare()
        progress.update(people, completed=1)
        days = progress.add_task("thirty days", total=player.DAYS)
        found = player.play(
            runtime,
            create_app(runtime),
            tell=lambda line: console.print(line, markup=False),
            now=now,
            passed=lambda day: progress.update(days, completed=day),
        )
    failed = [each for each in found if not each.held]
    console.print(f"\n{len(found) - len(failed)} of {len(found)} expectations held.")
    for each in failed:
        console.print(str(each), markup=False)
    return not failed


def _put_phones_on_the_table(runtime: Runtime) -> None:
    """Four handsets of the stories stand on the village phone's page."""
    if runtime.simulator is not None:
        for person in (SPEAKER, SHARED_A, SEEDLING_SELLER, OLD_YANG):
            runtime.simulator.carrier.take_out(person.phone, person.name)


def _say_how_to_sign_in(runtime: Runtime, console: Console) -> None:
    url = runtime.settings.public_url
    console.print(f"\nSign in at {url}/signin with the password [b]{county.PASSWORD}[/b]:")
    for person in _SHOWN:
        console.print(f"  {person.role:<10} {person.phone.removeprefix('+86')}  {person.name}")
    console.print(
        "Officer, signer and admin are also asked for a code: [b].venv/bin/farmerline demo-code PHONE[/b]"
    )
    console.print(f"The telephone PIN of each is {county.PIN}. The village phone: {url}/phone\n")


def refuse_used(url: str) -> None:
    """The demo's own file is made anew each time; somebody else's database is not touched when it holds people."""
    if not url:
        return
    database = Database(url)
    with opening.answering(), closing(database), database.read() as session:
        made = inspect(session.connection()).has_table(Account.__tablename__)
        if made and session.scalars(select(Account.id).limit(1)).first() is not None:
            raise Misconfigured(
                "FARMERLINE_DATABASE_URL names a database with people in it; the demo wants an empty one."
            )


@click.command("demo-code")
@click.argument("phone")
def demo_code(phone: str) -> None:
    """Print the second factor's code of this moment for a demo account."""
    runtime = opening.open_runtime()
    if not runtime.settings.is_demo:
        raise Misconfigured("This works in a demo only.")
    with runtime.database.read() as session:
        code = county.second_factor_code(session, f"+86{phone.removeprefix('+86')}", runtime.now())
    click.echo(code or "This account has no second factor.")
