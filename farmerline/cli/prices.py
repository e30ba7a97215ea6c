"""``farmerline prices``: take in a list of prices."""

from __future__ import annotations

from pathlib import Path

import click

from farmerline.cli.language import language, tell
from farmerline.cli.opening import open_runtime
from farmerline.domain import access, accounts, price_file
from farmerline.errors import Absent
from farmerline.identity import normalise_phone
from farmerline.models import Role


@click.group()
def prices() -> None:
    """What goods fetch at the markets."""


@prices.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", "phone", metavar="PHONE", required=True, help="The publisher who answers for the list.")
@click.pass_context
def import_file(context: click.Context, file: Path, phone: str) -> None:
    """Take in prices from a CSV or XLSX FILE. Safe to repeat.

    Columns: 日期 市场 品种 价格; also 等级 单位. Good rows are kept. Rows that need mending go to FILE-to-fix.csv with a
    reason each; then the command ends with 1, else with 0.
    """
    opened = open_runtime()
    table = price_file.read(file.read_bytes())
    with opened.database.write() as session:
        people = accounts.by_phone(session, normalise_phone(phone))
        actors = [access.actor_of(session, person) for person in people]
        actor = next((one for one in actors if one.has(Role.PUBLISHER)), None)
        if actor is None:
            raise Absent("publisher_unknown", "No publisher has this phone.")
        taken = price_file.take(session, table, actor=actor, language=language(), now=opened.now())
    click.echo(tell("{n} prices kept, {held} of them wait for a second look.", n=taken.kept, held=taken.held))
    for line, why in taken.rejects[:20]:
        click.echo("  " + tell("Row {line}: {reason}", line=line.number, reason=why))
    if taken.rejects:
        target = file.with_name(f"{file.stem.removesuffix('-to-fix')}-to-fix.csv")
        target.write_bytes(taken.to_fix())
        click.echo(tell("The rows to mend are in {file}.", file=target))
    context.exit(1 if taken.rejects else 0)
