"""Whose number is shown to whom: each showing is a row, and a person is shown at most so many a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import audit
from farmerline.errors import TooOften
from farmerline.models import Account, Match, Reveal


@dataclass(frozen=True, slots=True)
class Shown:
    """A person's name and number, shown to the other side of a match; ``what`` is their side of it."""

    name: str
    phone: str
    what: str


def was_shown(session: Session, match: Match, viewer: Account) -> bool:
    """Whether this person has the other side's number of this match."""
    seen = select(Reveal.id).where(Reveal.match_id == match.id, Reveal.viewer_id == viewer.id)
    return session.scalar(seen) is not None


def reveal(
    session: Session, match: Match, *, viewer: Account, shown: Account, settings: Settings, now: datetime
) -> Shown:
    """Show a number, and put that on record, once a match.

    Raises ``TooOften`` when this person was shown enough numbers in the last day.
    """
    seen = select(func.count()).select_from(Reveal).where(Reveal.viewer_id == viewer.id)
    if not was_shown(session, match, viewer):
        if (session.scalar(seen.where(Reveal.at > now - timedelta(days=1))) or 0) >= settings.reveals_a_day:
            raise TooOften(
                "reveals",
                "You were shown {limit} numbers today. Please go on tomorrow.",
                limit=settings.reveals_a_day,
            )
        session.add(Reveal(match_id=match.id, viewer_id=viewer.id, shown_id=shown.id, at=now))
        audit.record(
            session,
            actor_id=viewer.id,
            for_id=shown.id,
            act="number.reveal",
            subject=f"match:{match.id}",
            now=now,
        )
        session.flush()
    item = match.supply_item if match.supply_post.account_id == shown.id else match.demand_item
    return Shown(name=shown.name, phone=_dialled(shown.phone), what=item.name)


def _dialled(phone: str | None) -> str:
    """A mainland number as people dial it."""
    return (phone or "").removeprefix("+86")
