"""The farm calendar at the publisher's desk: what is due now and next, each with a button that makes a draft of it."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.clock import local
from farmerline.domain import Role, farm_calendar, seasons
from farmerline.web.doors import actor, allow, now, settings, writing
from farmerline.web.forms import typed
from farmerline.web.language import _
from farmerline.web.publisher.tips import blueprint


@blueprint.get("/publish/calendar")
@allow(Role.PUBLISHER)
def show_calendar() -> str:
    """Two terms, or the whole year with ``all``."""
    terms = farm_calendar.now_and_next(local(now()).date())
    shown = tuple(seasons.TERMS) if typed("all", most=1) else terms
    return render_template(
        "publisher/calendar.html", now_term=terms[0], whole=len(shown) > len(terms),
        terms=[(zh, _(seasons.TERMS[zh]), farm_calendar.of_term(settings(), zh)) for zh in shown],
    )  # fmt: skip


@blueprint.post("/publish/calendar/<key>")
@allow(Role.PUBLISHER)
def draft_work(key: str) -> Response:
    work = farm_calendar.find(settings(), key)
    place = next(iter(actor().areas(Role.PUBLISHER)))
    with writing() as rows:
        article = farm_calendar.draft(rows, work, area_code=place, actor=actor(), now=now())
    return redirect(f"/publish/articles/{article.id}/change", 303)
