"""Ceilings in yuan, for one broadcast and for a day: what would pass them waits until a person says yes, by name.

An alert is never held up: two people have seen its sum before it goes. One that passes a ceiling is named to the
administrator.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline import parts
from farmerline.config import Settings
from farmerline.domain import access, audit, routing, spending
from farmerline.domain.access import Actor
from farmerline.errors import Absent, Conflict
from farmerline.messages import Channel
from farmerline.models import Campaign, CampaignState, Role

BROADCAST, DAY = "campaign", "day"
"""Which ceiling is passed."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a broadcast costs at most, and the ceiling that it would pass, or "". ``day`` is today's sum before it."""

    yuan: float
    day: float
    ceiling: str


def weigh(session: Session, campaign: Campaign, *, text: str, settings: Settings, now: datetime) -> Weighed:
    """What a broadcast with these words costs, everybody texted, and the ceiling it passes. Writes nothing."""
    first = next(iter(routing.of_channel(session, Channel.SMS)), None)
    length = max(1, parts.count(text, first.signature if first else "").parts)
    yuan = round(campaign.people * length * part_yuan(session, settings), 2)
    day = spending.bound(session, now)
    return Weighed(yuan, round(day, 2), _passed(yuan, day, settings))


def hold(session: Session, campaign: Campaign, weighed: Weighed, *, actor_id: str, now: datetime) -> None:
    """Let a broadcast that passes a ceiling wait for a person."""
    campaign.state, campaign.yuan, campaign.ceiling = CampaignState.ASKING, weighed.yuan, weighed.ceiling
    _note(session, campaign, "campaign.ask", actor_id, now, day=weighed.day)


def bind(session: Session, campaign: Campaign, yuan: float, *, now: datetime) -> None:
    """Put a broadcast that begins into the day's sum."""
    campaign.yuan = yuan
    spending.promise(session, yuan, at=now)


def note_alert(session: Session, campaign: Campaign, *, settings: Settings, now: datetime) -> None:
    """Put an alert that begins into the day's sum; where it passes a ceiling that is written down, and nothing waits."""
    weighed = weigh(session, campaign, text=campaign.text, settings=settings, now=now)
    bind(session, campaign, weighed.yuan, now=now)
    if weighed.ceiling:
        campaign.ceiling = weighed.ceiling
        _note(session, campaign, "campaign.pass", "system", now, day=weighed.day)


def allow(session: Session, campaign_id: str, *, actor: Actor, county: str, now: datetime) -> None:
    """Let a broadcast go that waits; who said so is on record. Raises ``Absent`` for others than the county's
    administrators, ``Conflict`` where it does not wait any more."""
    campaign = _waiting(session, campaign_id, actor, county)
    campaign.state, campaign.allowed_by, campaign.allowed_at = CampaignState.SENDING, actor.account_id, now
    bind(session, campaign, campaign.yuan, now=now)
    _note(session, campaign, "campaign.allow", actor.account_id, now)


def refuse(session: Session, campaign_id: str, *, actor: Actor, county: str, now: datetime) -> None:
    """End a broadcast that waits: nobody gets it. Raises as ``allow``."""
    campaign = _waiting(session, campaign_id, actor, county)
    campaign.state = CampaignState.STOPPED
    _note(session, campaign, "campaign.refuse", actor.account_id, now)


def part_yuan(session: Session, settings: Settings) -> float:
    """What one SMS part costs by the cheapest connection that is known to cost something, else by the settings."""
    known = [row.cost for row in routing.of_channel(session, Channel.SMS) if row.cost > 0]
    return min(known, default=settings.sms_part_yuan)


def _passed(yuan: float, day: float, settings: Settings) -> str:
    if settings.campaign_yuan and yuan > settings.campaign_yuan:
        return BROADCAST
    return DAY if settings.day_yuan and day + yuan > settings.day_yuan else ""


def _waiting(session: Session, campaign_id: str, actor: Actor, county: str) -> Campaign:
    access.authorise(actor, {Role.ADMIN}, county)
    found = select(Campaign).where(Campaign.id == campaign_id).with_for_update()
    campaign = session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if campaign is None:
        raise Absent
    if campaign.state is not CampaignState.ASKING:
        raise Conflict("campaign_decided", "Somebody was quicker: this broadcast waits no longer.")
    return campaign


def _note(
    session: Session, campaign: Campaign, act: str, actor_id: str, now: datetime, **more: float
) -> None:
    session.flush()
    detail = {"yuan": campaign.yuan, "ceiling": campaign.ceiling, **more}
    audit.record(
        session, actor_id=actor_id, act=act, subject=f"campaign:{campaign.id}", detail=detail, now=now
    )
