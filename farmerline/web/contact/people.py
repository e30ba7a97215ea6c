"""The people of the villages: find one, speak for them with their yes, mend what they lost."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from types import SimpleNamespace

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Role, Session, desk, desk_people, dictation
from farmerline.errors import Invalid
from farmerline.messages import Incoming
from farmerline.queries import sightings, village
from farmerline.queries import subscriptions as listed
from farmerline.web.contact.cases import shown
from farmerline.web.contact.today import blueprint
from farmerline.web.doors import actor, allow, inside, now, reading, settings, writing
from farmerline.web.forms import errors_of, secret, ticked, typed, words
from farmerline.web.frame import done
from farmerline.web.language import _

Page = str | Response | tuple[str, int]


@blueprint.get("/desk/people")
@allow(Role.CONTACT)
def list_people() -> str:
    said, error = typed("said", most=40), ""
    with reading() as rows:
        villages = village.villages(rows, actor())
        codes = [code for code, _name in villages]
        area = typed("village", most=12)
        people = []
        if said and area not in codes:
            people = village.find(rows, actor=actor(), said=said)
        elif area in codes or codes:
            area = area if area in codes else codes[0]
            people = village.people(rows, actor=actor(), area_code=area, said=said)
        return render_template(
            "contact/people.html", villages=[("", _("All")), *villages] if said else villages, area_code=area, said=said,
            people=people, error=error,
        )  # fmt: skip


@blueprint.get("/desk/people/<id:account_id>")
@allow(Role.CONTACT)
def show_person(account_id: str) -> str:
    return render_person(account_id)


@blueprint.get("/desk/people/<id:account_id>/post")
@allow(Role.CONTACT)
def show_post_form(account_id: str) -> str:
    return _render_post(account_id)


@blueprint.post("/desk/people/<id:account_id>/post")
@allow(Role.CONTACT)
def post_for(account_id: str) -> Page:
    """A post that the person says at the desk; it waits for their yes."""
    text = words("text")
    try:
        if ticked("look"):
            with reading() as rows:
                person = desk.person_of(rows, actor(), account_id)
                line = dictation.preview(
                    rows, person=person, text=text, direction="", understand=inside().understand
                )
            return _render_post(account_id, text=text, preview=shown(line))
        inside().understand(text)  # read before the write, and remembered: it is the slow part
        with writing() as rows:
            incoming = desk_people.speak_for(
                rows, actor=actor(), account_id=account_id, text=text, token=typed("token", most=32) or secrets.token_hex(8),
                understand=inside().understand, now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        return _render_post(account_id, text=text, refusals=[refusal]), refusal.status
    return _accept(account_id, incoming)


@blueprint.post("/desk/people/<id:account_id>/subscribe")
@allow(Role.CONTACT)
def subscribe_for(account_id: str) -> Page:
    """What the person wants to be told of from now on, or no more."""
    text = words("text", most=60)
    try:
        with writing() as rows:
            incoming = desk_people.subscribe_for(
                rows, actor=actor(), account_id=account_id, text=text, token=typed("token", most=32) or secrets.token_hex(8),
                understand=inside().understand, now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        return render_person(account_id, refusals=[refusal], watch=text), refusal.status
    return _accept(account_id, incoming)


@blueprint.post("/desk/people/<id:account_id>/answer")
@allow(Role.CONTACT)
def answer_for(account_id: str) -> Page:
    """The person's own yes or no, said at the desk."""
    with writing() as rows:
        incoming = desk_people.answer_for(
            rows,
            actor=actor(),
            account_id=account_id,
            question_id=typed("question_id", most=32),
            reply=typed("reply"),
            now=now(),
        )
    return _accept(account_id, incoming)


@blueprint.post("/desk/people/<id:account_id>/change")
@allow(Role.CONTACT)
def change_for(account_id: str) -> Page:
    """How the draft shall read instead."""
    try:
        with writing() as rows:
            incoming = desk_people.change_words(
                rows, actor=actor(), account_id=account_id, question_id=typed("question_id", most=32), text=words("text"),
                token=typed("token", most=32) or secrets.token_hex(8), now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        return render_person(account_id, refusals=[refusal]), refusal.status
    return _accept(account_id, incoming)


@blueprint.post("/desk/people/<id:account_id>/phone")
@allow(Role.CONTACT)
def show_phone(account_id: str) -> Page:
    """The whole number, once, on the page that answers; on record."""
    with writing() as rows:
        seen = desk_people.reveal_phone(rows, actor=actor(), account_id=account_id, now=now())
    if case := typed("case", most=9):
        done("The number is {phone}. That you looked at it is on record.", phone=seen.shown)
        return redirect(f"/desk/cases/{int(case) if case.isdecimal() else 0}", 303)
    return render_person(account_id, phone=seen.shown)


@blueprint.post("/desk/people/<id:account_id>/change-phone")
@allow(Role.CONTACT)
def change_phone(account_id: str) -> Page:
    phone = typed("phone", most=40)

    def act(rows: Session) -> None:
        desk_people.change_phone(
            rows, actor=actor(), account_id=account_id, phone=phone, id_seen=ticked("id_seen"), now=now()
        )
        done("The number is changed.")

    return _mend(account_id, act, phone=phone)


@blueprint.post("/desk/people/<id:account_id>/pin")
@allow(Role.CONTACT)
def reset_pin(account_id: str) -> Page:
    def act(rows: Session) -> None:
        desk_people.reset_pin(rows, actor=actor(), account_id=account_id, pin=secret("pin"), now=now())
        done("The new PIN holds from now on.")

    return _mend(account_id, act)


@blueprint.post("/desk/people/<id:account_id>/password")
@allow(Role.CONTACT)
def reset_password(account_id: str) -> Page:
    """A password for one use, shown once."""
    with writing() as rows:
        made = desk_people.reset_password(rows, actor=actor(), account_id=account_id, now=now())
    return render_person(account_id, password=made.shown)


@blueprint.post("/desk/people/<id:account_id>/suspend")
@allow(Role.CONTACT)
def suspend(account_id: str) -> Page:
    reason = typed("reason", most=40)

    def act(rows: Session) -> None:
        desk_people.suspend(rows, actor=actor(), account_id=account_id, reason=reason, now=now())
        done("Stopped: they cannot post or sign in until you let them in again.")

    return _mend(account_id, act, reason=reason)


@blueprint.post("/desk/people/<id:account_id>/reinstate")
@allow(Role.CONTACT)
def reinstate(account_id: str) -> Page:
    def act(rows: Session) -> None:
        desk_people.reinstate(rows, actor=actor(), account_id=account_id, now=now())
        done("Let in again.")

    return _mend(account_id, act)


@blueprint.post("/desk/people/<id:account_id>/leave")
@allow(Role.CONTACT)
def leave(account_id: str) -> Page:
    def act(rows: Session) -> None:
        desk_people.leave(rows, actor=actor(), account_id=account_id, sure=typed("sure") == "yes", now=now())
        done("The entry is ended: nothing is sent there any more. What was done stays on record.")

    return _mend(account_id, act)


def render_person(
    account_id: str, *, phone: str = "", password: str = "", refusals: Sequence[Invalid] = (), **kept: str
) -> str:
    """A person's entry, with what was typed and what was wrong with it."""
    with reading() as rows:
        person = village.person(rows, actor=actor(), account_id=account_id)
        lines = listed.lines(rows, desk.person_of(rows, actor(), account_id), now=now())
        reported = sightings.of_person(rows, account_id, limit=5) if settings().has(Module.ALERTS) else []
    return render_template(
        "contact/person.html", person=person, sightings=reported, phone=phone, password=password, token=secrets.token_hex(8),
        subscriptions=[one for one in lines if not one.ended],
        typed=SimpleNamespace(**{"phone": "", "reason": "", "watch": "", **kept}), errors=errors_of(refusals),
    )  # fmt: skip


def _mend(account_id: str, act: Callable[[Session], None], **kept: str) -> Page:
    try:
        with writing() as rows:
            act(rows)
    except Invalid as refusal:
        return render_person(account_id, refusals=[refusal], **kept), refusal.status
    return redirect(f"/desk/people/{account_id}", 303)


def _accept(account_id: str, incoming: Incoming) -> Response:
    accepted = inside().accept(incoming)
    for reply in accepted.replies[:1]:
        done("He gets this on his phone: {text}", text=reply)
    return redirect(f"/desk/people/{account_id}", 303)


def _render_post(
    account_id: str,
    *,
    text: str = "",
    preview: SimpleNamespace | None = None,
    refusals: Sequence[Invalid] = (),
) -> str:
    with reading() as rows:
        person = village.person(rows, actor=actor(), account_id=account_id)
    return render_template(
        "contact/post_for.html", person=person, text=text, preview=preview, errors=errors_of(refusals),
        token=typed("token", most=32) or secrets.token_hex(8),
    )  # fmt: skip
