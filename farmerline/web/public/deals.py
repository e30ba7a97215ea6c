"""What the county sold this year, by crop, tonnes and destination: sums without names, and how they are counted."""

from __future__ import annotations

from flask import render_template

from farmerline.clock import local
from farmerline.queries import deals_public, deals_report
from farmerline.web import format as ways
from farmerline.web.doors import allow, now, reading, settings
from farmerline.web.forms import number
from farmerline.web.language import _, current_language

_BACK = 5
"""Years before this one that can be looked at."""
_COUNTED = (
    deals_report.COUNTED[0],
    "It counts for the county where the seller lives, and went to the county where the buyer lives.",
    deals_report.COUNTED[5],
    "A line stands here from {fewest} different sellers on; the deals of the others are told together.",
    "The tonnes of all are left out where they would tell what one or two sellers sold.",
)


@allow("public")
def show() -> str:
    this, asked = local(now()).year, number("year")
    year = asked if this - _BACK <= asked <= this else this
    period = deals_report.period(f"{year}-01-01", f"{year}-12-31", now=now())
    with reading() as rows:
        found = deals_public.ledger(rows, area=settings().county, period=period)
    language = current_language()
    lines = [
        (one, ways.quantity(language, one.amount, "吨" if one.unit == "t" else one.unit))
        for one in found.lines
    ]
    return render_template(
        "public/deals.html", ledger=found, lines=lines, which=year, years=range(this, this - _BACK - 1, -1),
        counted=[_(sentence, fewest=deals_public.FEWEST) for sentence in _COUNTED],
    )  # fmt: skip
