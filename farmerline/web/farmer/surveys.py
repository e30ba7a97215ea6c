"""A person's answers to surveys, which may still be changed."""

from __future__ import annotations

from flask import redirect
from werkzeug.wrappers import Response

from farmerline.domain import surveys
from farmerline.errors import Conflict
from farmerline.web.doors import actor, allow, now, writing
from farmerline.web.frame import wrong


@allow("signed_in")
def change(question_id: str) -> Response:
    """Ask again what was answered; twice is once."""
    try:
        with writing() as rows:
            surveys.reopen(rows, surveys.own_question(rows, question_id, actor().account_id), now=now())
    except Conflict as refusal:
        wrong(refusal.sentence, **refusal.values)
    return redirect("/me", 303)
