"""``farmerline cap``: alerts out as CAP 1.2 files, other bureaus' CAP files in as drafts."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from farmerline.cli.language import tell
from farmerline.cli.opening import open_runtime
from farmerline.config import Module
from farmerline.errors import Absent, Misconfigured
from farmerline.queries import alert_public
from farmerline.render.cap import write
from farmerline.runtime import Runtime
from farmerline.web.alerts.cap import to_cap
from jobs.warnings import files_of, take_file


@click.group()
def cap() -> None:
    """Alerts in the Common Alerting Protocol 1.2."""


@cap.command("export")
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1)
@click.option(
    "--out",
    "folder",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the files are written, one an alert: NUMBER.xml.",
)
def export_alerts(numbers: tuple[str, ...], folder: Path) -> None:
    """Write the alerts in force as files, or those of these numbers (2026-12)."""
    opened = _open()
    with opened.database.read() as session:
        if numbers:
            found = [alert_public.issued(session, number, now=opened.now()) for number in numbers]
        else:
            found = [*alert_public.in_force(session, now=opened.now())]
        folder.mkdir(parents=True, exist_ok=True)
        for number, alert in zip(numbers or [one.number for one in found if one], found, strict=True):
            if alert is None:
                raise Absent("alert_unknown", "No alert was issued under {number}.", number=number[:20])
            earlier = alert_public.issued(session, alert.earlier, now=opened.now()) if alert.earlier else None
            path = folder / f"{alert.number}.xml"
            path.write_bytes(write(to_cap(alert, earlier, opened.settings)))
            click.echo(path)


@cap.command("import")
@click.argument(
    "places", metavar="FILE|DIR...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
def import_warnings(places: tuple[Path, ...]) -> None:
    """Make drafts of other bureaus' warnings; nothing is sent by itself. Ends with 1 where a file could not be taken."""
    opened, refused = _open(), 0
    for path in files_of(places):
        done = take_file(opened.context, path)
        refused += not done.number and not done.known
        told = tell("draft {number}", number=done.number) if done.number else done.why
        click.echo(f"{path.name}: {told}")
    sys.exit(1 if refused else 0)


def _open() -> Runtime:
    opened = open_runtime()
    if not opened.settings.has(Module.ALERTS):
        raise Misconfigured("This county has no alerts: add alerts to FARMERLINE_MODULES.")
    return opened
