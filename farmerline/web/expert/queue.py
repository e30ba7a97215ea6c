"""Who waits for an answer, the most urgent first."""

from __future__ import annotations

from flask import Blueprint, render_template

from farmerline.config import Module
from farmerline.domain import Role
from farmerline.queries import advice
from farmerline.web.doors import actor, allow, now, reading

blueprint = Blueprint("expert", __name__)


@blueprint.get("/expert")
@allow(Role.EXPERT, module=Module.EXPERTS)
def show_queue() -> str:
    with reading() as rows:
        return render_template(
            "expert/queue.html",
            waiting=advice.waiting(rows, actor=actor(), now=now()),
            month=advice.month(rows, actor=actor(), now=now()),
            duty=advice.on_duty(rows, actor=actor(), now=now()),
        )
