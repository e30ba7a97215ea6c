"""每日一助 for publishers: who had the day, how many were told, what came of it."""

from __future__ import annotations

from flask import render_template

from farmerline.domain import Role
from farmerline.queries import digest
from farmerline.web.doors import actor, allow, now, reading, settings
from farmerline.web.language import current_language
from farmerline.web.public.daily import rule
from farmerline.web.publisher.tips import blueprint


@blueprint.get("/publish/daily")
@allow(Role.PUBLISHER, Role.ADMIN)
def show_daily() -> str:
    """The last thirty days; the seller's whole name for who answers for the whole county."""
    areas = actor().areas(Role.PUBLISHER, Role.ADMIN)
    named = any(settings().county.startswith(code) for code in areas)
    with reading() as rows:
        found = digest.days(rows, county=settings().county, language=current_language(), now=now(), limit=30)
    return render_template(
        "publisher/daily.html", days=found, named=named, rule=rule(), at=settings().digest_at
    )
