"""``farmerline sheet``: a village's wall sheet as a PDF file."""

from __future__ import annotations

from pathlib import Path

import click

from farmerline.cli.language import language, tell
from farmerline.cli.opening import open_runtime
from farmerline.queries import village_sheet
from farmerline.render.sheet import to_pdf
from farmerline.web.contact.sheet import write


@click.command()
@click.argument("village", metavar="VILLAGE")
@click.option(
    "--out",
    "file",
    metavar="FILE.pdf",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the page is written.",
)
def sheet(village: str, file: Path) -> None:
    """Write the wall sheet of a village (its code of 12 digits, or its name) as it is today: one A4 page.

    Alerts in force, farm work and news, what the village sells and wants, a square code, the number to call.
    """
    opened = open_runtime()
    with opened.database.read() as session:
        found = village_sheet.sheet(session, village, now=opened.now())
    made = write(found, settings=opened.settings, language=language(), now=opened.now())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(to_pdf(made))
    click.echo(tell("Written: {file}", file=file))
