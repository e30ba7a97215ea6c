"""How long the sound of what callers said is kept: so many days, and no longer than the person is known. Words stay.

Spoken letters and experts' spoken answers are not among it: they have no other words, and stay as long as letters and answers do.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from farmerline.domain import access, audit, hearing
from farmerline.domain.access import Actor
from farmerline.errors import Absent
from farmerline.models import Account, Call, Case, CaseState, Recording, Role, Sighting

CALLERS = ("sell", "buy", "pest", "ask", "message")
"""What recordings of callers are for (``Recording.use``)."""


def forget_old(session: Session, *, days: int, now: datetime, limit: int = 200) -> int:
    """Take away sound older than ``days``, but of open cases; returns how much was taken away, ``limit`` at most."""
    open_case = exists().where(Case.recording_id == Recording.id, Case.state == CaseState.OPEN)
    old = _kept(Recording.at < now - timedelta(days=days), ~open_case)
    return _forget(session, old.limit(limit), "old", now)


def has_old(session: Session, *, days: int, now: datetime) -> bool:
    """Whether any sound is older. Reads only."""
    old = select(Recording.id).where(Recording.seconds > 0, Recording.at < now - timedelta(days=days))
    return session.scalar(old.where(Recording.use.in_(CALLERS)).limit(1)) is not None


def forget_of(session: Session, account: Account, *, now: datetime) -> int:
    """Take away what a person said who is erased: under their name, and from their phone where nobody else has it."""
    mine = [Recording.account_id == account.id]
    mine.append(Recording.id.in_(select(Case.recording_id).where(Case.account_id == account.id)))
    others = select(Account.id).where(Account.phone_index == account.phone_index, Account.id != account.id)
    if account.phone_index is not None and session.scalar(others.limit(1)) is None:
        from_phone = Recording.call_id.in_(select(Call.id).where(Call.caller_index == account.phone_index))
        mine.append(from_phone & Recording.account_id.is_(None))
    found = mine[0]
    for more in mine[1:]:
        found = found | more
    return _forget(session, _kept(found), "erased", now)


def own(session: Session, account: Account, recording_id: str) -> str:
    """One's own recording, as long as it is kept; ``Absent`` for any other."""
    found = session.scalars(_kept(Recording.account_id == account.id, Recording.id == recording_id)).first()
    if found is None:
        raise Absent
    return found.id


def of_sighting(session: Session, *, actor: Actor, sighting_id: str, now: datetime) -> str:
    """The recording from which a sighting of the actor's area was written down; that it is heard is on record."""
    sighting = session.get(Sighting, sighting_id)
    case = session.get(Case, sighting.case_id) if sighting is not None and sighting.case_id else None
    recording = session.get(Recording, case.recording_id) if case is not None and case.recording_id else None
    if sighting is None or recording is None or not recording.seconds:
        raise Absent
    access.authorise(actor, {Role.OFFICER, Role.SIGNER}, sighting.area_code)
    hearing.note(session, actor=actor, recording=recording, for_id=sighting.account_id or "", now=now)
    return recording.id


def _kept(*which: ColumnElement[bool]) -> Select[tuple[Recording]]:
    kept = select(Recording).where(Recording.seconds > 0, Recording.use.in_(CALLERS), *which)
    return kept.order_by(Recording.at, Recording.id)


def _forget(session: Session, which: Select[tuple[Recording]], why: str, now: datetime) -> int:
    found = session.scalars(which.with_for_update(skip_locked=True)).all()
    for row in found:
        row.sound, row.seconds = b"", 0
        audit.record(
            session, actor_id="system", for_id=row.account_id or "", act="recording.forget", subject=f"recording:{row.id}",
            detail={"why": why}, now=now,
        )  # fmt: skip
    session.flush()
    return len(found)
