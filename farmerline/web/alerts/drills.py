"""Who practises: an exercise reaches these people and nobody else."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Role, drills
from farmerline.errors import Conflict, Invalid, Refusal
from farmerline.queries import duty as listed
from farmerline.queries.village import PersonLine
from farmerline.web.alerts.desk import blueprint
from farmerline.web.doors import actor, allow, now, reading, writing
from farmerline.web.forms import errors_of, typed
from farmerline.web.frame import done
from farmerline.web.language import _

_MOST_FOUND = 30


@blueprint.get("/alerts/drills")
@allow(Role.ADMIN, Role.OFFICER, module=Module.ALERTS)
def show_drills() -> str | tuple[str, int]:
    """The list; and, where a name or a number was typed, who is meant. Looking is on record."""
    said, area_code = typed("said", most=40), typed("area", most=12)
    found: tuple[PersonLine, ...] = ()
    if said:
        try:
            with writing() as rows:
                meant = drills.search(rows, actor=actor(), said=said, area_code=area_code, now=now())
                found = listed.lines(rows, meant[:_MOST_FOUND])
        except Invalid as refusal:
            return _render(said, area_code, refusal=refusal), refusal.status
    return _render(said, area_code, found)


@blueprint.post("/alerts/drills/add")
@allow(Role.ADMIN, Role.OFFICER, module=Module.ALERTS)
def let_practise() -> Response | tuple[str, int]:
    try:
        with writing() as rows:
            account = drills.register(rows, actor=actor(), account_id=typed("account_id", most=32), now=now())
    except Conflict as refusal:
        return _render("", "", refusal=refusal), refusal.status
    done("{name} practises from now on.", name=account.name)
    return redirect("/alerts/drills", 303)


@blueprint.post("/alerts/drills/remove")
@allow(Role.ADMIN, Role.OFFICER, module=Module.ALERTS)
def let_rest() -> Response:
    with writing() as rows:
        account = drills.strike(rows, actor=actor(), account_id=typed("account_id", most=32), now=now())
    done("{name} practises no more.", name=account.name)
    return redirect("/alerts/drills", 303)


def _render(
    said: str, area_code: str, found: tuple[PersonLine, ...] = (), *, refusal: Refusal | None = None
) -> str:
    with reading() as rows:
        members = listed.lines(rows, drills.members(rows, actor().areas(*drills.KEEPERS)))
        places = [place for place in listed.places(rows, actor()) if len(place[0]) >= 9]
    return render_template(
        "alerts/drills.html", members=members, on_list={one.id for one in members}, found=found, said=said, area=area_code,
        places=[("", _("Choose")), *places], looked=bool(said) and refusal is None,
        errors=errors_of([refusal] if refusal else []),
    )  # fmt: skip
