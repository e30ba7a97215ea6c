"""Messages that did not arrive: why, and a button that sends them again."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.domain import Role, dead_letters, reach_words
from farmerline.errors import Conflict
from farmerline.queries import dead_letters as dead
from farmerline.web.admin.start import blueprint
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.forms import typed
from farmerline.web.frame import done, wrong
from farmerline.web.language import current_language

_PAGE = "/admin/failed"


@blueprint.get("/admin/failed")
@allow(Role.ADMIN, Role.PUBLISHER)
def show_failed() -> str:
    chosen = typed("of", most=32)
    with reading() as rows:
        county = settings().county
        lines = dead.lines(rows, actor=actor(), county=county, now=now(), campaign_id=chosen)
        broadcasts = dead.broadcasts(rows, actor=actor(), now=now())
    return render_template(
        "admin/failed.html",
        lines=[(line, reach_words.reason(current_language(), line.reason)) for line in lines],
        broadcasts=broadcasts,
        chosen=chosen,
        most=dead.PAGE,
        days=dead.SHOWN_DAYS,
        together=dead_letters.TOGETHER,
        is_admin=actor().has(Role.ADMIN),
    )


@blueprint.post("/admin/failed/<id:delivery_id>/again")
@allow(Role.ADMIN, Role.PUBLISHER)
def resend_one(delivery_id: str) -> Response:
    try:
        with writing() as rows:
            dead_letters.resend(rows, delivery_id, actor=actor(), county=settings().county, now=now())
    except Conflict as refusal:
        wrong(refusal.sentence, **refusal.values)
    else:
        done("It is sent once more.")
    return redirect(_PAGE, 303)


@blueprint.post("/admin/failed/of/<id:campaign_id>/again")
@allow(Role.ADMIN, Role.PUBLISHER)
def resend_broadcast(campaign_id: str) -> Response:
    """Again to those alone whom it did not reach."""
    try:
        with writing() as rows:
            told = dead_letters.resend_failed(rows, campaign_id, actor=actor(), now=now())
    except Conflict as refusal:
        wrong(refusal.sentence, **refusal.values)
    else:
        done(
            "Sent again: {sent}. May not be written to any more: {refused}. Left: {left}.",
            sent=told.sent,
            refused=told.refused,
            left=told.left,
        )
    return redirect(_PAGE, 303)
