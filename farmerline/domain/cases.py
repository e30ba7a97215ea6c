"""Cases 工单: each has a place, a due time and an end."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.clock import local
from farmerline.domain import audit, people
from farmerline.domain.numbers import next_number
from farmerline.errors import Conflict
from farmerline.models import Account, Case, CaseKind, CaseState, Inbound, Post, Recording

_OPENS, _CLOSES = 8, 18
_HOURS = {
    CaseKind.VOICE_POST: 2,
    CaseKind.REVIEW: 2,
    CaseKind.REGISTER: 20,
    CaseKind.APPEAL: 20,
}
QUESTION_WITHIN = timedelta(hours=48)
"""Who asks an expert is promised an answer within this time, at whatever hour they ask."""
_APPENDED = frozenset({CaseKind.UNCLEAR, CaseKind.CALL_BACK, CaseKind.REGISTER})


def open_case(
    session: Session,
    *,
    kind: CaseKind,
    area_code: str,
    text: str,
    now: datetime,
    account: Account | None = None,
    phone: str | None = None,
    direction: str = "",
    inbound: Inbound | None = None,
    recording: Recording | None = None,
    post: Post | None = None,
    hours: int | None = None,
) -> Case:
    """Open a case for the contact point of ``area_code``; due after ``hours`` working hours (4 where nothing is said).

    A matter of somebody who lives in another county (a firm's buyer) goes to our county's own contact point.
    Unclear messages of one person are gathered in one open case, so that chatter does not flood the desk.
    """
    index = vault.phone_index(phone) if phone else (account.phone_index if account else None)
    if kind in _APPENDED and (earlier := _open_of(session, kind, account, index)) is not None:
        if post is None or earlier.post_id in (None, post.id):
            earlier.text = f"{earlier.text}\n{text}"[-2000:]
            earlier.post_id = earlier.post_id or (post.id if post else None)
            return earlier
    case = Case(
        number=next_number(session, "case"),
        kind=kind,
        area_code=people.served_area(session, area_code),
        account_id=account.id if account else None,
        phone=phone or (account.phone if account else None),
        phone_index=index,
        text=text,
        direction=direction,
        inbound_id=inbound.id if inbound else None,
        recording_id=recording.id if recording else inbound.recording_id if inbound else None,
        post_id=post.id if post else None,
        opened_at=now,
        due_at=_due(kind, hours, now),
    )
    session.add(case)
    session.flush()
    return case


def close_case(session: Session, case: Case, *, by: Account | None, outcome: str, now: datetime) -> None:
    """End a case with what was done (``by`` None: by the service itself); raises ``Conflict`` when somebody was first."""
    session.flush()
    session.refresh(case, ["state"], with_for_update=True)
    if case.state is CaseState.CLOSED:
        raise Conflict("case_closed", "This was already done by someone else.")
    case.state = CaseState.CLOSED
    case.closed_at = now
    case.closed_by = by.id if by else None
    case.outcome = outcome
    audit.record(
        session,
        actor_id=by.id if by else "system",
        act="case.close",
        subject=f"case:{case.id}",
        for_id=case.account_id or "",
        now=now,
    )


def add_working_hours(moment: datetime, hours: float) -> datetime:
    """The moment after so many working hours: 8:00 to 18:00 in China, Monday to Friday."""
    at = local(moment)
    left = timedelta(hours=hours)
    while True:
        opens = at.replace(hour=_OPENS, minute=0, second=0, microsecond=0)
        closes = at.replace(hour=_CLOSES, minute=0, second=0, microsecond=0)
        at = max(at, opens)
        if at.weekday() < 5 and at < closes:
            if at + left <= closes:
                return (at + left).astimezone(moment.tzinfo)
            left -= closes - at
        at = opens + timedelta(days=1)


def _due(kind: CaseKind, hours: int | None, now: datetime) -> datetime:
    if kind is CaseKind.QUESTION and hours is None:
        return now + QUESTION_WITHIN
    return add_working_hours(now, hours or _HOURS.get(kind, 4))


def _open_of(session: Session, kind: CaseKind, account: Account | None, index: str | None) -> Case | None:
    if account is None and index is None:
        return None
    mine = Case.account_id == account.id if account else Case.phone_index == index
    return session.scalar(select(Case).where(mine, Case.kind == kind, Case.state == CaseState.OPEN).limit(1))
