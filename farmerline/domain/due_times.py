"""When the messages of a broadcast are due, set as they are written: in the morning where it is night, and for who has
had enough tips this week when that is over. All of it is asked again when each message leaves."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import quiet
from farmerline.domain.many import among
from farmerline.models import Delivery, DeliveryState

_COUNTED = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.FAILED)
_WEEK = timedelta(days=7)


def put_off(session: Session, campaign_id: str, *, after: str, settings: Settings, now: datetime) -> int:
    """Move what waits of a broadcast for people whose ids come after this one; returns how many are moved for having
    had enough. What would wait over a week stays: it ends when it should leave, with its reason."""
    mine = (
        Delivery.campaign_id == campaign_id,
        Delivery.account_id > after,
        Delivery.state == DeliveryState.QUEUED,
        Delivery.purpose.in_(quiet.PROMOTIONAL),
    )
    morning = quiet.next_allowed(now, settings)
    if morning > now:
        _move(session, morning, *mine)
    people = [one for one in session.scalars(select(Delivery.account_id).where(*mine)) if one]
    had_enough = (
        select(Delivery.account_id)
        .where(
            among(Delivery.account_id, people),
            Delivery.campaign_id.is_distinct_from(campaign_id),
            Delivery.created_at > now - _WEEK * 2,
            Delivery.purpose.in_(quiet.PROMOTIONAL),
            Delivery.state.in_(_COUNTED),
        )
        .group_by(Delivery.account_id)
        .having(func.count() >= max(1, settings.tips_in_7_days))
    )
    tired = [one for one in session.scalars(had_enough) if one]
    rows = (
        session.scalars(select(Delivery).where(*mine, among(Delivery.account_id, tired))).all()
        if tired
        else []
    )
    later: dict[datetime, list[str]] = defaultdict(list)
    for row_id, moment in quiet.waits(session, rows, settings=settings, now=now).items():
        if moment is not None:
            later[moment].append(row_id)
    for moment, ids in later.items():
        _move(session, moment, Delivery.id.in_(ids))
    return sum(map(len, later.values()))


def _move(session: Session, moment: datetime, *which: object) -> None:
    session.execute(
        update(Delivery)
        .where(*which)  # type: ignore[arg-type]
        .values(due_at=moment)
        .execution_options(synchronize_session=False)
    )
