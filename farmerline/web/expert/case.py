"""One question: heard and read, answered, written down, handed over, made an article."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from types import SimpleNamespace

from flask import redirect, render_template, send_file
from werkzeug.wrappers import Response

from farmerline import parts
from farmerline.config import Module
from farmerline.domain import Role, Session, advice, alert_words, knowledge
from farmerline.errors import Conflict, Invalid, Refusal
from farmerline.queries import advice as listed
from farmerline.web.doors import actor, allow, inside, now, reading, settings, writing
from farmerline.web.expert.queue import blueprint
from farmerline.web.forms import errors_of, typed, words
from farmerline.web.frame import done, show_number
from farmerline.web.sounds import send_recording

_BLANK = {"short": "", "full": "", "text": "", "to_id": "", "title": "", "question": "", "board": ""}


@blueprint.get("/expert/cases/<number:number>")
@allow(Role.EXPERT, module=Module.EXPERTS)
def show_case(number: int) -> str:
    with reading() as rows:
        return _render(rows, number)


@blueprint.get("/expert/cases/<number:number>/recording.wav")
@allow(Role.EXPERT, module=Module.EXPERTS)
def play(number: int) -> Response:
    """What was said; that it was heard is on record."""
    with writing() as rows:
        recording_id = advice.hear(rows, actor=actor(), number=number, now=now())
    return send_recording(recording_id)


@blueprint.get("/expert/cases/<number:number>/photo.jpg")
@allow(Role.EXPERT, module=Module.EXPERTS)
def show_photo(number: int) -> Response:
    with reading() as rows:
        photo = advice.photo_of(rows, actor=actor(), number=number)
        return send_file(BytesIO(photo.body), mimetype=photo.kind, etag=False)


@blueprint.get("/expert/cases/<number:number>/answer.wav")
@allow(Role.EXPERT, module=Module.EXPERTS)
def play_answer(number: int) -> Response:
    with reading() as rows:
        row = advice.answer_of(rows, advice.case_of(rows, actor(), number))
    return send_recording(row.recording_id or "" if row else "")


@blueprint.post("/expert/cases/<number:number>/answer")
@allow(Role.EXPERT, module=Module.EXPERTS)
def answer(number: int) -> str | Response | tuple[str, int]:
    """Answer in writing: he is told, and asked whether it helped."""
    form = {"short": words("short"), "full": words("full")}
    if typed("look"):
        with reading() as rows:
            return _render(rows, number, form=form, look=True)
    try:
        with writing() as rows:
            advice.answer(
                rows,
                actor=actor(),
                number=number,
                short=form["short"],
                full=form["full"],
                settings=settings(),
                now=now(),
            )
    except (Invalid, Conflict) as refusal:
        return _refused(number, form, refusal)
    done("Answered: he is told, and asked whether it helped.")
    return redirect(f"/expert/cases/{number}", 303)


@blueprint.post("/expert/cases/<number:number>/speak")
@allow(Role.EXPERT, module=Module.EXPERTS)
def speak(number: int) -> Response | tuple[str, int]:
    """Be rung, and speak the answer."""
    try:
        with writing() as rows:
            advice.ask_to_speak(rows, actor=actor(), number=number, now=now())
    except Conflict as refusal:
        return _refused(number, {}, refusal)
    done("Your telephone rings in a moment: speak the answer after the tone.")
    return redirect(f"/expert/cases/{number}", 303)


@blueprint.post("/expert/cases/<number:number>/write-down")
@allow(Role.EXPERT, module=Module.EXPERTS)
def write_down(number: int) -> Response | tuple[str, int]:
    """Put what was asked in words."""
    form = {"text": words("text")}
    try:
        with writing() as rows:
            advice.write_down(rows, actor=actor(), number=number, text=form["text"], now=now())
    except Invalid as refusal:
        return _refused(number, form, refusal)
    done("Written down.")
    return redirect(f"/expert/cases/{number}", 303)


@blueprint.post("/expert/cases/<number:number>/hand-over")
@allow(Role.EXPERT, module=Module.EXPERTS)
def hand_over(number: int) -> Response | tuple[str, int]:
    form = {"to_id": typed("to_id", most=32)}
    try:
        with writing() as rows:
            other = advice.hand_over(rows, actor=actor(), number=number, to_id=form["to_id"], now=now())
            name = other.name
    except (Invalid, Conflict) as refusal:
        return _refused(number, form, refusal)
    done("Handed to {name}, who is told.", name=name)
    return redirect("/expert", 303)


@blueprint.post("/expert/cases/<number:number>/phone")
@allow(Role.EXPERT, module=Module.EXPERTS)
def show_caller(number: int) -> Response:
    with writing() as rows:
        phone = advice.show_caller(rows, actor=actor(), number=number, now=now())
    show_number(phone)
    return redirect(f"/expert/cases/{number}", 303)


@blueprint.post("/expert/cases/<number:number>/store")
@allow(Role.EXPERT, module=Module.EXPERTS)
def store(number: int) -> Response | tuple[str, int]:
    """Offer the answer to everybody: a draft that a second person reads."""
    form = {"title": typed("title", most=60), "question": words("question")}
    try:
        with writing() as rows:
            knowledge.propose(rows, actor=actor(), number=number, now=now(), **form)
    except (Invalid, Conflict) as refusal:
        return _refused(number, form, refusal)
    done("In the store's drafts: a publisher or an officer reads it, then it is out.")
    return redirect(f"/expert/cases/{number}", 303)


@blueprint.post("/expert/cases/<number:number>/board")
@allow(Role.EXPERT, module=Module.EXPERTS)
def show_on_board(number: int) -> Response | tuple[str, int]:
    """Show the question to everybody, or take it away again."""
    form = {"board": "" if typed("off") else words("board")}
    try:
        with writing() as rows:
            advice.show_on_board(rows, actor=actor(), number=number, text=form["board"], now=now())
    except (Invalid, Conflict) as refusal:
        return _refused(number, form, refusal)
    done("On the board of questions, without a name." if form["board"] else "Off the board.")
    return redirect(f"/expert/cases/{number}", 303)


def _refused(number: int, form: Mapping[str, str], refusal: Refusal) -> tuple[str, int]:
    with reading() as rows:
        return _render(rows, number, form=form, refusals=[refusal]), refusal.status


def _render(
    rows: Session,
    number: int,
    *,
    form: Mapping[str, str] | None = None,
    refusals: Sequence[Refusal] = (),
    look: bool = False,
) -> str:
    """A question's page, with what was typed and what was wrong with it."""
    view = listed.view(rows, actor=actor(), number=number, now=now())
    likes = []
    if view.open:
        case = advice.case_of(rows, actor(), number)
        likes = knowledge.find_like(rows, case, understand=inside().understand, now=now())
    filled = {
        **_BLANK,
        "question": view.text[:200],
        "board": view.board_text or view.text[:200],
        **(form or {}),
    }
    if (taken := typed("take")) and not form and (chosen := _taken(likes, taken)) is not None:
        filled |= {"short": chosen.short, "full": chosen.full}
    return render_template(
        "expert/case.html", case=view, likes=likes, form=SimpleNamespace(**filled), room=alert_words.SHORT_ROOM,
        used=parts.count(filled["short"], "").characters, errors=errors_of(refusals), look=look,
    )  # fmt: skip


def _taken(likes: Sequence[knowledge.Like], which: str) -> knowledge.Like | None:
    return likes[int(which)] if which.isdecimal() and int(which) < len(likes) else None
