"""Letting go of what village packs hold: entries of long ago, an erased person's, pages of villages that nobody serves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from farmerline.domain import pack_file
from farmerline.models import Account, PackEntry, PackState, VillagePack

_KEPT = timedelta(days=60)
_AT_ONCE = 500
_OPEN = (PackState.WAITING, PackState.MEND)


def forget(session: Session, *, now: datetime) -> int:
    """Let go of the words of what was settled long ago, and of what nobody put right so long; the line stays, so that it is
    never done again."""
    settled = PackEntry.said_sealed.is_not(None) & (PackEntry.settled_at < now - _KEPT)
    waiting = PackEntry.uploaded_at < now - _KEPT
    old = select(PackEntry).where(
        or_(PackEntry.state.not_in(_OPEN) & settled, PackEntry.state.in_(_OPEN) & waiting)
    )
    rows = session.scalars(old.limit(_AT_ONCE).with_for_update()).all()
    for row in rows:
        _blank(row, now)
    return len(rows)


def forget_person(session: Session, account: Account, *, now: datetime) -> None:
    """A person is erased: their village's page goes, and with it the words of every entry that is about them."""
    session.execute(delete(VillagePack).where(VillagePack.area_code == account.area_code))
    kept = or_(PackEntry.state.in_(_OPEN), PackEntry.said_sealed.is_not(None))
    here = select(PackEntry).where(PackEntry.area_code == account.area_code, kept)
    for row in session.scalars(here.with_for_update()):
        if _is_about(row, account):
            _blank(row, now)


def keep_pages(session: Session, villages: Sequence[str]) -> None:
    """Let go of the pages of all other villages: nobody makes them anew."""
    session.execute(delete(VillagePack).where(VillagePack.area_code.not_in(villages)))


def _is_about(row: PackEntry, account: Account) -> bool:
    """By the pack's own mark; where there is none, by the name, and in a line that cannot be read wherever it stands."""
    said = pack_file.fields(row.body) if row.kind else {}
    if said.get("person"):
        return said["person"] == account.id
    return account.name in said.get("name", "") if row.kind else account.name in row.body


def _blank(row: PackEntry, now: datetime) -> None:
    if row.state in _OPEN:
        row.state, row.settled_at = PackState.DROPPED, now
    row.body, row.said = "", None
