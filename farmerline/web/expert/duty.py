"""Who answers the telephone when: the week, the days that go otherwise, who stands in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from farmerline.clock import local
from farmerline.config import Module
from farmerline.domain import Role, shifts
from farmerline.errors import Absent, Invalid, Refusal
from farmerline.queries import shifts as listed
from farmerline.web.doors import actor, allow, now, reading, writing
from farmerline.web.expert.queue import blueprint
from farmerline.web.forms import errors_of, typed
from farmerline.web.frame import done


@blueprint.get("/expert/duty")
@allow(Role.EXPERT, Role.ADMIN, module=Module.EXPERTS)
def show_duty() -> str:
    return _render(typed("area", most=12))


@blueprint.post("/expert/duty/add")
@allow(Role.EXPERT, Role.ADMIN, module=Module.EXPERTS)
def add_hours() -> Response | tuple[str, int]:
    """Put an expert on the hours of one or more weekdays."""
    area = typed("area", most=12)
    days = [int(one) for one in request.form.getlist("weekday") if len(one) == 1 and one.isdecimal()][:7]
    try:
        starts, ends = _minute("starts"), _minute("ends")
        if not days:
            raise Invalid("weekday_missing", "Choose at least one day of the week.", field="weekday")
        with writing() as rows:
            for weekday in days:
                shifts.add(
                    rows, actor=actor(), area_code=area, account_id=typed("account_id", most=32), weekday=weekday,
                    starts=starts, ends=ends, now=now(),
                )  # fmt: skip
    except Invalid as refusal:
        return _render(area, [refusal]), refusal.status
    done("On duty from now on.")
    return _back(area)


@blueprint.post("/expert/duty/remove")
@allow(Role.EXPERT, Role.ADMIN, module=Module.EXPERTS)
def remove_hours() -> Response:
    with writing() as rows:
        shifts.remove(rows, actor=actor(), shift_id=typed("shift_id", most=32), now=now())
    done("Taken off.")
    return _back(typed("area", most=12))


@blueprint.post("/expert/duty/day")
@allow(Role.EXPERT, Role.ADMIN, module=Module.EXPERTS)
def set_day() -> Response | tuple[str, int]:
    """A holiday, or a day that goes by another weekday's hours."""
    area, weekday = typed("area", most=12), typed("weekday", most=1)
    try:
        with writing() as rows:
            shifts.set_day(
                rows, actor=actor(), area_code=area, day=_day(), name=typed("name", most=40),
                weekday=int(weekday) if weekday.isdecimal() else None, now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        return _render(area, [refusal]), refusal.status
    done("Noted for that day.")
    return _back(area)


@blueprint.post("/expert/duty/day/drop")
@allow(Role.EXPERT, Role.ADMIN, module=Module.EXPERTS)
def drop_day() -> Response:
    with writing() as rows:
        shifts.drop_day(rows, actor=actor(), day_id=typed("day_id", most=32), now=now())
    done("That day goes by its own weekday again.")
    return _back(typed("area", most=12))


@blueprint.post("/expert/duty/stand-in")
@allow(Role.EXPERT, Role.ADMIN, module=Module.EXPERTS)
def stand_in() -> Response | tuple[str, int]:
    area = typed("area", most=12)
    try:
        with writing() as rows:
            shifts.stand_in(
                rows, actor=actor(), area_code=area, day=_day(), account_id=typed("account_id", most=32),
                substitute_id=typed("substitute_id", most=32), now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        return _render(area, [refusal]), refusal.status
    done("Noted who stands in.")
    return _back(area)


@blueprint.post("/expert/duty/back")
@allow(Role.EXPERT, Role.ADMIN, module=Module.EXPERTS)
def drop_absence() -> Response:
    with writing() as rows:
        shifts.drop_absence(rows, actor=actor(), absence_id=typed("absence_id", most=32), now=now())
    done("There on that day after all.")
    return _back(typed("area", most=12))


@blueprint.post("/expert/duty/field")
@allow(Role.EXPERT, Role.ADMIN, module=Module.EXPERTS)
def describe() -> Response | tuple[str, int]:
    """What an expert knows about."""
    area = typed("area", most=12)
    try:
        with writing() as rows:
            shifts.describe(
                rows, actor=actor(), area_code=area, account_id=typed("account_id", most=32), field=typed("field", most=60),
                now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        return _render(area, [refusal]), refusal.status
    done("Noted: everybody who asks sees it beside the name.")
    return _back(area)


def _minute(name: str) -> int:
    """A time of the day as a form's field writes it (8:00, 17:30), in minutes; 24:00 is the day's end."""
    hour, _, minute = typed(name, most=5).partition(":")
    if hour.isdecimal() and minute.isdecimal() and int(hour) <= 24 and int(minute) < 60:
        return int(hour) * 60 + int(minute)
    raise Invalid("shift_hours", "Write from when to when, the earlier time first.", field=name)


def _day() -> date:
    try:
        return date.fromisoformat(typed("day", most=10))
    except ValueError as error:
        raise Invalid("day_unread", "Choose the day.", field="day") from error


def _back(area: str) -> Response:
    return redirect(f"/expert/duty?area={area}", 303)


def _render(area: str, refusals: Sequence[Refusal] = ()) -> str:
    who = actor()
    with reading() as rows:
        places = listed.places(rows, who)
        code = area or (places[0][0] if places else "")
        if not code:
            raise Absent
        plan = listed.plan(rows, actor=who, area_code=code, now=now())
    return render_template(
        "expert/duty.html",
        places=places,
        area=code,
        plan=plan,
        today=local(now()).date(),
        errors=errors_of(refusals),
    )
