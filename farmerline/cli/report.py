"""``farmerline report deals``: what came of the posts, from the rows, with the way of counting."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click
from rich.table import Table

from farmerline.cli.language import language, tell
from farmerline.cli.opening import open_runtime
from farmerline.cli.tables import print_table
from farmerline.domain import areas
from farmerline.errors import Invalid
from farmerline.queries import deals_report
from farmerline.queries.deals_report import COUNTED, Report
from farmerline.web.format import number, quantity
from farmerline.web.reports.words import REASONS, small_limits

_SHOWN = 40


@click.group()
def report() -> None:
    """Reports from the rows."""


@report.command()
@click.option(
    "--area", metavar="CODE", default="", help="A place's code (2 to 12 digits); without it, the county."
)
@click.option(
    "--from",
    "first",
    metavar="DAY",
    default="",
    help="The first day, like 2026-01-01; without it, a year back.",
)
@click.option("--to", "last", metavar="DAY", default="", help="The last day; without it, today.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def deals(area: str, first: str, last: str, as_json: bool) -> None:
    """Deals per 100 posts, days to a deal, the share of small sellers, what went where, and why others came to nothing.

    Days are those of China; the way of counting is printed with the figures.
    """
    opened = open_runtime()
    code = area or opened.settings.county
    chosen = deals_report.period(first, last, now=opened.now())
    with opened.database.read() as session:
        if areas.get(session, code) is None:
            raise Invalid("area_unknown", "No place here has the code {said}.", said=code[:20])
        made = deals_report.report(session, area=code, period=chosen)
    if as_json:
        click.echo(json.dumps(_plain(made), ensure_ascii=False))
    else:
        _show(made)


def _show(made: Report) -> None:
    days = tell("from {first} to {last}", first=made.first, last=made.last)
    click.echo(f"{made.place} {days}")
    figures = Table(box=None, pad_edge=False, show_header=False)
    figures.add_column("")
    figures.add_column("", justify="right")
    for words, value in (
        (tell("Posts"), made.posts),
        (tell("Deals"), made.deals),
        (tell("Deals for 100 posts"), made.deals_per_100_posts),
        (tell("Middle days from post to deal"), made.median_days_to_deal),
        (tell("Middle days from post to number"), made.median_days_to_number),
        (tell("Sold by people of the place"), made.sold),
        (tell("Of these by small sellers"), None if made.small_share is None else f"{made.small_share:.0%}"),
        (tell("Tonnes sold"), number(made.tonnes_sold)),
        (tell("Numbers shown"), made.numbers_shown),
        (tell("Came to nothing"), made.no_deal),
        (tell("Nobody told yet"), made.not_told_yet),
    ):
        figures.add_row(words, "–" if value is None else str(value))
    print_table(figures)
    if made.reasons:
        click.echo(
            tell("Why not:")
            + " "
            + ", ".join(f"{tell(REASONS[name])} {count}" for name, count in made.reasons)
        )
    if made.ledger:
        table = Table(box=None, pad_edge=False)
        for head in (tell("Crop"), tell("Went to"), tell("Deals"), tell("Amount")):
            table.add_column(head)
        for line in made.ledger[:_SHOWN]:
            unit = "吨" if line.unit == "t" else line.unit
            amount = quantity(language(), line.amount, unit) or tell("not said")
            table.add_row(line.crop, line.to_place, str(line.deals), amount)
        print_table(table)
    click.echo(tell("How it is counted:"))
    for sentence in COUNTED:
        click.echo(f"  {tell(sentence, limits=small_limits(language()))}")


def _plain(made: Report) -> dict[str, Any]:
    counted = [tell(sentence, limits=small_limits(language())) for sentence in COUNTED]
    return {
        **asdict(made),
        "first": made.first.isoformat(),
        "last": made.last.isoformat(),
        "reasons": dict(made.reasons),
        "counted": counted,
    }
