"""For everybody: whether an alert is real, and its full text."""

from __future__ import annotations

from flask import render_template

from farmerline.config import Module
from farmerline.domain import alert_words
from farmerline.errors import Absent
from farmerline.queries import alert_public
from farmerline.web.alerts.desk import blueprint
from farmerline.web.alerts.loudspeaker import kinds
from farmerline.web.doors import allow, now, reading, settings
from farmerline.web.forms import typed
from farmerline.web.language import _, current_language


@blueprint.get("/check")
@allow("public", module=Module.ALERTS)
def check() -> str:
    """Key in a number: is it real?"""
    number, answer, found = typed("number", most=200)[:20], "", None
    if number:
        with reading() as rows:
            found = alert_public.issued(rows, number, now=now())
            answer = alert_words.answer_number(
                rows, number, settings=settings(), language=current_language(), now=now()
            )
    return render_template("alerts/check.html", number=number, answer=answer, found=found)


@blueprint.get("/alerts/<alert:alert_number>/read")
@allow("public", module=Module.ALERTS)
def read(alert_number: str) -> str:
    """The full text of what was issued; practice says that it is practice."""
    with reading() as rows:
        found = alert_public.issued(rows, alert_number, now=now())
    if found is None:
        raise Absent
    return render_template(
        "alerts/read.html",
        alert=found,
        degree=_(alert_words.DEGREES[found.degree]),
        speaker=kinds(found),
    )
