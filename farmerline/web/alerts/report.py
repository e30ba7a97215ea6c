"""The report after an alert, as a PDF to print and file."""

from __future__ import annotations

from flask import Response

from farmerline.config import Module
from farmerline.domain import Role, alerts
from farmerline.queries import alert_report
from farmerline.render.report import to_pdf
from farmerline.web.alerts import report_words
from farmerline.web.alerts.desk import blueprint
from farmerline.web.doors import actor, allow, now, reading, settings


@blueprint.get("/alerts/<alert:alert_number>/report.pdf")
@allow(Role.OFFICER, Role.SIGNER, Role.ADMIN, module=Module.ALERTS)
def print_report(alert_number: str) -> Response:
    """Whom the alert reached, and who stood for it."""
    with reading() as rows:
        alert = alerts.get(rows, alert_number, actor=actor())
        found = alert_report.gather(rows, alert, rates=settings())
        report = report_words.write(alert, found, settings=settings(), now=now())
    headers = {"Content-Disposition": f"inline; filename=alert-{alert.number}.pdf"}
    return Response(to_pdf(report), mimetype="application/pdf", headers=headers)
