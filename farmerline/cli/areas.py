"""``farmerline areas load``: put the places into the database."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import click

from farmerline.cli.language import tell
from farmerline.cli.opening import open_runtime
from farmerline.cli.progress import show_progress
from farmerline.db import Database
from farmerline.domain import areas as places
from farmerline.errors import Invalid
from farmerline.places import Level, PlaceRow, normalise_code, read_file, read_vendored


@click.group()
def areas() -> None:
    """The country's places."""


@areas.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--county", help="Take the villages of this county (six digits) only; without it, the settings' county."
)
def load(file: Path | None, county: str | None) -> None:
    """Load the places that come with the program: all down to the towns, and the county's villages.

    With FILE (CSV or tab-separated: code and name, UTF-8 or GB18030): the places of that file. Safe to repeat.
    """
    opened = open_runtime()
    rows = (
        rows_of_file(file, county)
        if file
        else vendored_rows(normalise_code(county or opened.settings.county))
    )
    loaded = load_rows(opened.database, rows)
    click.echo(
        tell(
            "Places: {added} added, {renamed} renamed, {same} as before.",
            added=loaded.added,
            renamed=loaded.renamed,
            same=loaded.same,
        )
    )


@areas.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def positions(file: Path) -> None:
    """Say where places lie, for distances: FILE is CSV with code, latitude and longitude in degrees (WGS 84), UTF-8.

    All of it is taken, or nothing.
    """
    found = _read_positions(file)
    with open_runtime().database.write() as session:
        changed = places.put_positions(session, found)
    click.echo(tell("Positions: {given} read, {changed} changed.", given=len(found), changed=changed))


def _read_positions(file: Path) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for number, cells in enumerate(csv.reader(lines), start=1):
            if not any(cells) or (number == 1 and not cells[0].strip().isdigit()):
                continue
            try:
                code, lat, lon = cells[:3]
                found[normalise_code(code)] = (float(lat), float(lon))
            except ValueError:
                raise Invalid(
                    "position_line", "Line {number}: write code, latitude, longitude.", number=number
                ) from None
    return found


def vendored_rows(county: str) -> list[PlaceRow]:
    """The whole country down to the towns, and the villages of one county. Raises ``Absent`` for an unknown county."""
    villages = [row for row in read_vendored(county) if row.level is Level.VILLAGE]
    return [*read_vendored(through=Level.TOWN), *villages]


def rows_of_file(file: Path, county: str | None) -> list[PlaceRow]:
    """The places of a file (of one county, where it is given) with the places around them. Raises ``Invalid``."""
    rows = read_file(file)
    if county is not None:
        code = normalise_code(county)
        rows = [row for row in rows if row.code.startswith(code) or code.startswith(row.code)]
    held = {row.code for row in rows}
    around = {prefix for row in rows for prefix in places.prefixes(row.code)} - held
    return [*(row for row in read_vendored(through=Level.TOWN) if row.code in around), *rows]


def load_rows(database: Database, rows: Sequence[PlaceRow]) -> places.Loaded:
    """Load with a bar on standard error."""
    with show_progress(tell("Places"), len(rows)) as advance, database.write() as session:
        return places.load(session, rows, tell=advance)
