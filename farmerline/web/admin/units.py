"""Units and their liaisons: who speaks for each, and the form by which that changes with a date and a successor."""

from __future__ import annotations

from datetime import date

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.clock import local
from farmerline.domain import Role, areas, units
from farmerline.domain.people import name_of
from farmerline.errors import Conflict, Invalid
from farmerline.queries import monthly
from farmerline.queries.monthly import Month
from farmerline.web.admin.start import blueprint
from farmerline.web.doors import actor, allow, now, reading, writing
from farmerline.web.forms import errors_of, typed
from farmerline.web.frame import done
from farmerline.web.language import _

_START = "/admin/units"
_ADMIN = (Role.ADMIN,)
KINDS = {
    "office": "office of the bureau",
    "town": "town",
    "market": "market",
    "firm": "firm or co-op",
    "point": "village point",
}


@blueprint.get("/admin/units")
@allow(Role.ADMIN)
def list_units() -> str:
    return _render_list()


@blueprint.post("/admin/units")
@allow(Role.ADMIN)
def add_unit() -> Response | tuple[str, int]:
    try:
        with writing() as rows:
            unit = units.add(
                rows, name=typed("name", most=60), kind=typed("kind", most=16), area_code=typed("area_code", most=12),
                actor=actor(), now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        return _render_list(refusal), refusal.status
    return redirect(f"{_START}/{unit.id}", 303)


@blueprint.get("/admin/units/<id:unit_id>")
@allow(Role.ADMIN)
def show_unit(unit_id: str) -> str:
    return _render(unit_id)


@blueprint.post("/admin/units/<id:unit_id>/liaison")
@allow(Role.ADMIN)
def change_liaison(unit_id: str) -> Response | tuple[str, int]:
    """A successor by number (and name, where several share it), and the day."""
    try:
        with writing() as rows:
            unit = units.find(rows, unit_id, actor())
            successor = units.find_successor(rows, phone=typed("phone", most=30), name=typed("name", most=40))
            units.change(rows, unit, successor=successor, since=_day(), actor=actor(), now=now())
    except (Invalid, Conflict) as refusal:
        return _render(unit_id, refusal), refusal.status
    done("Changed. Both were told.")
    return redirect(f"{_START}/{unit_id}", 303)


@blueprint.post("/admin/units/<id:unit_id>/confirm")
@allow(Role.ADMIN)
def confirm_liaison(unit_id: str) -> Response:
    with writing() as rows:
        held = units.current(units.find(rows, unit_id, actor()), local(now()).date())
        if held is not None:
            units.confirm(rows, held, actor=actor(), now=now())
    done("Confirmed.")
    return redirect(f"{_START}/{unit_id}", 303)


def _day() -> date:
    try:
        return date.fromisoformat(typed("since", most=10))
    except ValueError as error:
        raise Invalid("day_unknown", "Choose a day.", field="since") from error


def _render_list(refusal: Invalid | None = None) -> str:
    today = local(now()).date()
    with reading() as rows:
        lines = monthly.unit_lines(
            rows, actor=actor(), roles=_ADMIN, month=Month(today.year, today.month), now=now()
        )
        places = [
            (code, areas.path_name(rows, code))
            for held in actor().areas(Role.ADMIN)
            for code in (held, *(area.code for area in areas.children(rows, held)))
        ]
    return render_template(
        "admin/units.html", kinds=[(kind, _(KINDS[kind])) for kind in KINDS], places=places,
        lines=sorted(lines, key=lambda line: not line.stale),
        form={name: typed(name, most=60) for name in ("name", "kind", "area_code")},
        errors=errors_of([refusal] if refusal else []),
    )  # fmt: skip


def _render(unit_id: str, refusal: Invalid | Conflict | None = None) -> str:
    today = local(now()).date()
    with reading() as rows:
        unit = units.find(rows, unit_id, actor())
        held = units.current(unit, today)
        return render_template(
            "admin/unit.html", unit=unit, place=areas.path_name(rows, unit.area_code), held=held,
            stale=units.is_stale(unit, held, now()),
            history=[(name_of(rows, one.account_id), one) for one in reversed(unit.liaisons)], today=today,
            form={
                "phone": typed("phone", most=30), "name": typed("name", most=40), "since": typed("since", most=10) or str(today),
            },
            errors=errors_of([refusal] if refusal else []),
        )  # fmt: skip
