"""Articles at the publisher's desk: the board, writing, the plain-language look, the second reader, issuing, withdrawing."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

from flask import redirect, render_template, send_file
from werkzeug.wrappers import Response

from farmerline.clock import local
from farmerline.domain import Role, alert_words, articles, seasons, spoken
from farmerline.domain.articles import Wording
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.queries import articles as shown
from farmerline.queries import submissions, tips
from farmerline.web.doors import actor, allow, now, reading, writing
from farmerline.web.forms import errors_of, photo, ticked, typed, words
from farmerline.web.frame import done
from farmerline.web.language import _, current_language
from farmerline.web.publisher.tips import blueprint

_START = "/publish/articles"
_LINES = {"kind": 24, "area_code": 12, "title": 60, "source": 120, "crops": 200, "term": 8}
_PHOTO_SAYS = 60
_TEXTS = {"short_text": 200, "voice_text": 2000, "full_text": 8000}


@blueprint.get("/publish/articles")
@allow(Role.PUBLISHER, Role.OFFICER, Role.SIGNER)
def show_articles() -> str:
    """What waits, what is being written, what holds."""
    with reading() as rows:
        board = shown.desk(rows, actor=actor(), now=now())
        names = shown.kind_names(rows, current_language())
        waiting = submissions.count_waiting(rows, actor=actor())
    return render_template(
        "publisher/articles.html",
        board=board,
        names=names,
        writes=actor().has(Role.PUBLISHER),
        waiting=waiting,
    )


@blueprint.get("/publish/articles/new")
@allow(Role.PUBLISHER)
def new_article() -> str:
    return _render_form("")


@blueprint.post("/publish/articles/new")
@allow(Role.PUBLISHER)
def write_article() -> Response | tuple[str, int] | str:
    return _save("")


@blueprint.get("/publish/articles/<id:article_id>")
@allow(Role.PUBLISHER, Role.OFFICER, Role.SIGNER)
def show_article(article_id: str) -> str:
    """The words as they will be read and heard, what one may stumble over, its history, and what can be done now."""
    with reading() as rows:
        article = articles.find(rows, article_id, actor())
        kinds = {kind.code: kind for kind in shown.kinds(rows)}
        return render_template(
            "publisher/article.html",
            article=article,
            line=shown.lines(rows, [article])[0],
            kind=shown.kind_names(rows, current_language())[article.kind],
            needs_check=kinds[article.kind].checked,
            steps=shown.history(rows, article),
            plain=articles.plainness(article),
            seconds=round(spoken.seconds_of(article.voice_text)),
            own=actor().account_id in {article.written_by, article.edited_by},
            writes=actor().has(Role.PUBLISHER),
            undo=articles.may_undo(article, now()),
        )


@blueprint.get("/publish/articles/<id:article_id>/photo.jpg")
@allow(Role.PUBLISHER, Role.OFFICER, Role.SIGNER)
def show_article_photo(article_id: str) -> Response:
    with reading() as rows:
        found = shown.photo_of(rows, articles.find(rows, article_id, actor()))
        if found is None:
            raise Absent
        return send_file(BytesIO(found.body), mimetype=found.kind, etag=False)


@blueprint.get("/publish/articles/<id:article_id>/change")
@allow(Role.PUBLISHER)
def open_article(article_id: str) -> str:
    return _render_form(article_id)


@blueprint.post("/publish/articles/<id:article_id>/change")
@allow(Role.PUBLISHER)
def change_article(article_id: str) -> Response | tuple[str, int] | str:
    with reading() as rows:
        articles.find(rows, article_id, actor())
    return _save(article_id)


@blueprint.post("/publish/articles/<id:article_id>/check")
@allow(Role.PUBLISHER, Role.OFFICER, Role.SIGNER)
def check_article(article_id: str) -> Response:
    with writing() as rows:
        articles.check(rows, articles.find(rows, article_id, actor()), actor=actor(), now=now())
    done("Read and found right. Its writer can issue it now.")
    return redirect(_START, 303)


@blueprint.post("/publish/articles/<id:article_id>/return")
@allow(Role.PUBLISHER, Role.OFFICER, Role.SIGNER)
def return_article(article_id: str) -> Response:
    with writing() as rows:
        article = articles.find(rows, article_id, actor())
        articles.send_back(rows, article, actor=actor(), why=typed("why"), now=now())
    done("Given back to its writer.")
    return redirect(_START, 303)


@blueprint.post("/publish/articles/<id:article_id>/issue")
@allow(Role.PUBLISHER)
def issue_article(article_id: str) -> Response:
    with writing() as rows:
        article = articles.find(rows, article_id, actor())
        articles.issue(rows, article, actor=actor(), now=now())
    done(
        "Issued as No. {number}: it can be read, heard and asked for by text from now on.",
        number=article.number,
    )
    return redirect(f"{_START}/{article_id}", 303)


@blueprint.post("/publish/articles/<id:article_id>/undo")
@allow(Role.PUBLISHER)
def undo_article(article_id: str) -> Response:
    with writing() as rows:
        articles.undo(rows, articles.find(rows, article_id, actor()), actor=actor(), now=now())
    done("Taken back: it is a draft again.")
    return redirect(f"{_START}/{article_id}", 303)


@blueprint.post("/publish/articles/<id:article_id>/withdraw")
@allow(Role.PUBLISHER)
def withdraw_article(article_id: str) -> Response:
    with writing() as rows:
        article = articles.find(rows, article_id, actor())
        articles.withdraw(rows, article, actor=actor(), why=typed("why"), now=now())
    done("Withdrawn everywhere.")
    return redirect(f"{_START}/{article_id}", 303)


@blueprint.post("/publish/articles/<id:article_id>/replace")
@allow(Role.PUBLISHER)
def replace_article(article_id: str) -> Response:
    with writing() as rows:
        older = articles.find(rows, article_id, actor())
        draft = articles.replace(rows, older, actor=actor(), now=now())
    return redirect(f"{_START}/{draft.id}/change", 303)


def _save(article_id: str) -> Response | tuple[str, int] | str:
    """Keep the words; with ``try`` only look them over. What was typed is never lost."""
    form: dict[str, str] = {}
    try:
        form = _typed()
        wanted = _wording(form)
        if ticked("try"):
            return _render_form(article_id, form, plain=articles.plainness(wanted))
        picture = photo()
        with writing() as rows:
            if article_id:
                article = articles.find(rows, article_id, actor())
                articles.change(rows, article, wanted, actor=actor(), now=now())
            else:
                article = articles.write(rows, wanted, actor=actor(), now=now())
            if picture:
                articles.put_photo(rows, article, picture, form["photo_says"], actor=actor(), now=now())
    except (Invalid, Conflict) as refusal:
        return _render_form(article_id, form, refusal=refusal), refusal.status
    return redirect(f"{_START}/{article.id}", 303)


def _typed() -> dict[str, str]:
    form = {name: typed(name, most=most) for name, most in _LINES.items()}
    form |= {name: words(name, most=most) for name, most in _TEXTS.items()}
    form["photo_says"] = typed("photo_says", most=_PHOTO_SAYS)
    return form | {name: typed(name, most=10) for name in ("valid_from", "valid_until")}


def _wording(form: dict[str, str]) -> Wording:
    said = {name: form[name] for name in (*_LINES, *_TEXTS)}
    return Wording(**said, valid_from=_day(form, "valid_from"), valid_until=_day(form, "valid_until"))


def _day(form: dict[str, str], name: str) -> date:
    try:
        return date.fromisoformat(form[name])
    except ValueError as error:
        raise Invalid("day_unknown", "Choose a day.", field=name) from error


def _render_form(
    article_id: str,
    form: dict[str, str] | None = None,
    *,
    plain: object = None,
    refusal: Invalid | Conflict | None = None,
) -> str:
    today = local(now()).date()
    with reading() as rows:
        places = tips.places(rows, actor())
        if form is None and article_id:
            article = articles.find(rows, article_id, actor())
            form = {
                name: str(getattr(article, name)) for name in (*Wording.__dataclass_fields__, "photo_says")
            }
        if form is None:
            until = today + timedelta(days=shown.kinds(rows)[0].days)
            form = {
                "area_code": places[0][0] if places else "",
                "valid_from": str(today),
                "valid_until": str(until),
            }
        names = shown.kind_names(rows, current_language())
    return render_template(
        "publisher/article_form.html", article_id=article_id,
        form={**dict.fromkeys((*_LINES, *_TEXTS, "photo_says"), ""), **form},
        places=places, kinds=list(names.items()), plain=plain, room=alert_words.SHORT_ROOM,
        terms=[("", _("No term")), *((zh, _(en)) for zh, en in seasons.TERMS.items())],
        errors=errors_of([refusal] if refusal else []),
    )  # fmt: skip
