"""What the county's messages cost today, and the broadcasts that a ceiling concerns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import areas, spending
from farmerline.domain.spending import Spent
from farmerline.models import Account, Alert, Campaign, CampaignState

_SHOWN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Ceilinged:
    """A broadcast that waits for a person, or passed a ceiling. ``alert`` is its number where it is one."""

    id: str
    text: str
    place: str
    people: int
    yuan: float
    ceiling: str
    by: str
    at: datetime
    waits: bool
    ended: bool
    alert: str
    allowed_by: str
    allowed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Costs:
    """Today by connection, the sum that counts against the day's ceiling, and what a ceiling concerns."""

    today: tuple[Spent, ...]
    bound: float
    ceilinged: tuple[Ceilinged, ...]

    @property
    def waiting(self) -> tuple[Ceilinged, ...]:
        return tuple(one for one in self.ceilinged if one.waits)

    @property
    def decided(self) -> tuple[Ceilinged, ...]:
        return tuple(one for one in self.ceilinged if not one.waits)


def overview(session: Session, *, now: datetime) -> Costs:
    """What was spent today, and the broadcasts of the last 30 days that passed a ceiling, the newest first."""
    wanted = Campaign.ceiling != "", Campaign.created_at >= now - _SHOWN
    rows = session.scalars(
        select(Campaign).where(*wanted).order_by(Campaign.created_at.desc()).limit(100)
    ).all()
    return Costs(
        tuple(spending.of_day(session, now)),
        spending.bound(session, now),
        tuple(_ceilinged(session, row) for row in rows),
    )


def waiting(session: Session) -> int:
    """How many broadcasts wait for an administrator."""
    return len(
        session.scalars(select(Campaign.id).where(Campaign.state == CampaignState.ASKING).limit(100)).all()
    )


def _ceilinged(session: Session, row: Campaign) -> Ceilinged:
    people = session.scalars(select(Account).where(Account.id.in_([row.created_by, row.allowed_by or ""])))
    known = {one.id: one.name for one in people}
    alert = session.scalars(select(Alert).where(Alert.campaign_id == row.id)).first()
    return Ceilinged(
        id=row.id,
        text=row.text,
        place=areas.path_name(session, row.area_code),
        people=row.people,
        yuan=row.yuan,
        ceiling=row.ceiling,
        by=known.get(row.created_by, ""),
        at=row.created_at,
        waits=row.state is CampaignState.ASKING,
        ended=row.state is CampaignState.STOPPED,
        alert=str(alert.number) if alert else "",
        allowed_by=known.get(row.allowed_by or "", ""),
        allowed_at=row.allowed_at,
    )
