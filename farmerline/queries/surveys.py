"""Surveys as who asked sees them: the list, and what was answered, by village."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.domain import areas, people
from farmerline.domain.areas import inside_any
from farmerline.models import (
    Account,
    Alert,
    Question,
    QuestionKind,
    QuestionState,
    Survey,
    SurveyAnswer,
    SurveyPerson,
)

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A survey in a list. ``alert`` is the number of the alert that a poll followed, "" without."""

    id: str
    text: str
    asker: str
    place: str
    alert: str
    state: str
    people: int
    answered: int
    created_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class VillageLine:
    """A village's answers. ``counts`` holds for each question how often each choice was taken."""

    code: str
    name: str
    asked: int
    answered: int
    counts: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Result:
    """All of a survey. ``asked`` were asked so far, ``skipped`` not after all; ``by`` is who wrote it."""

    line: Line
    by: str
    asked: int
    skipped: int
    questions: Sequence[tuple[str, Sequence[str]]]
    counts: Sequence[Sequence[int]]
    villages: tuple[VillageLine, ...]


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """An answer that its person may still change."""

    question_id: str
    asker: str
    text: str
    said: str


def listing(session: Session, held: Sequence[str], *, alert_id: str = "") -> list[Line]:
    """The surveys of these areas, or the polls after one alert, the newest first."""
    query = (
        select(Survey).where(inside_any(Survey.area_code, held)).order_by(Survey.created_at.desc(), Survey.id)
    )
    if alert_id:
        query = query.where(Survey.alert_id == alert_id)
    rows = session.scalars(query.limit(_SHOWN)).all()
    first = select(SurveyAnswer.survey_id, func.count()).where(SurveyAnswer.place == 1)
    answered = first.where(SurveyAnswer.survey_id.in_([row.id for row in rows])).group_by(
        SurveyAnswer.survey_id
    )
    counts = dict(session.execute(answered).tuples().all())
    return [_line(session, row, counts.get(row.id, 0)) for row in rows]


def result(session: Session, row: Survey) -> Result:
    """What was answered so far."""
    persons = select(SurveyPerson.area_code, SurveyPerson.asked_at, SurveyPerson.skipped)
    asked: Counter[str] = Counter()
    skipped = 0
    for area, at, why in session.execute(persons.where(SurveyPerson.survey_id == row.id)).tuples():
        asked[area] += at is not None and not why
        skipped += bool(why)
    grouped = select(SurveyAnswer.area_code, SurveyAnswer.place, SurveyAnswer.choice, func.count()).where(
        SurveyAnswer.survey_id == row.id
    )
    found: dict[str, Counter[tuple[int, int]]] = defaultdict(Counter)
    for area, place, choice, count in session.execute(
        grouped.group_by(SurveyAnswer.area_code, SurveyAnswer.place, SurveyAnswer.choice)
    ).tuples():
        found[area][place, choice] += count
    names = areas.names(session, {*asked, *found})
    villages = [
        VillageLine(code, names.get(code, ""), asked[code], _answered(found[code]), _counts(row, found[code]))
        for code in sorted({*(code for code, n in asked.items() if n), *found})
    ]
    whole = sum(found.values(), Counter())
    return Result(
        line=_line(session, row, _answered(whole)), by=people.name_of(session, row.created_by), asked=sum(asked.values()),
        skipped=skipped, questions=[(text, tuple(choices)) for text, choices in row.questions], counts=_counts(row, whole),
        villages=tuple(sorted(villages, key=lambda one: (-one.answered, one.code))),
    )  # fmt: skip


def rows_of(found: Result) -> Iterator[list[str | int]]:
    """The result as a table's rows, a village each; the heads first."""
    yield ["", "", *(f"{text} {one}" for text, choices in found.questions for one in choices)]
    for village in found.villages:
        yield [village.name, village.asked, *(n for counts in village.counts for n in counts)]


def own_answers(session: Session, account: Account, *, now: datetime) -> list[OwnAnswer]:
    """What a person answered and may still change."""
    mine = select(Question).where(
        Question.account_id == account.id, Question.kind == QuestionKind.SURVEY,
        Question.state == QuestionState.ANSWERED, Question.expires_at > now,
    )  # fmt: skip
    return [
        OwnAnswer(one.id, one.data["asker"], one.data["text"], one.data["choices"][int(one.answer) - 1])
        for one in session.scalars(mine.order_by(Question.asked_at))
        if one.answer.isdigit()
    ]


def _line(session: Session, row: Survey, answered: int) -> Line:
    alert = session.get(Alert, row.alert_id) if row.alert_id else None
    return Line(
        id=row.id, text=row.questions[0][0], asker=row.asker, place=areas.path_name(session, row.area_code),
        alert=alert.number if alert else "", state=row.state.value, people=row.people, answered=answered,
        created_at=row.created_at, until=row.until,
    )  # fmt: skip


def _counts(row: Survey, found: Mapping[tuple[int, int], int]) -> list[list[int]]:
    return [
        [found.get((place, choice), 0) for choice in range(1, len(choices) + 1)]
        for place, (_text, choices) in enumerate(row.questions, start=1)
    ]


def _answered(found: Mapping[tuple[int, int], int]) -> int:
    """People who answered the first question: nobody comes to the next without it."""
    return sum(count for (place, _choice), count in found.items() if place == 1)
