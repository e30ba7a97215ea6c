"""The intake board: what units sent in and feeds brought; taken, merged or returned."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.domain import Role, articles, submissions
from farmerline.errors import Conflict, Invalid
from farmerline.queries import articles as article_queries
from farmerline.queries import submissions as shown
from farmerline.queries import tips
from farmerline.web.doors import actor, allow, now, reading, writing
from farmerline.web.forms import errors_of, typed
from farmerline.web.frame import done
from farmerline.web.language import current_language
from farmerline.web.publisher.tips import blueprint

_START = "/publish/intake"


@blueprint.get("/publish/intake")
@allow(Role.PUBLISHER)
def show_intake() -> str:
    """What waits, and what was looked at lately."""
    with reading() as rows:
        return render_template(
            "publisher/intake.html",
            waiting=shown.waiting(rows, actor=actor()),
            settled=shown.settled(rows, actor=actor()),
        )


@blueprint.get("/publish/intake/<id:submission_id>")
@allow(Role.PUBLISHER)
def show_submission(submission_id: str) -> str:
    return _render(submission_id)


@blueprint.post("/publish/intake/<id:submission_id>/take")
@allow(Role.PUBLISHER)
def take_submission(submission_id: str) -> Response | tuple[str, int]:
    """Make a draft of it, and open that."""
    try:
        with writing() as rows:
            row = submissions.find(rows, submission_id, actor())
            article = submissions.take(
                rows,
                row,
                kind=typed("kind", most=24),
                area_code=typed("area_code", most=12),
                actor=actor(),
                now=now(),
            )
    except Invalid as refusal:
        return _render(submission_id, refusal), refusal.status
    return redirect(f"/publish/articles/{article.id}/change", 303)


@blueprint.post("/publish/intake/<id:submission_id>/merge")
@allow(Role.PUBLISHER)
def merge_submission(submission_id: str) -> Response:
    with writing() as rows:
        row = submissions.find(rows, submission_id, actor())
        article = articles.find(rows, typed("article", most=32), actor())
        submissions.merge(rows, row, article=article, actor=actor(), now=now())
    done("It goes into “{title}”.", title=article.title)
    return redirect(_START, 303)


@blueprint.post("/publish/intake/<id:submission_id>/return")
@allow(Role.PUBLISHER)
def return_submission(submission_id: str) -> Response | tuple[str, int]:
    try:
        with writing() as rows:
            row = submissions.find(rows, submission_id, actor())
            submissions.give_back(rows, row, why=typed("why"), actor=actor(), now=now())
    except Invalid as refusal:
        return _render(submission_id, refusal), refusal.status
    done("Returned; who sent it is told why.")
    return redirect(_START, 303)


def _render(submission_id: str, refusal: Invalid | Conflict | None = None) -> str:
    with reading() as rows:
        row = submissions.find(rows, submission_id, actor())
        return render_template(
            "publisher/submission.html", one=shown.lines(rows, [row])[0], places=tips.places(rows, actor()),
            kinds=list(article_queries.kind_names(rows, current_language()).items()),
            into=shown.into_which(rows, actor=actor()), errors=errors_of([refusal] if refusal else []),
        )  # fmt: skip
