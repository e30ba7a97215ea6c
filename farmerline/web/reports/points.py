"""Contact points: who has been quiet, what each did in a month, and that month on one sheet."""

from __future__ import annotations

import secrets

from flask import Response, render_template

from farmerline.clock import local
from farmerline.domain import Role
from farmerline.domain.services_log import KINDS
from farmerline.queries import monthly, services_log
from farmerline.queries.monthly import Month
from farmerline.queries.services_log import Sheet
from farmerline.render.report import Column, Figures, Note, Report, Section, Table, to_pdf
from farmerline.web.doors import actor, allow, now, reading, settings
from farmerline.web.forms import typed
from farmerline.web.language import _, current_language
from farmerline.web.reports.deals import READERS, blueprint

WHO = (*READERS, Role.CONTACT)
COUNTED = (
    "Services are noted by the contact point itself, one tap each. The other figures count themselves: people enrolled, people "
    "told in person who stood on an alert's list, messages entered for people, matters closed."
)


@blueprint.get("/reports/points")
@allow(*WHO)
def show_points() -> str:
    """The contact points inside the reader's places, the quiet ones first."""
    month = monthly.month_of(typed("month", most=7), now())
    with reading() as rows:
        found = services_log.points(rows, held=actor().areas(*WHO), month=month, now=now())
    return render_template(
        "reports/points.html", points=found, month=str(month), quiet=[one for one in found if one.quiet],
        days=services_log.QUIET_DAYS,
    )  # fmt: skip


@blueprint.get("/reports/points/<id:account_id>")
@allow(*WHO)
def show_point(account_id: str) -> str:
    """One point's month."""
    month = monthly.month_of(typed("month", most=7), now())
    with reading() as rows:
        made = services_log.sheet(rows, account_id, held=actor().areas(*WHO), month=month)
    return render_template(
        "reports/point.html", sheet=made, month=str(month), kind_words=kind_words, counted=_(COUNTED),
        pdf_href=f"/reports/points/{account_id}.pdf?month={month}",
    )  # fmt: skip


@blueprint.get("/reports/points/<id:account_id>.pdf")
@allow(*WHO)
def print_point(account_id: str) -> Response:
    return print_sheet(account_id, actor().areas(*WHO))


def print_sheet(account_id: str, held: tuple[str, ...]) -> Response:
    """A point's month as a PDF file."""
    month = monthly.month_of(typed("month", most=7), now())
    with reading() as rows:
        made = services_log.sheet(rows, account_id, held=held, month=month)
    headers = {"Content-Disposition": f"inline; filename=services-{month}.pdf"}
    return Response(to_pdf(_write(made, month)), mimetype="application/pdf", headers=headers)


def kind_words(kind: str) -> str:
    """A kind of service in the reader's language."""
    return next((_(words) for one, words in KINDS.items() if one.value == kind), kind)


def buttons() -> list[tuple[str, str]]:
    """The kinds as the buttons of the log."""
    return [(one.value, _(words)) for one, words in KINDS.items()]


def token() -> str:
    """What tells a form from another one: the same form sent twice is one service."""
    return secrets.token_hex(8)


def _write(sheet: Sheet, month: Month) -> Report:
    used = [kind for kind, _words in buttons() if sheet.kinds.get(kind)]
    days = [[f"{day:%m-%d}", *(str(counts.get(kind) or "") for kind in used)] for day, counts in sheet.days]
    total = [_("Together"), *(str(sheet.kinds[kind]) for kind in used)]
    columns = [Column(_("Day"), 1.0), *(Column(kind_words(kind), 1.0, figures=True) for kind in used)]
    figures = [
        (str(sheet.services), _("Services")), (str(sheet.enrolled), _("Enrolled")), (str(sheet.told), _("Told in person")),
        (str(sheet.entered), _("Entered for people")), (str(sheet.closed), _("Matters closed")),
    ]  # fmt: skip
    return Report(
        language=current_language(), issuer=settings().bureau_name or settings().service_name,
        made=f"{local(now()):%Y-%m-%d %H:%M}", level="", squares=0, title=_("Service log {month}", month=month),
        subtitle=f"{sheet.place} · {sheet.name}", fact=_("{n} services in the month", n=sheet.services),
        figures=Figures(figures),
        sections=[
            Section(_("By day"), [Table(columns, days, total)] if days else [Note(_("None yet."))]),
            Section(_("How it is counted"), [Note(_(COUNTED))]),
        ],
        foot=_("Signed: ____________  Seen by the town: ____________"),
        page_words=_("Page {page} of {pages}"),
        made_at=now(),
    )  # fmt: skip
