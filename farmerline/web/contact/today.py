"""What waits for a contact point today, and how a match ended."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Role, Session, desk_people
from farmerline.errors import Invalid
from farmerline.queries import desk as desk_rows
from farmerline.queries import monthly, services_log, to_tell, village, village_news, village_pack
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.forms import typed
from farmerline.web.frame import done, wrong
from farmerline.web.reports import points

blueprint = Blueprint("contact", __name__)
_SHEETS = 12
_VILLAGE = 12
_WEEK, _LATELY, _NEWS = timedelta(days=7), timedelta(days=2), 6


@blueprint.get("/desk")
@allow(Role.CONTACT)
def show_today() -> str:
    with reading() as rows:
        today = desk_rows.today(rows, actor=actor(), now=now())
        sheets = village.villages(rows, actor())[:_SHEETS]
        alerts = to_tell.waiting(rows, actor=actor(), now=now()) if settings().has(Module.ALERTS) else []
        noted = len(services_log.newest(rows, actor().account_id, now=now()))
        to_mend = village_pack.to_mend(rows, actor())
        quiet = _quiet(rows)
        printed = village_news.printed_at(rows, actor().account_id)
        place = next(iter(actor().areas(Role.CONTACT)), "")
        week = village_news.since(rows, place, now() - _WEEK, now=now())
    alerts = [one for one in alerts if one.open]
    untold = sum(one.open for one in alerts)
    return render_template(
        "contact/today.html", today=today, alerts=alerts, untold=untold, wall_href=_wall(), sheets=sheets,
        news=[one for one in week if one.at > now() - _LATELY], most=_NEWS, printed=printed,
        to_print=len([one for one in week if printed is None or one.at > printed]),
        buttons=points.buttons(), token=points.token(), noted=noted, to_mend=to_mend, quiet=quiet, days=services_log.QUIET_DAYS,
    )  # fmt: skip


def _quiet(rows: Session) -> list[services_log.Point]:
    """The quiet contact points below a desk that serves more than a village."""
    held = tuple(code for code in actor().areas(Role.CONTACT) if len(code) < _VILLAGE)
    if not held:
        return []
    found = services_log.points(rows, held=held, month=monthly.month_of("", now()), now=now())
    return [one for one in found if one.quiet]


def _wall() -> str:
    """The sheet for the wall of the desk's own town."""
    held = next((grant.area_code for grant in actor().grants if grant.role is Role.CONTACT), "")
    return f"/wall?place={held[:9]}"


@blueprint.post("/desk/matches/<id:match_id>/outcome")
@allow(Role.CONTACT)
def close_match(match_id: str) -> Response:
    try:
        with writing() as rows:
            desk_people.close_match(
                rows,
                actor=actor(),
                match_id=match_id,
                account_id=typed("account_id"),
                outcome=typed("outcome"),
                now=now(),
            )
    except Invalid as refusal:
        wrong(refusal.sentence, **refusal.values)
        return redirect("/desk", 303)
    done("Noted how this match ended.")
    return redirect("/desk", 303)
