"""Who is called for signing, for clusters of sightings, and when a red alert went out with one signature."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Role, Task, duty
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.queries import duty as listed
from farmerline.web.alerts.desk import blueprint
from farmerline.web.doors import actor, allow, now, reading, writing
from farmerline.web.forms import errors_of, typed
from farmerline.web.frame import done

_TASKS = {one.value: one for one in Task}


@blueprint.get("/alerts/duty")
@allow(Role.ADMIN, Role.OFFICER, module=Module.ALERTS)
def show_rosters() -> str:
    return _render(typed("area", most=12))


@blueprint.post("/alerts/duty/add")
@allow(Role.ADMIN, Role.OFFICER, module=Module.ALERTS)
def put_on_roster() -> Response | tuple[str, int]:
    area_code, task, account_id = _named()
    try:
        with writing() as rows:
            duty.add(
                rows, actor=actor(), task=task, area_code=area_code, account_id=account_id, now=now()
            )  # fmt: skip
    except (Invalid, Conflict) as refusal:
        return _render(area_code, errors_of([refusal])), refusal.status
    done("On the list, as the last one.")
    return _back(area_code)


@blueprint.post("/alerts/duty/move")
@allow(Role.ADMIN, Role.OFFICER, module=Module.ALERTS)
def move_on_roster() -> Response:
    area_code, task, account_id = _named()
    with writing() as rows:
        duty.move(
            rows, actor=actor(), task=task, area_code=area_code, account_id=account_id,
            up=typed("way", most=4) == "up", now=now(),
        )  # fmt: skip
    return _back(area_code)


@blueprint.post("/alerts/duty/remove")
@allow(Role.ADMIN, Role.OFFICER, module=Module.ALERTS)
def take_off_roster() -> Response:
    area_code, task, account_id = _named()
    with writing() as rows:
        duty.remove(rows, actor=actor(), task=task, area_code=area_code, account_id=account_id, now=now())
    done("Off the list. To undo it, choose the name again below.")
    return _back(area_code)


def _named() -> tuple[str, Task, str]:
    task = _TASKS.get(typed("task", most=12))
    if task is None:
        raise Absent
    return typed("area", most=12), task, typed("account_id", most=32)


def _back(area_code: str) -> Response:
    return redirect(f"/alerts/duty?area={area_code}", 303)


def _render(area_code: str, errors: list[tuple[str, str]] | None = None) -> str:
    with reading() as rows:
        places = listed.places(rows, actor())
        code = area_code or places[0][0]
        rosters = listed.rosters(rows, actor=actor(), area_code=code)
    return render_template("alerts/duty.html", places=places, area=code, rosters=rosters, errors=errors or [])
