"""All alerts of somebody's areas, and the page that an alert's state calls for."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import AlertState, Role, alerts
from farmerline.queries import alerts as listings
from farmerline.web.alerts.desk import blueprint
from farmerline.web.doors import actor, allow, reading

_ROLES = (Role.OFFICER, Role.SIGNER, Role.ADMIN)
_PAGES = {AlertState.DRAFT: "edit", AlertState.SUBMITTED: "sign", AlertState.WITHDRAWN: "sign"}
_MOST = 100


@blueprint.get("/alerts")
@allow(*_ROLES, module=Module.ALERTS)
def show_all() -> str:
    """The newest first."""
    with reading() as rows:
        lines = listings.listing(rows, areas=actor().areas(*_ROLES), limit=_MOST)
        unreached = listings.unreached_counts(rows, [line.id for line in lines if line.issued_at])
    return render_template(
        "alerts/list.html", lines=lines, unreached=unreached, may_write=actor().has(Role.OFFICER)
    )


@blueprint.get("/alerts/<alert:alert_number>")
@allow(*_ROLES, module=Module.ALERTS)
def show_one(alert_number: str) -> Response:
    """To the page for its state: being written, to be signed, or what became of it."""
    with reading() as rows:
        alert = alerts.get(rows, alert_number, actor=actor())
        page = _PAGES.get(alert.state, "run")
        if page == "edit" and not actor().has(Role.OFFICER):
            page = "sign"
    return redirect(f"/alerts/{alert.number}/{page}", 303)
