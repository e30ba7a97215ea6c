"""One case: listen, write down, see the ID, look at a post, close."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from farmerline import parts
from farmerline.domain import Role, Session, consent, desk, dictation
from farmerline.errors import Invalid
from farmerline.queries import desk as desk_rows
from farmerline.queries import village
from farmerline.web import sighting_form
from farmerline.web.contact.today import blueprint
from farmerline.web.doors import actor, allow, inside, now, reading, settings, writing
from farmerline.web.forms import errors_of, ticked, typed, words
from farmerline.web.frame import done, show_number
from farmerline.web.language import _
from farmerline.web.sounds import send_recording

_SHOWN_REPLY = 160


@blueprint.get("/desk/cases/<number:number>")
@allow(Role.CONTACT)
def show_case(number: int) -> str:
    with reading() as rows:
        return render_case(rows, number)


@blueprint.get("/desk/recordings/<id:recording_id>.wav")
@allow(Role.CONTACT)
def play(recording_id: str) -> Response:
    """The sound of a case in one's own villages; that it was heard is on record."""
    with writing() as rows:
        dictation.hear(rows, actor=actor(), recording_id=recording_id, now=now())
    return send_recording(recording_id)


@blueprint.post("/desk/cases/<number:number>/phone")
@allow(Role.CONTACT)
def show_caller(number: int) -> Response:
    with writing() as rows:
        phone = desk.show_caller(rows, actor=actor(), number=number, now=now())
    show_number(phone)
    return redirect(f"/desk/cases/{number}", 303)


@blueprint.post("/desk/cases/<number:number>/write-down")
@allow(Role.CONTACT)
def write_down(number: int) -> str | Response | tuple[str, int]:
    """Take down a spoken post in the farmer's words; he is asked whether it is right."""
    form = {"text": words("text"), "account_id": typed("account_id")}
    try:
        if ticked("look"):
            return _look(number, form)
        inside().understand(form["text"])  # read before the write, and remembered: it is the slow part
        with writing() as rows:
            incoming = dictation.write_down(
                rows, actor=actor(), number=number, account_id=form["account_id"], text=form["text"],
                token=typed("token", most=32) or "once", understand=inside().understand, now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        with reading() as rows:
            return render_case(rows, number, form=form, refusals=[refusal]), refusal.status
    accepted = inside().accept(incoming)
    if accepted.replies:
        done("Stored, with your name beside it. He now gets: {text}", text=accepted.replies[0][:_SHOWN_REPLY])
    else:
        done("Stored, with your name beside it. He gets it read back in a moment.")
    return redirect(f"/desk/cases/{number}", 303)


@blueprint.post("/desk/cases/<number:number>/verify")
@allow(Role.CONTACT)
def verify(number: int) -> Response | tuple[str, int]:
    """The ID of somebody who registered was seen."""
    form = {
        "resident_number": typed("resident_number", most=40),
        "tips": ticked("tips"),
        "id_seen": typed("id_seen") == "yes",
    }
    try:
        with writing() as rows:
            verified = desk.verify(
                rows, actor=actor(), number=number, id_seen=bool(form["id_seen"]), resident=str(form["resident_number"]),
                tips=bool(form["tips"]), understand=inside().understand, settings=settings(), now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        with reading() as rows:
            return render_case(rows, number, form=form, refusals=[refusal]), refusal.status
    done("{name} is verified.", name=verified.name)
    for taken in verified.taken_up:
        if taken.replies:
            done("What he wrote before goes on: {text}", text=taken.replies[0][:_SHOWN_REPLY])
    return redirect(f"/desk/cases/{number}", 303)


@blueprint.post("/desk/cases/<number:number>/review")
@allow(Role.CONTACT)
def review(number: int) -> Response | tuple[str, int]:
    """Let a post stand, or take it down and say why."""
    decision, reason = typed("decision"), typed("reason")
    try:
        if decision not in ("publish", "withdraw"):
            raise Invalid("decision_missing", "Choose: publish it or take it down.", field="reason")
        with writing() as rows:
            desk.review(
                rows,
                actor=actor(),
                number=number,
                publish=decision == "publish",
                reason=reason,
                settings=settings(),
                now=now(),
            )
    except Invalid as refusal:
        with reading() as rows:
            return render_case(rows, number, form={"reason": reason}, refusals=[refusal]), refusal.status
    done("The post stands.") if decision == "publish" else done("The post is taken down, and he is told why.")
    return redirect("/desk", 303)


@blueprint.post("/desk/cases/<number:number>/appeal")
@allow(Role.CONTACT)
def appeal(number: int) -> Response:
    """He does not agree with what was decided about his post: somebody else looks at it."""
    with writing() as rows:
        desk.appeal(rows, actor=actor(), number=number, words=words("words"), now=now())
    done("Handed to the county office. He is told within two working days.")
    return redirect(f"/desk/cases/{number}", 303)


@blueprint.post("/desk/cases/<number:number>/close")
@allow(Role.CONTACT)
def close(number: int) -> Response | tuple[str, int]:
    """End a case with what was done."""
    form = {"outcome": words("outcome"), "tell": ticked("tell")}
    try:
        with writing() as rows:
            desk.close(
                rows,
                actor=actor(),
                number=number,
                outcome=str(form["outcome"]),
                tell=bool(form["tell"]),
                now=now(),
            )
    except Invalid as refusal:
        with reading() as rows:
            return render_case(rows, number, form=form, refusals=[refusal]), refusal.status
    done("Closed: number {number}.", number=number)
    return redirect("/desk", 303)


def render_case(
    rows: Session,
    number: int,
    *,
    form: Mapping[str, Any] | None = None,
    refusals: Sequence[Invalid] = (),
    preview: SimpleNamespace | None = None,
) -> str:
    """A case's page, with what was typed and what was wrong with it."""
    case = desk_rows.case_view(rows, actor=actor(), number=number, now=now())
    said = typed("said", most=40) if request.method == "GET" else ""
    chosen = str((form or {}).get("account_id") or "")
    found = village.find(rows, actor=actor(), said=said) if said else []
    if chosen and not any(chosen == person.id for person in (*found, *case.household)):
        found = [*found, *village.chosen(rows, actor=actor(), account_id=chosen)]
    return render_template(
        "contact/case.html", case=case, form=SimpleNamespace(**{**_blank(), "text": case.heard, **(form or {})}), said=said,
        found=found, choices=sighting_form.choices(), preview=preview,
        token=typed("token", most=32) or secrets.token_hex(8), read_out=_(consent.ENROL_TEXT),
        errors=errors_of(refusals),
    )  # fmt: skip


def shown(text: str) -> SimpleNamespace:
    """A message as the preview shows it: with its signs and parts, the signature counted."""
    counted = parts.count(text, settings().sms_signature)
    whole = parts.with_signature(text, settings().sms_signature)
    return SimpleNamespace(text=whole, characters=counted.characters, parts=counted.parts)


def _look(number: int, form: Mapping[str, str]) -> str:
    with reading() as rows:
        person = desk.person_of(rows, actor(), form["account_id"]) if form["account_id"] else None
        if person is None:
            raise Invalid("nobody_chosen", "Choose who is speaking.", field="account_id")
        direction = desk.case_of(rows, actor(), number).direction
        text = dictation.preview(
            rows, person=person, text=form["text"], direction=direction, understand=inside().understand
        )
        return render_case(rows, number, form=form, preview=shown(text))


def _blank() -> dict[str, Any]:
    return {
        "text": "", "account_id": "", "outcome": "", "reason": "", "resident_number": "", "tell": False, "tips": False,
        "id_seen": False, "crop": "", "pest": "", "part": "", "in_ten": "", "days": "", "village": "", "photo": False,
    }  # fmt: skip
