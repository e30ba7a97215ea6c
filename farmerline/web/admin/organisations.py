"""Organisations: put down, and verified by the bureau."""

from __future__ import annotations

from types import SimpleNamespace

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.domain import Role, Session, administration
from farmerline.errors import Conflict, Invalid
from farmerline.queries import admin, village
from farmerline.web.admin.start import blueprint
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.forms import typed
from farmerline.web.frame import done
from farmerline.web.language import _, current_language

_FIELDS = {"credit_code": 40, "name": 120, "kind": 24, "area": 40, "contact": 40, "phone": 40}


@blueprint.get("/admin/organisations")
@allow(Role.ADMIN)
def list_organisations() -> str:
    with reading() as rows:
        return _render(rows)


@blueprint.post("/admin/organisations")
@allow(Role.ADMIN)
def enter_organisation() -> Response | tuple[str, int]:
    """Put down an organisation of any county of the country."""
    form = {name: typed(name, most=most) for name, most in _FIELDS.items()}
    try:
        with writing() as rows:
            made = administration.enter_organisation(
                rows, actor=actor(), credit_code=form["credit_code"], name=form["name"], kind=form["kind"],
                area_code=_place(rows, form["area"]), contact=form["contact"], phone=form["phone"],
                county=settings().county, now=now(),
            )  # fmt: skip
    except (Invalid, Conflict) as refusal:
        with reading() as rows:
            return _render(rows, form=form, refusal=refusal), 422
    done("{name} is put down and waits to be verified.", name=made.name)
    return redirect("/admin/organisations", 303)


@blueprint.post("/admin/organisations/<id:organisation_id>/verify")
@allow(Role.ADMIN)
def verify_organisation(organisation_id: str) -> Response:
    with writing() as rows:
        verified = administration.verify_organisation(
            rows, actor=actor(), organisation_id=organisation_id, county=settings().county, now=now()
        )
    done("{name} is verified: its people may post now.", name=verified.name)
    return redirect("/admin/organisations", 303)


def _render(
    rows: Session, *, form: dict[str, str] | None = None, refusal: Invalid | Conflict | None = None
) -> str:
    administration.whole_county(actor(), settings().county)
    language = current_language()
    field = refusal.field if isinstance(refusal, Invalid) else "credit_code"
    field = {"area_code": "area", "resident": "contact"}.get(field, field)
    return render_template(
        "admin/organisations.html", organisations=admin.organisation_lines(rows),
        kinds=[(code, zh if language == "zh" else en) for code, zh, en in village.person_kinds(rows) if code != "farmer"],
        form=SimpleNamespace(**(form or dict.fromkeys(_FIELDS, ""))),
        errors=[(field, _(refusal.sentence, **refusal.values))] if refusal else [],
    )  # fmt: skip


def _place(rows: Session, said: str) -> str:
    if not said or said.isdecimal():
        return said
    found = admin.places(rows, said, county=settings().county)
    if len(found) == 1:
        return found[0][0]
    choices = "、".join(f"{path} {code}" for code, path, _level in found[:5])
    if not choices:
        raise Invalid("area_unknown", "No such place is known here.", field="area")
    raise Invalid("area_several", "Which one? {choices}. Write its code.", field="area", choices=choices)
