"""Enrol people with their ID seen: fifty a day, so the next form is ready at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from farmerline.clock import local
from farmerline.domain import Role, Session, consent, desk, desk_enrolment
from farmerline.domain.desk_enrolment import Form
from farmerline.errors import Conflict, Invalid
from farmerline.identity import show_phone
from farmerline.queries import village
from farmerline.web.contact.today import blueprint
from farmerline.web.doors import actor, allow, inside, now, reading, settings, writing
from farmerline.web.forms import errors_of, secret, ticked, typed
from farmerline.web.frame import done
from farmerline.web.language import _, current_language

CROPS = (
    ("葡萄", "grapes"), ("杨梅", "bayberries"), ("西兰花", "broccoli"), ("晚稻", "late rice"), ("榨菜", "mustard tuber"),
    ("草莓", "strawberries"), ("梨", "pears"), ("桃", "peaches"), ("棉花", "cotton"), ("蚕豆", "broad beans"),
    ("猪", "pigs"), ("鸡鸭", "poultry"), ("鱼虾", "fish and shrimp"),
)  # fmt: skip


@blueprint.get("/desk/enrol")
@allow(Role.CONTACT)
def show_form() -> str:
    case = typed("case", most=9)
    with reading() as rows:
        phone = ""
        if case.isdecimal():
            found = desk.case_of(rows, actor(), int(case))
            phone = show_phone(found.phone) if found.phone else ""
        form = Form(phone=phone, area_code=typed("village", most=12), kinds=("farmer",))
        return _render(rows, form, seen_on=local(now()).date().isoformat(), case=case)


@blueprint.post("/desk/enrol")
@allow(Role.CONTACT)
def enrol() -> Response | tuple[str, int]:
    """Take a person in; a slip gives the form back as it was filled in."""
    seen_on, case = typed("id_seen_on", most=10), typed("case", most=9)
    form = Form(
        name=typed("name", most=80),
        phone=typed("phone", most=40),
        area_code=typed("area_code", most=12),
        kinds=tuple(request.form.getlist("kinds")[:12]),
        crops=_crops(),
        id_seen=typed("id_seen") == "yes",
        id_seen_on=_day(seen_on),
        resident=typed("resident_number", most=40),
        agreed=ticked("agreed"),
        tips=ticked("tips"),
        preferred=typed("preferred") or "sms",
        pin=secret("pin"),
        another=ticked("another"),
    )
    try:
        if seen_on and form.id_seen_on is None:
            raise Invalid("date_shape", "Write the day like 2026-10-12.", field="id_seen_on")
        with writing() as rows:
            person = desk_enrolment.enrol(
                rows, actor=actor(), form=form, understand=inside().understand, settings=settings(), now=now()
            )
    except (Invalid, Conflict) as refusal:
        if refusal.code not in ("person_known", "resident_known") and isinstance(refusal, Conflict):
            raise
        with reading() as rows:
            found: list[Invalid] = desk_enrolment.check_form(rows, actor=actor(), form=form, now=now())
            if not any(wrong.code == refusal.code for wrong in found):
                found.append(_as_invalid(refusal))
            return _render(rows, form, seen_on=seen_on, case=case, refusals=found), 422
    done("{name} is enrolled. The form is ready for the next one.", name=person.name)
    if case.isdecimal():
        return redirect(f"/desk/cases/{int(case)}", 303)
    return redirect(f"/desk/enrol?village={form.area_code}", 303)


def _render(rows: Session, form: Form, *, seen_on: str, case: str, refusals: Sequence[Invalid] = ()) -> str:
    language = current_language()
    villages = village.villages(rows, actor())
    if len(villages) > 1:
        villages = [("", _("Choose the village")), *villages]
    known = {value for value, _english in CROPS}
    line = settings().line_number
    sentence = "{name}, you are registered. To sell, buy, report pests or ask: text this number or ring {line}. To stop tips: TD"
    return render_template(
        "contact/enrol.html", form=form, seen_on=seen_on, case=case, villages=villages,
        kinds=[(code, zh if language == "zh" else en) for code, zh, en in village.person_kinds(rows)],
        crops=[(value, value if language == "zh" else en) for value, en in CROPS],
        other_crops="、".join(crop for crop in form.crops if crop not in known),
        count=village.enrolled_today(rows, actor=actor(), now=now()),
        read_out=_(consent.ENROL_TEXT), welcome=_(sentence, name=form.name or _("Name"), line=line),
        errors=errors_of(refusals),
        ask_another=form.another or any(refusal.code == "phone_known" for refusal in refusals),
    )  # fmt: skip


def _crops() -> tuple[str, ...]:
    other = typed("other_crops", most=120).replace(",", "、").replace("，", "、").split("、")
    return tuple(crop.strip() for crop in (*request.form.getlist("crops")[:20], *other[:10]) if crop.strip())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _as_invalid(refusal: Invalid | Conflict) -> Invalid:
    if isinstance(refusal, Invalid):
        return refusal
    return Invalid(refusal.code, refusal.sentence, field="phone", **refusal.values)
