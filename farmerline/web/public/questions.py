"""The open board of questions: what was asked, by whom of the experts it was answered, and what still waits."""

from __future__ import annotations

from flask import render_template

from farmerline.config import Module
from farmerline.queries import board_questions
from farmerline.web.doors import allow, now, reading, settings
from farmerline.web.forms import typed

_SHOWN = 40


@allow("public", module=Module.EXPERTS)
def show() -> str:
    word = typed("q", most=40)
    with reading() as rows:
        return render_template(
            "public/questions.html", word=word, waiting=board_questions.waiting(rows, most=_SHOWN),
            answered=board_questions.answered(rows, word=word, most=_SHOWN),
            experts=board_questions.experts(rows, county=settings().county, now=now()),
        )  # fmt: skip
