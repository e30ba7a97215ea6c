"""The county at a glance."""

from __future__ import annotations

from math import floor

from flask import Blueprint, render_template

from farmerline.domain import Role, disk
from farmerline.queries import admin, appeals, costs
from farmerline.web.doors import actor, allow, now, reading, settings
from farmerline.web.frame import role_name

blueprint = Blueprint("admin", __name__)


@blueprint.get("/admin")
@allow(Role.ADMIN)
def show_start() -> str:
    with reading() as rows:
        numbers = admin.numbers(rows, county=settings().county, now=now())
        staff = admin.staff(rows, actor=actor())
        waiting = appeals.waiting(rows, actor=actor())
        asking = costs.waiting(rows) if _has_county() else 0
    used = floor(disk.percent(settings().home))
    return render_template(
        "admin/start.html",
        numbers=numbers,
        staff=staff,
        appeals=waiting,
        asking=asking,
        full=used if used >= disk.STEPS[0] else 0,
        role_name=role_name,
    )


def _has_county() -> bool:
    """Whether this administrator answers for the whole county."""
    return any(settings().county.startswith(code) for code in actor().areas(Role.ADMIN))
