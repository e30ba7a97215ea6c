"""``farmerline audit verify``: does the audit's chain hold?"""

from __future__ import annotations

import click

from farmerline.cli.language import tell
from farmerline.cli.opening import open_runtime
from farmerline.domain import audit as chain
from farmerline.domain.audit import Fault

_FAULTS = {
    Fault.CHANGED: "Row {number} was changed.",
    Fault.MISSING: "Row {number} is missing.",
    Fault.SWAPPED: "Row {number} does not follow the row before it.",
    Fault.CUT: "Row {number} and what followed it were cut off.",
    Fault.ADDED: "Row {number} was put behind the end.",
    Fault.HEAD: "The end of the chain was changed at row {number}.",
}


@click.group()
def audit() -> None:
    """The record of who did what."""


@audit.command()
@click.pass_context
def verify(context: click.Context) -> None:
    """Walk the whole chain. Prints OK with its count and last digest (exit 0), or names the first broken row (exit 1)."""
    opened = open_runtime()
    with opened.database.read() as session:
        broken = chain.verify(session)
        end = chain.head(session)
    if broken is not None:
        click.echo(tell("BROKEN:") + " " + tell(_FAULTS[broken.fault], number=broken.number))
        context.exit(1)
    click.echo(f"OK: {tell('{count} rows, head {digest}', count=end.number, digest=end.digest)}")
