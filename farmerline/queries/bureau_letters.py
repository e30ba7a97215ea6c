"""Letters to the bureau as their pages show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import areas, bureau_letters, people, units
from farmerline.domain.access import Actor
from farmerline.domain.areas import inside_any
from farmerline.domain.many import among
from farmerline.models import Account, BureauLetter, BureauLetterKind, BureauLetterState, Unit

_OPEN = (BureauLetterState.RECEIVED, BureauLetterState.PASSED)
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A letter in a list. ``unit`` is called as it is now; ``listed``: it is one of the county's units, not words alone."""

    number: int
    kind: str
    text: str
    who: str
    place: str
    unit: str
    state: str
    channel: str
    received_at: datetime
    due_at: datetime
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    act: str
    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class View:
    """A letter with all that was done. ``office``: the reader may pass it on and let it out; ``mine``: they answered it."""

    line: Line
    kind: str
    days: int
    body: str
    answer: str
    answered_at: datetime | None
    answered_by: str
    operator: str
    steps: tuple[Step, ...]
    office: bool
    mine: bool
    board_asked: bool
    board_text: str
    board_answer: str
    handlers: tuple[tuple[str, str], ...]
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """A kind's promise, and how it was kept: letters of this year, and those answered in time among the answered."""

    name: str
    days: int
    letters: int
    answered: int
    in_time: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A letter of the guestbook."""

    number: int
    kind: str
    town: str
    text: str
    answer: str
    unit: str
    received_at: datetime
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Own:
    """One's own letter."""

    line: Line
    answer: str
    answered_at: datetime | None


def waiting(session: Session, *, actor: Actor, language: str) -> list[Line]:
    """What has no answer yet: all of the office's places, and what was given to the actor; due first."""
    here = or_(
        inside_any(BureauLetter.area_code, actor.areas(*bureau_letters.OFFICE)),
        BureauLetter.handler_id == actor.account_id,
    )
    query = select(BureauLetter).where(here, BureauLetter.state.in_(_OPEN)).order_by(BureauLetter.due_at)
    return _lines(session, session.scalars(query.limit(_SHOWN)).all(), language)


def answered(session: Session, *, actor: Actor, language: str) -> list[Line]:
    """What was answered or closed lately."""
    here = inside_any(BureauLetter.area_code, actor.areas(*bureau_letters.OFFICE))
    query = select(BureauLetter).where(here, BureauLetter.state.not_in(_OPEN))
    newest = query.order_by(BureauLetter.received_at.desc()).limit(20)
    return _lines(session, session.scalars(newest).all(), language)


def overdue_by_unit(lines: Sequence[Line], now: datetime) -> list[tuple[str, int]]:
    """How many of these are over their time, by unit ("" for nobody's yet), the most first."""
    return Counter(line.unit for line in lines if line.due_at < now).most_common()


def view(session: Session, *, actor: Actor, number: int, language: str) -> View:
    """One letter; ``Absent`` for whom it is no business of."""
    letter = bureau_letters.find(session, actor, number)
    names = people.names_of(
        session, [letter.answered_by, letter.operator_id, *(one.by_id for one in letter.history)]
    )
    office = letter.area_code.startswith(actor.areas(*bureau_letters.OFFICE))
    return View(
        line=_lines(session, [letter], language)[0], kind=letter.kind,
        days=session.get_one(BureauLetterKind, letter.kind).days, body=letter.body, answer=letter.answer or "",
        answered_at=letter.answered_at, answered_by=names.get(letter.answered_by or "", ""),
        operator=names.get(letter.operator_id or "", ""),
        steps=tuple(Step(one.act.value, names.get(one.by_id, ""), one.at, one.note) for one in letter.history),
        office=office, mine=letter.answered_by == actor.account_id, board_asked=letter.board_asked,
        board_text=letter.board_text, board_answer=letter.board_answer,
        handlers=tuple((one.id, one.name) for one in bureau_letters.handlers(session, letter.area_code)) if office else (),
        units=tuple(one.name for one in units.of_county(session, letter.area_code[:6])) if office else (),
    )  # fmt: skip


def own(session: Session, *, account: Account, language: str) -> list[Own]:
    """A person's own letters, the newest first."""
    query = select(BureauLetter).where(BureauLetter.from_id == account.id)
    found = session.scalars(query.order_by(BureauLetter.received_at.desc()).limit(_SHOWN)).all()
    return [
        Own(line, letter.answer or "", letter.answered_at)
        for line, letter in zip(_lines(session, found, language), found, strict=True)
    ]


def promises(session: Session, *, language: str, now: datetime) -> list[Promise]:
    """The service promise: each kind with its days, and how this year's were answered."""
    since = local(now).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    year = (BureauLetter.received_at >= since,)
    came = dict(
        session.execute(select(BureauLetter.kind, func.count()).where(*year).group_by(BureauLetter.kind)).tuples().all()
    )  # fmt: skip
    times = session.execute(
        select(BureauLetter.kind, BureauLetter.answered_at, BureauLetter.due_at).where(
            *year, BureauLetter.answered_at.is_not(None)
        )
    ).all()
    done = Counter(kind for kind, *_ in times)
    kept = Counter(kind for kind, at, due in times if at <= due)
    return [
        Promise(_name(kind, language), kind.days, came.get(kind.code, 0), done[kind.code], kept[kind.code])
        for kind in bureau_letters.kinds(session)
    ]


def guestbook(session: Session, *, language: str, most: int = 30) -> list[Shown]:
    """The letters that everybody may read, the newest answer first."""
    query = select(BureauLetter).where(BureauLetter.board_text != "", BureauLetter.answered_at.is_not(None))
    found = session.scalars(query.order_by(BureauLetter.answered_at.desc()).limit(most)).all()
    towns = areas.names(session, {one.area_code[:9] for one in found})
    names = {one.code: _name(one, language) for one in bureau_letters.kinds(session)}
    return [
        Shown(
            one.number, names.get(one.kind, ""), towns.get(one.area_code[:9], ""), one.board_text, one.board_answer, one.unit,
            one.received_at, one.answered_at or one.received_at,
        )
        for one in found
    ]  # fmt: skip


def kind_names(session: Session, language: str) -> list[tuple[str, str]]:
    """The kinds of letters for a form: code and name."""
    return [(one.code, _name(one, language)) for one in bureau_letters.kinds(session)]


def _name(kind: BureauLetterKind, language: str) -> str:
    return kind.name_zh if language == "zh" else kind.name_en


def _lines(session: Session, found: Sequence[BureauLetter], language: str) -> list[Line]:
    names = people.names_of(session, [one.from_id for one in found])
    places = areas.names(session, {one.area_code for one in found})
    kinds = dict(kind_names(session, language))
    offices = _unit_names(session, found)
    return [
        Line(
            one.number, kinds.get(one.kind, ""), " ".join(one.body.split())[:80], names.get(one.from_id, ""),
            places.get(one.area_code, ""), offices.get(one.unit_id, one.unit), one.state.value, one.channel, one.received_at,
            one.due_at, listed=one.unit_id is not None or not one.unit,
        )
        for one in found
    ]  # fmt: skip


def _unit_names(session: Session, found: Sequence[BureauLetter]) -> dict[str | None, str]:
    ids = {one.unit_id for one in found if one.unit_id}
    return (
        {row.id: row.name for row in session.scalars(select(Unit).where(among(Unit.id, ids)))} if ids else {}
    )
