"""The month: each town's sheet, each unit's news and liaison; the same as a file."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, render_template

from farmerline.domain import areas
from farmerline.errors import Invalid
from farmerline.queries import monthly
from farmerline.web.doors import actor, allow, authorise, now, reading
from farmerline.web.forms import errors_of, typed
from farmerline.web.language import _
from farmerline.web.reports.deals import READERS, blueprint
from farmerline.web.tables import as_csv

TOWNS = (
    "Town",
    "Enrolled",
    "Sent in",
    "Used",
    "Visits",
    "Questions answered",
    "Hours to an answer",
    "Hours to a verdict",
)
UNITS = ("Unit", "Place", "Sent in", "Used", "Liaison", "Confirmed")


@blueprint.get("/reports/month")
@allow(*READERS)
def show_month() -> str | tuple[str, int]:
    """All towns of the reader's places, or one town's sheet to print."""
    try:
        month, refusal = monthly.month_of(typed("month", most=7), now()), None
    except Invalid as wrong:
        month, refusal = monthly.month_of("", now()), wrong
    town = typed("town", most=9)
    if town:
        authorise(actor(), READERS, town)
    with reading() as rows:
        lines = monthly.towns(rows, actor=actor(), roles=READERS, month=month)
        units = monthly.unit_lines(rows, actor=actor(), roles=READERS, month=month, now=now(), town=town)
        place = areas.path_name(rows, town) if town else ""
    one = next((line for line in lines if line.code == town), None)
    page = render_template(
        "reports/month.html", lines=lines, units=units, month=str(month), place=place, one=one, town=town,
        counted=[_(sentence) for sentence in monthly.COUNTED], errors=errors_of([refusal] if refusal else []),
    )  # fmt: skip
    return (page, refusal.status) if refusal else page


@blueprint.get("/reports/month.csv")
@allow(*READERS)
def download_month() -> Response:
    month = monthly.month_of(typed("month", most=7), now())
    with reading() as rows:
        lines = monthly.towns(rows, actor=actor(), roles=READERS, month=month)
        units = monthly.unit_lines(rows, actor=actor(), roles=READERS, month=month, now=now())
    table: list[Sequence[object]] = [[str(month)], [_(head) for head in TOWNS]]
    for line in lines:
        hours = [line.answer_hours, line.verdict_hours]
        table.append([line.name, line.enrolled, line.sent, line.used, line.visits, line.answered, *hours])
    table += [[], [_(head) for head in UNITS]]
    for unit in units:
        confirmed = f"{unit.confirmed_at:%Y-%m-%d}" if unit.confirmed_at else ""
        mark = "△" if unit.stale else ""
        table.append([unit.name, unit.place, unit.sent, unit.used, unit.liaison, confirmed + mark])
    table += [[], *([_(sentence)] for sentence in monthly.COUNTED)]
    return as_csv(table, f"month-{month}.csv")
