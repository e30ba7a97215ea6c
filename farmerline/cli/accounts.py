"""``farmerline accounts``: take in a list, give a role, let somebody in again who is locked out, erase somebody."""

from __future__ import annotations

import re
from pathlib import Path

import click

from farmerline.cli.language import tell
from farmerline.cli.opening import open_runtime
from farmerline.cli.progress import show_progress
from farmerline.domain import Session, access, areas, credentials, erasure, roster, signin
from farmerline.domain import accounts as people
from farmerline.domain.roster_file import MOST_BYTES, Table, read_table, write_rejects
from farmerline.errors import Absent, Invalid
from farmerline.identity import normalise_phone
from farmerline.models import Account, Role
from farmerline.words import say

_LISTED = 20


@click.group()
def accounts() -> None:
    """People and their roles."""


@accounts.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.pass_context
def import_file(context: click.Context, file: Path, dry_run: bool) -> None:
    """Take in a list of people from a CSV or XLSX FILE. Safe to repeat.

    Columns: 姓名 手机 村 (or 村代码); also 镇 身份 作物 看证人 看证日期 身份证号 农技短信. Good rows are kept. Rows that need
    mending go to FILE-to-fix.csv with a reason each; then the command ends with 1, else with 0.
    """
    opened = open_runtime()
    now = opened.now()
    table = _read(file)
    settings = opened.settings
    with show_progress(tell("Reading"), len(table.lines)) as advance, opened.database.read() as session:
        plan = roster.make_plan(
            session,
            table,
            county=settings.county,
            now=now,
            keep_resident=settings.keep_resident_number,
            tell=advance,
        )
    added = len(plan.newcomers) if dry_run else 0
    if not dry_run:
        with show_progress(tell("Writing"), len(plan.newcomers)) as advance:
            for part in roster.parts(plan):
                with opened.database.write() as session:
                    added += roster.take(session, part, now=now)
                advance(len(part))
    click.echo(
        tell(
            "{rows} rows: {added} new, {known} here already, {bad} to mend.",
            rows=len(table.lines), added=added, known=len(table.lines) - added - len(plan.rejects), bad=len(plan.rejects),
        )
    )  # fmt: skip
    _list_rejects(plan)
    if dry_run:
        click.echo(tell("This was a dry run: nothing was written."))
    elif plan.rejects:
        click.echo(tell("The rows to mend are in {file}.", file=_write_rejects(file, table, plan)))
    context.exit(1 if plan.rejects else 0)


@accounts.command()
@click.argument("phone")
@click.argument("role", type=click.Choice([role.value for role in Role if role is not Role.FARMER]))
@click.argument("area_code")
@click.option("--name", default="", help="Which person, where several share the phone.")
def grant(phone: str, role: str, area_code: str, name: str) -> None:
    """Give the person with PHONE a ROLE in the area with AREA_CODE."""
    opened = open_runtime()
    with opened.database.write() as session:
        account = _person(session, phone, name)
        if areas.get(session, area_code) is None:
            raise Invalid("area_unknown", "Choose the place.", field="area_code")
        access.grant_role(session, account, role=Role(role), area_code=area_code, by=None, now=opened.now())
        signin.end_all(session, account.id, by_id="cli", now=opened.now())
        place = areas.path_name(session, area_code)
    click.echo(tell("Done: {role} in {place}.", role=role, place=place))


@accounts.command("let-in")
@click.argument("phone")
@click.option("--name", default="", help="Which person, where several share the phone.")
@click.option(
    "--new-second-factor", is_flag=True, help="Give a new second factor as well: the old phone is lost."
)
def let_in(phone: str, name: str, new_second_factor: bool) -> None:
    """Print a password for one use for the person with PHONE, who stands before you. It holds for seven days.

    All their sessions end. This is on record.
    """
    opened = open_runtime()
    password = signin.make_password()
    with opened.database.write() as session:
        account = _person(session, phone, name)
        signin.set_password(session, account, password, by_id="cli", now=opened.now(), once=True)
        signin.end_all(session, account.id, by_id="cli", now=opened.now())
        secret = (
            credentials.issue_totp(session, account, by_id="cli", now=opened.now())
            if new_second_factor
            else ""
        )
        address = (
            signin.totp_address(secret, account=account, service=opened.settings.service_name)
            if secret
            else ""
        )
    click.echo(tell("Password for one use: {password}", password=password))
    if secret:
        click.echo(tell("Second factor: {secret}", secret=secret))
        click.echo(address)


@accounts.command()
@click.argument("person", metavar="PHONE_OR_ID")
@click.option("--reason", required=True, help="Why, in a few words without names: it stays on record.")
@click.option("--name", default="", help="Which person, where several share the phone.")
@click.option("--yes", is_flag=True, help="Do not ask again.")
def erase(person: str, reason: str, name: str, yes: bool) -> None:
    """Erase a person: name, number and secrets go at once and do not come back, not even from a backup.

    Posts, roles, messages on their way and open questions end. Messages keep the number for the months the law asks.
    """
    opened = open_runtime()
    click.get_current_context().call_on_close(opened.database.close)
    with opened.database.read() as session:
        account = _person_or_id(session, person, name)
        place = areas.path_name(session, account.area_code)
    if not yes:
        asked = tell("Erase {name} of {place}? This cannot be undone.", name=account.name, place=place)
        click.confirm(asked, abort=True)
    with opened.database.write() as session:
        erasure.erase(
            session, session.get_one(Account, account.id), by=None, reason=reason, home=opened.settings.home, now=opened.now()
        )  # fmt: skip
    click.echo(tell("Erased: {id}.", id=account.id))


def _read(file: Path) -> Table:
    if file.stat().st_size > MOST_BYTES:
        raise Invalid("roster_size", "The file is too large: at most 50 MB.")
    return read_table(file.read_bytes())


def _list_rejects(plan: roster.Plan) -> None:
    for reject in plan.rejects[:_LISTED]:
        reason = tell(reject.reason.sentence, **reject.reason.values)
        click.echo("  " + tell("Row {line}: {reason}", line=reject.line.number, reason=reason))
    if len(plan.rejects) > _LISTED:
        click.echo("  " + tell("… and {count} more", count=len(plan.rejects) - _LISTED))


def _write_rejects(file: Path, table: Table, plan: roster.Plan) -> Path:
    """The file lies beside the list; only its owner may read it, for it holds names and numbers."""
    target = file.with_name(f"{file.stem.removesuffix('-to-fix')}-to-fix.csv")
    fresh = target.with_suffix(".part")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    reasons = [
        (reject.line, say("zh", reject.reason.sentence, **reject.reason.values)) for reject in plan.rejects
    ]
    fresh.write_bytes(write_rejects(table, reasons))
    fresh.replace(target)
    return target


def _person_or_id(session: Session, said: str, name: str) -> Account:
    if re.fullmatch(r"[0-9a-f]{32}", said):
        found = session.get(Account, said)
        if found is None:
            raise Absent("account_absent", "There is no account with this id.")
        return found
    return _person(session, said, name)


def _person(session: Session, phone: str, name: str) -> Account:
    members = people.by_phone(session, normalise_phone(phone))
    found = [account for account in members if not name or account.name == name]
    if not found:
        raise Absent("person_absent", "Nobody with this phone and name is registered.")
    if len(found) > 1:
        raise Invalid("person_several", "Several people share this phone: say which with --name.")
    return found[0]
