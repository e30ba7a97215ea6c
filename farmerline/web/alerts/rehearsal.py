"""The dry run's page: what would be sent to whom, and ten people's exact words. Nothing leaves by it."""

from __future__ import annotations

from flask import render_template

from farmerline.config import Module
from farmerline.domain import Role, alert_rehearsal, alerts
from farmerline.web.alerts.desk import blueprint
from farmerline.web.alerts.preview import facts_of, people_table
from farmerline.web.doors import actor, allow, reading, settings
from farmerline.web.language import _


@blueprint.get("/alerts/<alert:alert_number>/try")
@allow(Role.OFFICER, Role.SIGNER, Role.ADMIN, module=Module.ALERTS)
def show_rehearsal(alert_number: str) -> str:
    with reading() as rows:
        alert = alerts.get(rows, alert_number, actor=actor())
        tried = alert_rehearsal.rehearse(rows, alert, settings=settings())
        return render_template(
            "alerts/try.html",
            alert=alert,
            tried=tried,
            table=people_table(rows, tried.overview) if tried.overview else None,
            refusal=_(tried.refusal.sentence, **tried.refusal.values) if tried.refusal else "",
            facts=facts_of(tried.overview, alert.colour) if tried.overview else [],
        )
