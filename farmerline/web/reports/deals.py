"""The report of deals: a place and a period chosen, its figures, its ledger, and the same as a file."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template

from farmerline.domain import Role, areas
from farmerline.errors import Absent, Invalid
from farmerline.queries import deals_report
from farmerline.queries.deals_report import COUNTED, Report
from farmerline.web.doors import actor, allow, authorise, now, reading
from farmerline.web.format import quantity
from farmerline.web.forms import typed
from farmerline.web.language import _, current_language
from farmerline.web.reports.words import REASONS, small_limits
from farmerline.web.tables import as_csv

READERS = (Role.ADMIN, Role.OFFICER, Role.PUBLISHER)
_SHOWN = 40

blueprint = Blueprint("reports", __name__)


@blueprint.get("/reports/deals")
@allow(*READERS)
def show_deals() -> str | tuple[str, int]:
    """The figures; a period that cannot be is refused, and the last year shown."""
    try:
        made, refusal = _report(), None
    except Invalid as wrong:
        made, refusal = _report(whole=True), wrong
    language = current_language()
    with reading() as rows:
        places = [
            (code, areas.path_name(rows, code))
            for held in actor().areas(*READERS)
            for code in (held, *(area.code for area in areas.children(rows, held)))
        ]
    page = render_template(
        "reports/deals.html",
        report=made,
        places=places,
        first=typed("first", most=10) if refusal else made.first.isoformat(),
        last=typed("last", most=10) if refusal else made.last.isoformat(),
        lines=[_line(line, language) for line in made.ledger[:_SHOWN]],
        more=max(0, len(made.ledger) - _SHOWN),
        reasons=[(_(REASONS[name]), count) for name, count in made.reasons],
        counted=[_(sentence, limits=small_limits(language)) for sentence in COUNTED],
        csv_href="/reports/deals.csv?"
        + urlencode({"area": made.area, "first": made.first.isoformat(), "last": made.last.isoformat()}),
        errors=[(refusal.field, _(refusal.sentence, **refusal.values))] if refusal else [],
    )
    return (page, refusal.status) if refusal else page


@blueprint.get("/reports/deals.csv")
@allow(*READERS)
def download_deals() -> Response:
    """The ledger as a file for a spreadsheet; how it is counted stands below the lines."""
    made, language = _report(), current_language()
    lines = [
        *deals_report.rows_of(made),
        [],
        [_("from {first} to {last}", first=made.first, last=made.last), made.place],
        *([_(sentence, limits=small_limits(language))] for sentence in COUNTED),
    ]
    return as_csv(lines, f"deals-{made.area}-{made.first:%Y%m%d}-{made.last:%Y%m%d}.csv")


def _report(*, whole: bool = False) -> Report:
    """The report that the address asks for; ``whole`` leaves its period aside."""
    area = typed("area", most=12) or actor().areas(*READERS)[0]
    authorise(actor(), READERS, area)
    days = ("", "") if whole else (typed("first", most=10), typed("last", most=10))
    chosen = deals_report.period(*days, now=now())
    with reading() as rows:
        if areas.get(rows, area) is None:
            raise Absent
        return deals_report.report(rows, area=area, period=chosen)


def _line(line: deals_report.LedgerLine, language: str) -> SimpleNamespace:
    unit = "吨" if line.unit == "t" else line.unit
    return SimpleNamespace(
        crop=line.crop, place=line.to_place, deals=line.deals, amount=quantity(language, line.amount, unit)
    )
