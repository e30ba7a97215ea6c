"""What did not arrive, for who may send it again: the newest first, and the broadcasts it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, TextClause, and_, func, or_, select, true
from sqlalchemy.orm import Session

from farmerline.domain import areas
from farmerline.domain.access import Actor
from farmerline.domain.areas import inside_any
from farmerline.domain.dead_letters import READERS, UNKNOWN
from farmerline.domain.quiet import PROMOTIONAL
from farmerline.identity import mask_phone
from farmerline.messages import Channel
from farmerline.models import FAILED_ONES, Account, Campaign, CampaignState, Delivery, Purpose, Role

SHOWN_DAYS = 30
PAGE = 100
_BROADCASTS = 20


@dataclass(frozen=True, slots=True)
class DeadLine:
    """One message. ``name`` and ``place`` are "" for a number without an account (``phone``, masked, then says which);
    ``unknown``: it may have arrived. ``campaign_id`` and ``alert`` say what it belongs to."""

    id: str
    name: str
    place: str
    phone: str
    channel: Channel
    purpose: Purpose
    reason: str
    code: str
    gateway: str
    attempts: int
    at: datetime | None
    unknown: bool
    may_resend: bool
    campaign_id: str | None


@dataclass(frozen=True, slots=True)
class DeadBroadcast:
    """A broadcast with messages that did not arrive; ``count`` of them may be sent again together."""

    id: str
    text: str
    place: str
    at: datetime
    count: int
    stopped: bool


def lines(
    session: Session, *, actor: Actor, county: str, now: datetime, campaign_id: str = ""
) -> list[DeadLine]:
    """The last 100 of the last 30 days in the actor's areas, of one broadcast where it is named."""
    mine: list[ColumnElement[bool] | TextClause] = [
        FAILED_ONES,
        Delivery.settled_at >= now - timedelta(days=SHOWN_DAYS),
        Delivery.resent_as.is_(None),
    ]
    if campaign_id:
        mine.append(Delivery.campaign_id == campaign_id)
    found = (
        select(Delivery).where(*mine, _seen(actor, county)).order_by(Delivery.settled_at.desc()).limit(PAGE)
    )
    rows = session.scalars(found).all()
    ids = {row.account_id for row in rows if row.account_id}
    people = {one.id: one for one in session.scalars(select(Account).where(Account.id.in_(ids)))}
    return [_line(session, row, people.get(row.account_id or "")) for row in rows]


def broadcasts(session: Session, *, actor: Actor, now: datetime) -> list[DeadBroadcast]:
    """The broadcasts of the last 30 days that did not reach everybody, the newest first."""
    here = inside_any(Campaign.area_code, actor.areas(*READERS))
    recent = select(Campaign).where(
        here, Campaign.purpose.in_(PROMOTIONAL), Campaign.created_at >= now - timedelta(days=SHOWN_DAYS)
    )
    rows = {row.id: row for row in session.scalars(recent)}
    counted = (
        select(Delivery.campaign_id, func.count())
        .where(FAILED_ONES, Delivery.campaign_id.in_(rows), Delivery.resent_as.is_(None))
        .where(Delivery.reason.not_in(UNKNOWN))
        .group_by(Delivery.campaign_id)
    )
    found = [
        DeadBroadcast(
            row.id, row.text, areas.path_name(session, row.area_code), row.created_at, count,
            row.state is CampaignState.STOPPED,
        )
        for row, count in ((rows[one], count) for one, count in session.execute(counted) if one)
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.at, reverse=True)[:_BROADCASTS]


def _seen(actor: Actor, county: str) -> ColumnElement[bool]:
    """Administrators see everything of their areas, the county's also what went to a number alone; publishers what
    was broadcast."""
    whole = any(county.startswith(code) for code in actor.areas(Role.ADMIN))
    admin = Delivery.account_id.in_(
        select(Account.id).where(inside_any(Account.area_code, actor.areas(Role.ADMIN)))
    )
    publisher = and_(
        Delivery.purpose.in_(PROMOTIONAL),
        Delivery.account_id.in_(
            select(Account.id).where(inside_any(Account.area_code, actor.areas(Role.PUBLISHER)))
        ),
    )
    return true() if whole else or_(admin, publisher)


def _line(session: Session, row: Delivery, account: Account | None) -> DeadLine:
    phone = mask_phone(row.address) if row.channel in (Channel.SMS, Channel.VOICE) and row.address else ""
    return DeadLine(
        id=row.id,
        name=account.name if account else "",
        place=areas.path_name(session, account.area_code) if account else "",
        phone=phone,
        channel=row.channel,
        purpose=row.purpose,
        reason=row.reason,
        code=row.code,
        gateway=row.gateway,
        attempts=row.attempts,
        at=row.settled_at,
        unknown=row.reason in UNKNOWN,
        may_resend=row.purpose is not Purpose.ALERT,
        campaign_id=row.campaign_id,
    )
