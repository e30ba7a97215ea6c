"""Broadcasts of tips as a publisher sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import access, areas
from farmerline.domain.access import Actor
from farmerline.domain.areas import inside_any
from farmerline.errors import Absent
from farmerline.models import Account, Campaign, CampaignState, Purpose, Role
from farmerline.queries import deliveries

_TWICE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Tip:
    """One broadcast. ``counts``: its messages by state; ``people`` on the frozen list, ``list_hash`` its mark."""

    id: str
    text: str
    place: str
    area_code: str
    state: str
    people: int
    list_hash: str
    by: str
    created_at: datetime
    counts: tuple[tuple[str, int], ...] = ()


def recent(session: Session, *, actor: Actor) -> list[Tip]:
    """The last broadcasts of tips in the actor's areas, the newest first."""
    here = inside_any(Campaign.area_code, actor.areas(Role.PUBLISHER))
    query = select(Campaign).where(Campaign.purpose == Purpose.TIPS, here)
    return [
        _tip(session, row) for row in session.scalars(query.order_by(Campaign.created_at.desc()).limit(20))
    ]


def one(session: Session, *, actor: Actor, campaign_id: str) -> Tip:
    """One broadcast; ``Absent`` outside the actor's areas."""
    return _tip(session, campaign_of(session, actor=actor, campaign_id=campaign_id))


def campaign_of(session: Session, *, actor: Actor, campaign_id: str) -> Campaign:
    """The broadcast's row; ``Absent`` outside the actor's areas."""
    row = session.get(Campaign, campaign_id)
    if row is None:
        raise Absent
    access.authorise(actor, {Role.PUBLISHER}, row.area_code)
    return row


def planned_before(session: Session, *, actor: Actor, text: str, area_code: str, now: datetime) -> str | None:
    """The id of the same tip that the same person planned a moment ago (a form sent twice), if there is one."""
    query = select(Campaign.id).where(
        Campaign.created_by == actor.account_id,
        Campaign.area_code == area_code,
        Campaign.text == text.strip(),
        Campaign.state == CampaignState.PLANNED,
        Campaign.created_at > now - _TWICE,
    )
    return session.scalar(query.limit(1))


def places(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Where the actor may send to: the areas of the role, and the towns of a county or villages of a town in it."""
    found: list[tuple[str, str]] = []
    for code in actor.areas(Role.PUBLISHER):
        found.append((code, areas.path_name(session, code)))
        found.extend(
            (area.code, areas.path_name(session, area.code)) for area in areas.children(session, code)
        )
    return found


def _tip(session: Session, row: Campaign) -> Tip:
    by = session.get(Account, row.created_by)
    counts = deliveries.counts_of(session, row.id)
    return Tip(
        id=row.id, text=row.text, place=areas.path_name(session, row.area_code), area_code=row.area_code, state=row.state.value,
        people=row.people, list_hash=row.list_hash, by=by.name if by else "", created_at=row.created_at,
        counts=tuple((state.value, count) for state, count in counts.items()),
    )  # fmt: skip
