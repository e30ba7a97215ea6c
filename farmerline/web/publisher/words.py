"""The words of the vocabulary: what waits, what a word means, trying a change on a sentence, making it, undoing it."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.domain import Role, Session, unknown_words, vocabulary
from farmerline.domain.vocabulary import Change, Doubtful
from farmerline.errors import Conflict, Invalid
from farmerline.queries import vocabulary as shown
from farmerline.queries.vocabulary import Meaning, Tried
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.forms import errors_of, number, ticked, typed
from farmerline.web.frame import done
from farmerline.web.language import _
from farmerline.web.public.tree import CATEGORIES, FORMS
from farmerline.web.publisher.tips import blueprint

_START = "/publish/words"
_FIELDS = {"act": 8, "word": 60, "product": 60, "form": 16, "variety": 60, "note": 200, "sentence": 200}


@blueprint.get("/publish/words")
@allow(Role.PUBLISHER, Role.ADMIN)
def show_words() -> str:
    """What waits for an editor, the search, and the last changes."""
    vocabulary.admit(actor(), settings().county)
    before = number("before")
    with reading() as rows:
        lines = shown.history(rows, before=before)
        proposals = [] if before else shown.proposals(rows)
        waiting = shown.waiting(rows)
    older = lines[-1].serial if len(lines) == shown.PAGE else 0
    return render_template(
        "publisher/vocabulary.html", proposals=proposals, waiting=waiting, lines=lines, before=before, older=older,
        form_name=form_name, has_tips=actor().has(Role.PUBLISHER),
    )  # fmt: skip


@blueprint.get("/publish/words/word")
@allow(Role.PUBLISHER, Role.ADMIN)
def show_word() -> Response | str:
    """What one word means, and the ways to change it."""
    vocabulary.admit(actor(), settings().county)
    said = typed("said", most=60)
    if not said:
        return redirect(_START, 303)
    with reading() as rows:
        kept = {"act": typed("act", most=8) or "add", "word": said, "sentence": shown.sentence(rows, said)}
        return _render(rows, kept, fresh=True)


@blueprint.post("/publish/words/word")
@allow(Role.PUBLISHER, Role.ADMIN)
def change_word() -> Response | tuple[str, int] | str:
    """Try a change on a sentence, or put it in force."""
    vocabulary.admit(actor(), settings().county)
    form = {name: typed(name, most=most) for name, most in _FIELDS.items()}
    wanted = vocabulary.change(
        *(form[name] for name in ("act", "word", "product", "form", "variety", "note"))
    )
    try:
        if ticked("try"):
            return _try(form, wanted)
        with writing() as rows:
            edit = vocabulary.make(
                rows, wanted, actor=actor(), county=settings().county, now=now(), sure=ticked("sure")
            )
    except Doubtful as doubt:
        with reading() as rows:
            return _render(rows, form, doubt=_(doubt.sentence, **doubt.values)), doubt.status
    except (Invalid, Conflict) as refusal:
        with reading() as rows:
            return _render(rows, form, refusal=refusal), refusal.status
    done("Saved. Open posts with this word are read again within a minute or two.")
    return redirect(f"{_START}#e{edit.serial}", 303)


@blueprint.post("/publish/words/<id:edit_id>/undo")
@allow(Role.PUBLISHER, Role.ADMIN)
def undo_edit(edit_id: str) -> Response:
    with writing() as rows:
        edit = vocabulary.undo(rows, edit_id, actor=actor(), county=settings().county, now=now())
    done("Undone: {word} is read as before.", word=edit.word)
    return redirect(_START, 303)


@blueprint.post("/publish/words/<id:word_id>/later")
@allow(Role.PUBLISHER, Role.ADMIN)
def put_off(word_id: str) -> Response:
    with writing() as rows:
        row = unknown_words.dismiss(rows, word_id, actor=actor(), county=settings().county, now=now())
    done("{word}: not now. It comes back when it is heard three times again.", word=row.word)
    return redirect(_START, 303)


def form_name(form: str) -> str:
    """What a form is called; "" for none."""
    return _(FORMS[form]) if form in FORMS else form


def _try(form: dict[str, str], wanted: Change) -> str:
    if not form["sentence"]:
        raise Invalid("sentence_missing", "Write a sentence to try.", field="sentence")
    with reading() as rows:
        tried = shown.tried(rows, wanted, form["sentence"], county=settings().county)
        return _render(rows, form, tried=tried)


def _render(
    rows: Session,
    form: dict[str, str],
    *,
    fresh: bool = False,
    tried: Tried | None = None,
    doubt: str = "",
    refusal: Invalid | Conflict | None = None,
) -> str:
    meaning = shown.meaning(rows, form["word"])
    act = form["act"] if form["act"] in _acts(meaning) else "add"
    if fresh and act == "add" and meaning.own:  # another name for this product
        form = {**form, "word": "", "product": meaning.concept}
    return render_template(
        "publisher/word.html", form={**dict.fromkeys(_FIELDS, ""), **form, "act": act}, meaning=meaning, acts=_acts(meaning),
        near=[] if meaning.concept else shown.near(rows, meaning.word), concerned=shown.concerned(rows, meaning.word),
        lines=shown.history(rows, word=meaning.word), tried=tried, doubt=doubt, errors=errors_of([refusal] if refusal else []),
        category=_(CATEGORIES[meaning.category]) if meaning.category in CATEGORIES else "", form_name=form_name,
        forms_known=[("", _("As it is mostly traded")), *((one, form_name(one)) for one in shown.form_choices(rows))],
    )  # fmt: skip


def _acts(meaning: Meaning) -> list[str]:
    """What can be done with a word as it stands."""
    forbidding = [] if meaning.forbidden else ["forbid"]
    return ["add", "merge", *forbidding] if meaning.own else ["add", *forbidding]
