"""What a county's people really took: texts and calls of the last year, scaled to a year for one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from farmerline.domain.costs import Use
from farmerline.messages import Channel
from farmerline.models import Account, AccountState, Call, Delivery, DeliveryState

ENOUGH_DAYS = 30
"""Days of messages from which on a county's own use says more than assumptions."""
_YEAR = 365
_HANDED = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.FAILED)
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Usage:
    """What one of ``people`` took in a year, from ``days`` days on record since ``since``; no uses where these are too few."""

    people: int
    since: datetime | None
    days: int
    uses: tuple[Use, ...]


def people(session: Session) -> int:
    """Everybody with a verified account."""
    verified = select(func.count()).select_from(Account).where(Account.state == AccountState.VERIFIED)
    return session.scalar(verified) or 0


def of_year(session: Session, *, now: datetime) -> Usage:
    """The last year's texts and calls that the service placed, by purpose. What people rang themselves is not among it."""
    carried = Delivery.channel.in_((Channel.SMS, Channel.VOICE)), Delivery.sent_at.is_not(None)
    first = session.scalar(select(func.min(Delivery.sent_at)).where(*carried, Delivery.sent_at <= now))
    count = people(session)
    if first is None or count == 0:
        return Usage(count, None, 0, ())
    since = max(first, now - timedelta(days=_YEAR))
    days = (now - since).days
    if days < ENOUGH_DAYS:
        return Usage(count, since, days, ())
    scale = _YEAR / days / count
    # what was said in a call that somebody made to us is a delivery as well, and costs us nothing
    placed = Delivery.call_id.is_(None) | Delivery.call_id.in_(select(Call.id).where(Call.outbound))
    answered = (Delivery.channel == Channel.VOICE) & (Delivery.state == DeliveryState.DELIVERED) & placed
    minutes = (func.coalesce(Delivery.heard_seconds, 0) + _MINUTE - 1) // _MINUTE
    query = (
        select(
            Delivery.purpose,
            func.sum(case(((Delivery.channel == Channel.SMS), Delivery.parts), else_=0)),
            func.sum(case((answered, 1), else_=0)),
            func.sum(case((answered & (minutes < 1), 1), (answered, minutes), else_=0)),
        )
        .where(*carried, Delivery.state.in_(_HANDED), Delivery.sent_at >= since, Delivery.sent_at <= now)
        .group_by(Delivery.purpose)
        .order_by(Delivery.purpose)
    )
    rows = session.execute(query).tuples()
    uses = tuple(Use(purpose, *(int(sum_) * scale for sum_ in sums)) for purpose, *sums in rows)
    return Usage(count, since, days, uses)
