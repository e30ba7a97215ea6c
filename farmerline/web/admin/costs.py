"""What today costs, and broadcasts that pass a ceiling: let go or ended, by name."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.domain import Role, administration, ceilings
from farmerline.errors import Conflict
from farmerline.queries import costs
from farmerline.web.admin.start import blueprint
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.forms import typed
from farmerline.web.frame import done, wrong

_PAGE = "/admin/costs"


@blueprint.get("/admin/costs")
@allow(Role.ADMIN)
def show_costs() -> str:
    administration.whole_county(actor(), settings().county)
    with reading() as rows:
        return render_template("admin/costs.html", costs=costs.overview(rows, now=now()), config=settings())


@blueprint.post("/admin/costs/<id:campaign_id>")
@allow(Role.ADMIN)
def decide_ceiling(campaign_id: str) -> Response:
    """Let a broadcast go that waits, or end it; the name of who decides is on record."""
    goes = typed("decision") == "allow"
    decide = ceilings.allow if goes else ceilings.refuse
    try:
        with writing() as rows:
            decide(rows, campaign_id, actor=actor(), county=settings().county, now=now())
    except Conflict as refusal:
        wrong(refusal.sentence, **refusal.values)
    else:
        done("It goes out; your name stands beside it." if goes else "It is not sent.")
    return redirect(_PAGE, 303)
