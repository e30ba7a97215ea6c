"""``farmerline init``: six questions, and a county is there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import inspect, select

from farmerline import vault
from farmerline.cli import answers as said
from farmerline.cli.areas import load_rows, vendored_rows
from farmerline.cli.language import tell
from farmerline.clock import SystemClock, local
from farmerline.config import make_settings
from farmerline.db import Database
from farmerline.domain.init_county import FirstPerson, Issued, ensure_reference_data, make_first_people
from farmerline.errors import Conflict
from farmerline.migrations import upgrade
from farmerline.models import Account

_TWILIO = ("twilio_account_sid", "twilio_auth_token", "twilio_number")
_FACTS = (
    "county", "service_name", "gateway", *_TWILIO, "line_number", "first_person", "second_person", "backup_folder", "home",
    "database_url",
)  # fmt: skip


@click.command()
@click.option(
    "--settings",
    "path",
    type=click.Path(path_type=Path),
    default=Path("settings.env"),
    show_default=True,
    help="The file to write; never overwritten.",
)
@click.option(
    "--answers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A TOML file with the answers; its names are those of the options, with _ for -.",
)
@click.option("--county", help="The county: its name or six-digit code.")
@click.option("--service-name", help="The service's name, as everybody will see it.")
@click.option("--gateway", help="The carrier: twilio, pbx (a switch of your own), or simulator (a demo).")
@click.option("--twilio-account-sid", help="Twilio's account id.")
@click.option("--twilio-auth-token", help="Twilio's token; better in the answers file.")
@click.option("--twilio-number", help="The number at Twilio.")
@click.option("--line-number", help="The number that people ring and text.")
@click.option("--first-person", help="The administrator: real name and mobile number.")
@click.option("--second-person", help="A second administrator: real name and mobile number.")
@click.option("--backup-folder", help="Where backups go; best on another disk.")
@click.option("--home", help="Where the service keeps its files  [default: data, beside the settings]")
@click.option("--database-url", help="The database  [default: an SQLite file in the home folder]")
def init(path: Path, answers: Path | None, **given: str | None) -> None:
    """Set up a county: asks six questions, writes the settings, makes the database and its first two people.

    Their one-use passwords and second factors are printed once. What an option says is not asked; with --answers
    nothing is asked at all.
    """  # fmt: skip
    if path.exists():
        raise Conflict(
            "settings_exist", "{file} is there already; init never overwrites settings.", file=path
        )
    facts = said.read_answers(answers, _FACTS) if answers else {}
    facts |= {name: value for name, value in given.items() if value is not None}
    now = SystemClock().now()
    values, people = _ask(said.Asker(facts, may_ask=answers is None), facts, path)
    issued = _set_up(path, values, people, now)
    click.echo(tell("The settings are in {file}.", file=path))
    click.echo(tell("Keep a copy of its keys apart from the backups."))
    if "pbx_manager_secret" in values:
        click.echo(tell("How the switch is set up: docs/own-switch.md"))
    elif values["gateway"] != "simulator":
        click.echo(
            tell("Add FARMERLINE_PUBLIC_URL=https://… to it, and set it at the carrier as the README says.")
        )
    for person in issued:
        click.echo(
            tell("{name}: password for one use {password}", name=person.name, password=person.password)
        )
        click.echo(tell("   second factor {secret} (put it into an authenticator now)", secret=person.secret))
        click.echo(f"   {person.address}")
    click.echo(tell("This is shown once. The passwords hold for seven days. Next: farmerline serve"))


def _ask(asker: said.Asker, facts: dict[str, str], path: Path) -> tuple[dict[str, Any], list[FirstPerson]]:
    """The six questions; returns the settings and the two first people."""
    county = asker.ask("county", tell("1. Which county? Its name or six-digit code"), said.find_county)
    service = asker.ask("service_name", tell("2. What is the service called?"), said.check_service_name)
    gateway = asker.ask(
        "gateway", tell("3. Which carrier? twilio, pbx or simulator"), said.check_gateway, default="twilio"
    )
    account: dict[str, str] = {}
    if gateway == "twilio":
        account["twilio_account_sid"] = asker.ask(
            "twilio_account_sid", tell("   Twilio's account id"), said.check_filled
        )
        account["twilio_auth_token"] = asker.ask(
            "twilio_auth_token", tell("   Twilio's token"), said.check_filled, hidden=True
        )
        account["twilio_number"] = asker.ask(
            "twilio_number", tell("   The number at Twilio"), said.check_line
        )
    if gateway == "pbx":
        account = said.make_account(
            asker.ask("twilio_number", tell("   The trunk's number, with +86"), said.check_line)
        )
    line = asker.ask("line_number", tell("4. Which number do people ring and text?"), said.check_line)
    first = asker.ask(
        "first_person", tell("5. Who is the administrator? Name and mobile number"), said.read_person
    )
    second = asker.ask(
        "second_person", tell("   And the second administrator?"), lambda text: said.read_second(text, first)
    )
    home = Path(facts.get("home") or path.absolute().parent / "data").expanduser().absolute()
    question = tell("6. Where do backups go? A folder, best on another disk")
    backups = asker.ask("backup_folder", question, said.check_folder, default=str(home / "backups"))
    values: dict[str, Any] = {
        "mode": "demo" if gateway == "simulator" else "production",
        "database_url": facts.get("database_url") or f"sqlite:///{home / 'farmerline.db'}",
        "home": home,
        "county": county.code,
        "service_name": service,
        "line_number": line,
        "gateway": "simulator" if gateway == "simulator" else "twilio",
        **account,
        "vault_keys": f"k1:{vault.make_key()}",
        "index_key": vault.make_key(),
        "web_key": vault.make_key(),
        "backup_folder": backups,
    }
    return values, [first, second]


def _set_up(path: Path, values: dict[str, Any], people: list[FirstPerson], now: datetime) -> list[Issued]:
    """Make the database and its first rows. The settings get their name last, so that a failure leaves none behind."""
    settings = make_settings(values)
    settings.home.mkdir(parents=True, exist_ok=True)
    fresh = said.write_settings(path, values, day=local(now).date())
    database = Database(settings.database_url)
    try:
        vault.install(settings.vault())
        _refuse_settled(database)
        upgrade(database)
        load_rows(database, vendored_rows(settings.county))
        with database.write() as session:
            ensure_reference_data(session)
            issued = make_first_people(session, people, settings=settings, now=now)
        said.put_in_place(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
        database.close()
    return issued


def _refuse_settled(database: Database) -> None:
    with database.read() as session:
        if inspect(session.connection()).has_table(Account.__tablename__) and session.scalar(
            select(Account.id).limit(1)
        ):
            raise Conflict("database_settled", "The database holds a county already: choose an empty one.")
