"""The expert's desk as its pages show it: who waits, one case with all that is known of it, the month."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import advice, areas, shifts
from farmerline.domain.access import Actor
from farmerline.domain.areas import inside_any
from farmerline.domain.cases import QUESTION_WITHIN
from farmerline.identity import mask_phone
from farmerline.models import (
    Account,
    Case,
    CaseAnswer,
    CaseEvent,
    CaseKind,
    CaseState,
    Expert,
    ExpertRing,
    Inbound,
    Recording,
    RingEnd,
    Role,
)

_SHOWN = 60
_WISH = re.compile(r"^\s*(?:问问?|提问|ask)[\s:：,，]+", re.IGNORECASE)
_EARLIER = 5


@dataclass(frozen=True, slots=True)
class Waits:
    """A case that waits for an answer. ``how``: voice, sms, web, contact, or talked (taken by telephone, to be written down).
    ``to`` is the name of the expert it went to, "" for nobody's."""

    number: int
    text: str
    who: str
    place: str
    how: str
    seconds: int
    to: str
    mine: bool
    opened_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Month:
    """This month's figures of an area. ``waited``: seconds until a call was taken, on average."""

    calls: int
    taken: int
    waited: int
    answered: int
    in_time: int
    useful: int
    useless: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case: ``what`` in the words of the page; who, and to whom."""

    at: datetime
    what: str
    by: str = ""
    to: str = ""
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another question of the same person."""

    number: int
    text: str
    short: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class View:
    """A case as its expert sees it; ``heard`` is what a recogniser made of what was said."""

    line: Waits
    kind: str
    text: str
    open: bool
    recording_id: str
    heard: str
    photo: bool
    has_phone: bool
    tell_hour: int | None
    board_asked: bool
    board_text: str
    answer: CaseAnswer | None
    answered_by: str
    steps: tuple[Step, ...]
    earlier: tuple[Earlier, ...]
    others: tuple[tuple[str, str], ...]


def waiting(session: Session, *, actor: Actor, now: datetime) -> list[Waits]:
    """What waits in the actor's areas: questions, and calls that an expert took; what is due first comes first."""
    here = and_(inside_any(Case.area_code, actor.areas(Role.EXPERT)), Case.state == CaseState.OPEN)
    mine = or_(Case.kind == CaseKind.QUESTION, Case.assigned_to.is_not(None))
    rows = session.scalars(select(Case).where(here, mine).order_by(Case.due_at, Case.number).limit(_SHOWN))
    return _lines(session, list(rows), actor)


def view(session: Session, *, actor: Actor, number: int, now: datetime) -> View:
    """One case; ``Absent`` outside the actor's areas."""
    case = advice.case_of(session, actor, number)
    row = advice.answer_of(session, case)
    experts = [one for one in shifts.experts(session, case.area_code) if one.id != case.assigned_to]
    fields = fields_of(session, [one.id for one in experts])
    line = _lines(session, [case], actor)[0]
    return View(
        line=line,
        kind=case.kind.value,
        text=asked(case.text),
        open=case.state is CaseState.OPEN,
        recording_id=case.recording_id or "" if line.seconds else "",
        heard=case.heard or "",
        photo=case.photo_id is not None,
        has_phone=bool(case.phone),
        tell_hour=case.tell_hour,
        board_asked=case.board_asked,
        board_text=case.board_text,
        answer=row,
        answered_by=_name(session, row.by_id if row else case.closed_by),
        steps=tuple(sorted(_steps(session, case, row), key=lambda step: step.at)),
        earlier=_earlier(session, case),
        others=tuple((one.id, named(one, fields)) for one in experts),
    )


def month(session: Session, *, actor: Actor, now: datetime) -> Month:
    """What was done since the first of the month in the actor's areas."""
    since = local(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    mine = inside_any(Case.area_code, actor.areas(Role.EXPERT))
    rings = (
        select(ExpertRing).join(Case, Case.id == ExpertRing.case_id).where(mine, ExpertRing.rung_at >= since)
    )
    first: dict[str, datetime] = {}
    waits: list[float] = []
    for ring in session.scalars(rings.order_by(ExpertRing.rung_at)):
        began = first.setdefault(ring.case_id, ring.rung_at)
        if ring.outcome is RingEnd.TALKED and ring.taken_at is not None:
            waits.append((ring.taken_at - began).total_seconds())
    answers = session.execute(
        select(CaseAnswer.at, Case.opened_at, CaseAnswer.useful)
        .join(Case, Case.id == CaseAnswer.case_id)
        .where(mine, CaseAnswer.at >= since)
    ).all()
    return Month(
        calls=len(first), taken=len(waits), waited=round(sum(waits) / len(waits)) if waits else 0,
        answered=len(answers), in_time=sum(at - opened <= QUESTION_WITHIN for at, opened, _ in answers),
        useful=sum(useful is True for *_, useful in answers), useless=sum(useful is False for *_, useful in answers),
    )  # fmt: skip


def on_duty(session: Session, *, actor: Actor, now: datetime) -> list[str]:
    """Who is rung now in the actor's first area, in order, with what they know about."""
    code = next(iter(actor.areas(Role.EXPERT)), "")
    found = shifts.on_duty(session, code, now) if code else []
    fields = fields_of(session, [one.id for one in found])
    return [named(one, fields) for one in found]


def fields_of(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """What these experts know about, by their ids."""
    rows = session.execute(select(Expert.account_id, Expert.field).where(Expert.account_id.in_(ids)))
    return dict(rows.tuples().all())


def named(account: Account, fields: dict[str, str]) -> str:
    """An expert as people are told of them: name and field."""
    field = fields.get(account.id, "")
    return f"{account.name}，{field}" if field else account.name


def asked(text: str) -> str:
    """A question without the word by which it was known as one."""
    return _WISH.sub("", text)


def _lines(session: Session, rows: Sequence[Case], actor: Actor) -> list[Waits]:
    ids = {one for case in rows for one in (case.account_id, case.assigned_to) if one}
    people = {one.id: one for one in session.scalars(select(Account).where(Account.id.in_(ids)))}
    heard = [case.recording_id for case in rows if case.recording_id]
    length = select(Recording.id, Recording.seconds).where(Recording.id.in_(heard))
    sounds = dict(session.execute(length).tuples().all())
    written = [case.inbound_id for case in rows if case.inbound_id]
    came_by = select(Inbound.id, Inbound.channel).where(Inbound.id.in_(written))
    channels = dict(session.execute(came_by).tuples().all())
    talked = set(
        session.scalars(
            select(ExpertRing.case_id).where(
                ExpertRing.case_id.in_([case.id for case in rows]), ExpertRing.outcome == RingEnd.TALKED
            )
        )
    )
    places = areas.names(session, {case.area_code for case in rows})
    return [
        Waits(
            number=case.number, text=" ".join(asked(case.text).split())[:80],
            who=_who(case, people.get(case.account_id or "")), place=places.get(case.area_code, ""),
            how="talked" if case.id in talked else str(channels.get(case.inbound_id or "", "voice")),
            seconds=sounds.get(case.recording_id or "", 0),
            to=people[case.assigned_to].name if case.assigned_to in people else "",
            mine=case.assigned_to == actor.account_id, opened_at=case.opened_at, due_at=case.due_at,
        )
        for case in rows
    ]  # fmt: skip


def _who(case: Case, account: Account | None) -> str:
    return account.name if account is not None else mask_phone(case.phone) if case.phone else ""


def _steps(session: Session, case: Case, row: CaseAnswer | None) -> list[Step]:
    steps = [Step(case.opened_at, "opened")]
    rings = session.scalars(select(ExpertRing).where(ExpertRing.case_id == case.id)).all()
    events = session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id)).all()
    steps += [
        Step(one.rung_at, one.outcome.value if one.outcome else "ringing", by=_name(session, one.account_id), seconds=one.seconds)
        for one in rings
    ]  # fmt: skip
    steps += [
        Step(one.at, one.act.value, _name(session, one.by_id), _name(session, one.to_id)) for one in events
    ]
    if row is not None:
        steps.append(Step(row.at, "answered", _name(session, row.by_id)))
        if row.useful_at is not None:
            steps.append(Step(row.useful_at, "useful" if row.useful else "useless"))
    elif case.closed_at is not None:
        steps.append(Step(case.closed_at, "closed", _name(session, case.closed_by)))
    return steps


def _earlier(session: Session, case: Case) -> tuple[Earlier, ...]:
    if case.account_id is None and case.phone_index is None:
        return ()
    mine = Case.account_id == case.account_id if case.account_id else Case.phone_index == case.phone_index
    others = select(Case).where(mine, Case.id != case.id, Case.kind == CaseKind.QUESTION)
    found = session.scalars(others.order_by(Case.opened_at.desc()).limit(_EARLIER)).all()
    answers = session.scalars(select(CaseAnswer).where(CaseAnswer.case_id.in_([one.id for one in found])))
    short = {row.case_id: row.short for row in answers}
    return tuple(
        Earlier(one.number, " ".join(asked(one.text).split())[:80], short.get(one.id, ""), one.opened_at)
        for one in found
    )


def _name(session: Session, account_id: str | None) -> str:
    account = session.get(Account, account_id) if account_id else None
    return account.name if account is not None else ""
