"""The open board of questions as everybody reads it: words without names, and the experts by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import areas, people, shifts
from farmerline.models import Case, CaseAnswer, CaseKind, CaseState
from farmerline.queries.advice import fields_of, named


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on the board. ``town`` is where it came from; ``expert`` who answered, or whom it went to ("" nobody yet)."""

    number: int
    text: str
    town: str
    expert: str
    asked_at: datetime
    due_at: datetime
    short: str = ""
    full: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """An expert of the county, with what they know about, and whether they answer the telephone now."""

    name: str
    on_duty: bool


def waiting(session: Session, *, most: int) -> list[Asked]:
    """What nobody answered yet, the longest waiting first."""
    query = select(Case).where(
        Case.kind == CaseKind.QUESTION, Case.state == CaseState.OPEN, Case.board_text != ""
    )
    found = session.scalars(query.order_by(Case.opened_at).limit(most)).all()
    experts = people.names_of(session, [case.assigned_to for case in found])
    towns = areas.names(session, {case.area_code[:9] for case in found})
    return [_asked(case, towns, experts.get(case.assigned_to or "", "")) for case in found]


def answered(session: Session, *, word: str, most: int) -> list[Asked]:
    """What was answered in writing, the newest first; with ``word`` what has it in the question."""
    query = (
        select(Case, CaseAnswer)
        .join(CaseAnswer, CaseAnswer.case_id == Case.id)
        .where(Case.board_text != "", CaseAnswer.recording_id.is_(None))
    )
    if word:
        query = query.where(Case.board_text.contains(word, autoescape=True))
    found = session.execute(query.order_by(CaseAnswer.at.desc()).limit(most)).tuples().all()
    experts = people.names_of(session, [row.by_id for _, row in found])
    fields = fields_of(session, [row.by_id for _, row in found])
    towns = areas.names(session, {case.area_code[:9] for case, _ in found})
    return [
        _asked(
            case, towns, "，".join(filter(None, (experts.get(row.by_id, ""), fields.get(row.by_id, "")))), row
        )
        for case, row in found
    ]


def experts(session: Session, *, county: str, now: datetime) -> list[Named]:
    """The county's experts by name."""
    found = shifts.experts(session, county)
    fields = fields_of(session, [one.id for one in found])
    duty = {one.id for one in shifts.on_duty(session, county, now)}
    return [Named(named(one, fields), one.id in duty) for one in found]


def _asked(case: Case, towns: dict[str, str], expert: str, row: CaseAnswer | None = None) -> Asked:
    given = (row.short, row.full, row.at) if row is not None else ("", "", None)
    town = towns.get(case.area_code[:9], "")
    return Asked(case.number, case.board_text, town, expert, case.opened_at, case.due_at, *given)
