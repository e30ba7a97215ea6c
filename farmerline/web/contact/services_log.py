"""The service log: noted by one tap, taken back on the same day, a month on one sheet."""

from __future__ import annotations

from flask import Response, redirect, render_template
from werkzeug.wrappers import Response as Answer

from farmerline.domain import Role
from farmerline.domain import services_log as log
from farmerline.errors import Invalid
from farmerline.queries import monthly, services_log
from farmerline.web.contact.today import blueprint
from farmerline.web.doors import actor, allow, now, reading, writing
from farmerline.web.forms import errors_of, typed
from farmerline.web.frame import done, wrong
from farmerline.web.language import _
from farmerline.web.reports import points


@blueprint.post("/desk/log")
@allow(Role.CONTACT)
def note_service() -> Answer:
    """One tap. The same form twice is one service."""
    kind = typed("kind", most=10)
    try:
        with writing() as rows:
            log.note(rows, actor=actor(), kind=kind, ref=f"{kind}:{typed('token', most=24)}", now=now())
    except Invalid as refusal:
        wrong(refusal.sentence, **refusal.values)
    else:
        done("Noted in the service log: {what}.", what=points.kind_words(kind))
    return redirect("/desk/log" if typed("back") == "log" else "/desk", 303)


@blueprint.post("/desk/log/<id:entry_id>/back")
@allow(Role.CONTACT)
def take_back(entry_id: str) -> Answer:
    with writing() as rows:
        log.take_back(rows, actor=actor(), entry_id=entry_id, now=now())
    done("Taken back.")
    return redirect("/desk/log", 303)


@blueprint.get("/desk/log")
@allow(Role.CONTACT)
def show_log() -> str | tuple[str, int]:
    """Today's entries, and the month."""
    try:
        month, refusal = monthly.month_of(typed("month", most=7), now()), None
    except Invalid as found:
        month, refusal = monthly.month_of("", now()), found
    who = actor()
    with reading() as rows:
        made = services_log.sheet(rows, who.account_id, held=who.areas(Role.CONTACT), month=month)
        today = services_log.newest(rows, who.account_id, now=now())
    page = render_template(
        "contact/service_log.html", sheet=made, today=today, month=str(month), buttons=points.buttons(), token=points.token(),
        kind_words=points.kind_words, counted=_(points.COUNTED), pdf_href=f"/desk/log.pdf?month={month}",
        errors=errors_of([refusal] if refusal else []),
    )  # fmt: skip
    return (page, refusal.status) if refusal else page


@blueprint.get("/desk/log.pdf")
@allow(Role.CONTACT)
def print_log() -> Response:
    return points.print_sheet(actor().account_id, actor().areas(Role.CONTACT))
