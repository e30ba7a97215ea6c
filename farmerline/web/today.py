"""One page for who works at several desks: what waits today, at each of them."""

from __future__ import annotations

from flask import Blueprint, render_template

from farmerline.config import Module
from farmerline.domain import STAFF
from farmerline.queries import today
from farmerline.web.doors import actor, allow, now, reading, settings
from farmerline.web.frame import role_name

blueprint = Blueprint("today", __name__)


@blueprint.get("/today")
@allow(*STAFF)
def show() -> str:
    modules = {module for module in Module if settings().has(module)}
    with reading() as rows:
        work = today.work(rows, actor=actor(), modules=modules, now=now())
    roles = list(dict.fromkeys(one.role for one in work))
    return render_template(
        "today.html",
        desks=[(role_name(role), [one for one in work if one.role is role]) for role in roles],
        count=sum(one.count for one in work),
        late=sum(one.late for one in work),
        first=max((one for one in work if one.count), key=lambda one: (one.late, one.count), default=None),
    )
