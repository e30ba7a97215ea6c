"""Programmes for television: asked for by a publisher, made once by whichever worker is first, found again by everybody."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import access, audit
from farmerline.models import Programme, ProgrammeState, Role

MAKERS = frozenset({Role.PUBLISHER})
READERS = frozenset({Role.PUBLISHER, Role.OFFICER, Role.SIGNER, Role.ADMIN})
STILL = timedelta(minutes=10)
"""A making that has not moved for so long was broken off: it is begun again."""
_UNDER_WAY = (ProgrammeState.WAITING, ProgrammeState.MAKING)


def name_of(now: datetime) -> str:
    """What the files of a moment's week are called: tv-2026-W47."""
    year, week, _day = local(now).isocalendar()
    return f"tv-{year}-W{week:02}"


def ask(session: Session, *, actor: access.Actor, settings: Settings, now: datetime) -> Programme:
    """Have this week's programme made; the one that is under way is given where there is one."""
    access.authorise(actor, MAKERS, settings.county)
    name = name_of(now)
    known = select(Programme).where(Programme.name == name, Programme.state.in_(_UNDER_WAY))
    row = session.scalars(known.limit(1)).first()
    if row is not None:
        return row
    row = Programme(
        name=name, state=ProgrammeState.WAITING, asked_by=actor.account_id, asked_at=now, moved_at=now
    )
    session.add(row)
    session.flush()
    audit.record(
        session, actor_id=actor.account_id, act="programme.ask", subject=f"programme:{row.id}", detail={"name": name}, now=now
    )  # fmt: skip
    return row


def waiting(session: Session, *, now: datetime) -> str | None:
    """The id of the one that waits longest, or was broken off."""
    due = or_(
        Programme.state == ProgrammeState.WAITING,
        and_(Programme.state == ProgrammeState.MAKING, Programme.moved_at < now - STILL),
    )
    return session.scalar(select(Programme.id).where(due).order_by(Programme.asked_at).limit(1))


def take(session: Session, programme_id: str, *, now: datetime) -> Programme | None:
    """Take it up; None where another worker was first."""
    row = session.scalar(select(Programme).where(Programme.id == programme_id).with_for_update())
    if row is None or waiting(session, now=now) != row.id:
        return None
    row.state, row.moved_at, row.share = ProgrammeState.MAKING, now, 0.0
    session.flush()
    return row


def move(session: Session, programme_id: str, share: float, *, now: datetime) -> None:
    """Put down how much is done."""
    making = (Programme.id == programme_id, Programme.state == ProgrammeState.MAKING)
    session.execute(update(Programme).where(*making).values(share=share, moved_at=now))


def finish(
    session: Session, programme_id: str, *, parts: int, seconds: float, loudness: float, now: datetime
) -> None:
    """It is made."""
    row = session.get_one(Programme, programme_id)
    row.state, row.share, row.moved_at = ProgrammeState.DONE, 1.0, now
    row.parts, row.seconds, row.loudness = parts, seconds, loudness
    session.flush()


def fail(session: Session, programme_id: str, problem: str, *, now: datetime) -> None:
    """It cannot be made, and why, in words."""
    row = session.get_one(Programme, programme_id)
    row.state, row.moved_at, row.problem = ProgrammeState.FAILED, now, problem[:300]
    session.flush()
