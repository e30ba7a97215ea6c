"""Letters to the bureau at their office: the list, one letter, its sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from types import SimpleNamespace

from flask import Blueprint, flash, redirect, render_template, send_file
from werkzeug.wrappers import Response

from farmerline.domain import STAFF, Role, Session, bureau_letters, desk
from farmerline.errors import Conflict, Invalid, Refusal
from farmerline.queries import bureau_letters as listed
from farmerline.render.letter_sheet import LetterSheet, to_pdf
from farmerline.web import format as formats
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.forms import errors_of, typed, words
from farmerline.web.frame import done
from farmerline.web.language import _, current_language

blueprint = Blueprint("bureau", __name__)


@blueprint.get("/bureau/letters")
@allow(*STAFF)
def show_list() -> str:
    """What waits: for the office all of its places, for others what was given to them."""
    with reading() as rows:
        waiting = listed.waiting(rows, actor=actor(), language=current_language())
        answered = listed.answered(rows, actor=actor(), language=current_language())
    return render_template(
        "bureau/letters.html",
        waiting=waiting,
        answered=answered,
        overdue=listed.overdue_by_unit(waiting, now()),
    )


@blueprint.get("/bureau/letters/<number:number>")
@allow(*STAFF)
def show_one(number: int) -> str:
    with reading() as rows:
        return _render(rows, number)


@blueprint.post("/bureau/letters/<number:number>/pass-on")
@allow(Role.PUBLISHER, Role.ADMIN)
def pass_on(number: int) -> Response | tuple[str, int]:
    form = {
        "unit": typed("unit", most=60),
        "handler_id": typed("handler_id", most=32),
        "kind": typed("kind", most=24),
    }
    return _act(number, form, bureau_letters.pass_on, _("Given to {unit}.", unit=form["unit"]))


@blueprint.post("/bureau/letters/<number:number>/answer")
@allow(*STAFF)
def answer(number: int) -> Response | tuple[str, int]:
    return _act(number, {"words": words("answer")}, bureau_letters.answer, _("Answered: the writer is told."))


@blueprint.post("/bureau/letters/<number:number>/close")
@allow(*STAFF)
def close(number: int) -> Response | tuple[str, int]:
    return _act(number, {"why": typed("why")}, bureau_letters.close, _("Closed."))


@blueprint.post("/bureau/letters/<number:number>/show")
@allow(Role.PUBLISHER, Role.ADMIN)
def show(number: int) -> Response | tuple[str, int]:
    """Let it out into the guestbook, or take it away again."""
    if typed("off"):
        return _act(number, {}, bureau_letters.hide, _("Taken out of the guestbook."))
    form = {"text": words("board_text"), "reply": words("board_answer")}
    return _act(number, form, bureau_letters.show, _("In the guestbook, without a name."))


@blueprint.get("/bureau/letters/<number:number>.pdf")
@allow(*STAFF)
def print_sheet(number: int) -> Response:
    """The handling record as one sheet."""
    with reading() as rows:
        view = listed.view(rows, actor=actor(), number=number, language=current_language())
    pdf = to_pdf(_sheet(view))
    return send_file(BytesIO(pdf), mimetype="application/pdf", download_name=f"letter-{number}.pdf")


@blueprint.post("/desk/cases/<number:number>/letter")
@allow(Role.CONTACT)
def take_spoken(number: int) -> Response:
    """Make a letter to the bureau of what somebody said on the telephone."""
    with writing() as rows:
        case = desk.case_of(rows, actor(), number)
        letter = bureau_letters.take_spoken(
            rows, actor=actor(), case=case, body=words("body") or case.text, kind=typed("kind", most=24) or bureau_letters.USUAL,
            now=now(),
        )  # fmt: skip
        taken = letter.number
    done("Letter to the bureau No. {number}: he is told.", number=taken)
    return redirect("/desk", 303)


def _act(
    number: int, form: Mapping[str, str], verb: Callable[..., None], said: str
) -> Response | tuple[str, int]:
    try:
        with writing() as rows:
            verb(rows, actor=actor(), number=number, now=now(), **form)
    except (Invalid, Conflict) as refusal:
        with reading() as rows:
            return _render(rows, number, form=form, refusals=[refusal]), refusal.status
    flash(said, "done")
    return redirect(f"/bureau/letters/{number}", 303)


def _render(
    rows: Session, number: int, *, form: Mapping[str, str] | None = None, refusals: Sequence[Refusal] = ()
) -> str:
    """A letter's page, with what was typed and what was wrong with it."""
    view = listed.view(rows, actor=actor(), number=number, language=current_language())
    filled = {"unit": view.line.unit, "kind": view.kind, "words": "", "why": "", "handler_id": ""}
    filled |= {"text": view.board_text or view.body[:300], "reply": view.board_answer or view.answer[:400]}
    return render_template(
        "bureau/letter.html", letter=view, kinds=listed.kind_names(rows, current_language()), steps=_steps(view),
        form=SimpleNamespace(**{**filled, **(form or {})}), errors=errors_of(refusals),
    )  # fmt: skip


def _steps(view: listed.View) -> list[tuple[str, str]]:
    """What was done, each with its moment."""
    language, at = current_language(), now()
    return [(formats.when(language, one.at, at), _done(one) + _(", ") + one.by) for one in view.steps]


def _done(step: listed.Step) -> str:
    if step.act == "write":
        return _("came in")
    if step.act == "pass_on":
        return _("given to {unit}", unit=step.note)
    if step.act == "answer":
        return _("answered")
    if step.act == "close":
        return _("ended: {why}", why=step.note) if step.note else _("ended")
    return _("shown to everybody") if step.act == "show" else _("taken away again")


def _sheet(view: listed.View) -> LetterSheet:
    language, at, line = current_language(), now(), view.line
    title = _("Letter to the bureau No. {number}: handling record", number=line.number)
    return LetterSheet(
        language=language, issuer=settings().bureau_name or settings().service_name, title=title,
        facts=(
            (_("Writer"), line.who + _(", ") + line.place), (_("Kind"), line.kind),
            (_("Came in"), formats.when(language, line.received_at, at)),
            (_("Answer due"), formats.when(language, line.due_at, at)), (_("Unit"), line.unit),
            (_("Answered"), formats.when(language, view.answered_at, at) if view.answered_at else _("not yet")),
        ),
        said=(_("What was written"), view.body), answer=(_("The answer"), view.answer or _("not yet")),
        steps_head=_("What was done"), steps=_steps(view), signs=(_("Handled by"), _("Seen by")),
        foot=f"{settings().service_name} {settings().line_number}", page_words="{page}/{pages}", made_at=at,
    )  # fmt: skip
