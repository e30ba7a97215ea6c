"""Surveys, and polls after an alert: asked, followed by village, ended; the same as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from types import SimpleNamespace

from flask import Response, redirect, render_template
from werkzeug.wrappers import Response as Answer

from farmerline import parts
from farmerline.config import Module
from farmerline.domain import Alert, Role, Session, alerts, areas, surveys
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.queries import surveys as survey_rows
from farmerline.queries.surveys import Result, VillageLine
from farmerline.render.map import Mark, Spot
from farmerline.web.alerts import drawing
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.forms import errors_of, typed
from farmerline.web.frame import done, wrong
from farmerline.web.language import _
from farmerline.web.publisher.tips import blueprint

WHO = (Role.PUBLISHER, Role.OFFICER)
_ROWS = range(1, surveys.MOST_QUESTIONS + 1)


@blueprint.get("/surveys")
@allow(*WHO)
def show_surveys() -> str:
    with reading() as rows:
        found = survey_rows.listing(rows, actor().areas(*WHO))
    return render_template("publisher/surveys.html", surveys=found, publishes=actor().has(Role.PUBLISHER))


@blueprint.get("/surveys/new")
@allow(*WHO)
def show_survey_form() -> str:
    first = {"choices1": _("yes, no"), "text1": _("Is it still there?")} if typed("alert", most=12) else {}
    return _form(first)


@blueprint.post("/surveys")
@allow(*WHO)
def plan_survey() -> str | Answer | tuple[str, int]:
    """Freeze the list; the next page shows who, how many and what, before anybody is asked."""
    try:
        with writing() as rows:
            alert = _alert(rows)
            row = surveys.plan(
                rows, actor=actor(), asker=typed("asker", most=40), asked=_asked(), alert=alert, now=now(),
                days=int(days) if (days := typed("days", most=3)).isdecimal() else 0, area_code=typed("area", most=12),
            )  # fmt: skip
            survey_id = row.id
    except Invalid as refusal:
        kept = {name: typed(name, most=60) for name in ("asker", "days", "area", *_names())}
        return _form(kept, refusal), refusal.status
    return redirect(f"/surveys/{survey_id}", 303)


@blueprint.get("/surveys/<id:survey_id>")
@allow(*WHO)
def show_survey(survey_id: str) -> str:
    """What was answered so far, by village; before it begins, who is asked what."""
    with reading() as rows:
        found = survey_rows.result(rows, surveys.own(rows, survey_id, actor()))
        spots = [_spot(one) for one in found.villages if one.answered]
        title = _("Map of the answers; villages: {n}", n=len(spots))
        config = settings()
        map_ = (
            drawing.draw_spots(rows, spots, title=title, county=config.county, folder=config.map_folder)
            if spots
            else None
        )
    texts = [_texted(found, text, choices) for text, choices in found.questions]
    return render_template("publisher/survey.html", found=found, line=found.line, map=map_, texts=texts,
        cost=round(found.line.people * texts[0].parts * config.sms_part_yuan, 2),
    )  # fmt: skip


@blueprint.get("/surveys/<id:survey_id>.csv")
@allow(*WHO)
def download_survey(survey_id: str) -> Response:
    with reading() as rows:
        found = survey_rows.result(rows, surveys.own(rows, survey_id, actor()))
    out = io.StringIO()
    file = csv.writer(out)
    head, *lines = survey_rows.rows_of(found)
    file.writerow([_("Village"), _("Asked"), *head[2:]])
    file.writerows(lines)
    headers = {"Content-Disposition": f"attachment; filename=survey-{found.line.created_at:%Y%m%d}.csv"}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)


@blueprint.post("/surveys/<id:survey_id>")
@allow(*WHO)
def act_on_survey(survey_id: str) -> Answer:
    """Begin, or end it. Twice is once."""
    act = typed("act", most=8)
    try:
        with writing() as rows:
            row = surveys.own(rows, survey_id, actor())
            if act == "start":
                surveys.start(rows, row, actor=actor(), now=now())
            elif act == "close":
                surveys.close(rows, row, actor=actor(), now=now())
            else:
                raise Absent
    except Conflict as refusal:
        wrong(refusal.sentence, **refusal.values)
    else:
        done("People are asked from now on, never at night.") if act == "start" else done("It is over.")
    return redirect(f"/surveys/{survey_id}", 303)


def _form(kept: dict[str, str], refusal: Invalid | None = None) -> str:
    with reading() as rows:
        alert = _alert(rows)
        places = [
            (code, areas.path_name(rows, code))
            for held in actor().areas(Role.PUBLISHER, Role.OFFICER)
            for code in (held, *(one.code for one in areas.children(rows, held)))
        ]
    form = SimpleNamespace(
        **dict.fromkeys(("asker", "area", *_names()), "") | {"days": "3" if alert else "7"} | kept
    )
    return render_template(
        "publisher/survey_form.html", form=form, alert=alert.number if alert else "", places=places,
        count=1 if alert else surveys.MOST_QUESTIONS, errors=errors_of([refusal] if refusal else []),
        longest=surveys.LONGEST_TEXT, longest_asker=surveys.LONGEST_ASKER,
    )  # fmt: skip


def _alert(rows: Session) -> Alert | None:
    """The alert that a poll follows, where one is named; ``Absent`` for one that is not the reader's, or not out."""
    number = typed("alert", most=12)
    if not number:
        return None
    if not settings().has(Module.ALERTS):
        raise Absent
    alert = alerts.get(rows, number, actor=actor())
    if alert.issued_at is None:
        raise Absent
    return alert


def _names() -> list[str]:
    return [f"{name}{place}" for place in _ROWS for name in ("text", "choices")]


def _asked() -> list[tuple[str, list[str]]]:
    """The questions as they were typed; a row without words is none."""
    found = [(typed(f"text{n}", most=60), typed(f"choices{n}", most=60)) for n in _ROWS]
    for sign in "，、;；/":
        found = [(text, choices.replace(sign, ",")) for text, choices in found]
    return [(text, choices.split(",")) for text, choices in found if text or (choices and not found[0][0])]


def _texted(found: Result, text: str, choices: Sequence[str]) -> SimpleNamespace:
    """A question as it is texted, with its signs and parts."""
    listed = " ".join(f"{n}{words}" for n, words in enumerate(choices, start=1))
    said = (
        _("{asker} asks: {text} Reply {choices}", asker=found.line.asker, text=text, choices=listed) + "[A12]"
    )
    counted = parts.count(said, settings().sms_signature)
    return SimpleNamespace(
        text=parts.with_signature(said, settings().sms_signature),
        characters=counted.characters,
        parts=counted.parts,
    )


def _spot(one: VillageLine) -> Spot:
    """● most gave the first answer, × most another, ○ as many; the larger, the more of ten gave the first."""
    first, rest = one.counts[0][0], sum(one.counts[0][1:])
    mark = Mark.CHECKED if first > rest else Mark.NOT if first < rest else Mark.UNCHECKED
    return Spot(one.code, one.name, mark, 10 * first / max(1, first + rest))
