"""People's peace: the hours in which no tips come, and how many come in a week. China time, whatever the machine's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain.many import among
from farmerline.models import Colour, Delivery, DeliveryState, Purpose

PROMOTIONAL = frozenset({Purpose.TIPS, Purpose.DIGEST})
NOT_AT_NIGHT = PROMOTIONAL | {Purpose.WATCH}
"""What waits for the morning: tips, the digest, and what people subscribed to, which has a count of its own a day."""
_WEEK = timedelta(days=7)
_LOOKED_BACK = timedelta(days=30)


def next_allowed(moment: datetime, settings: Settings) -> datetime:
    """The first moment from this one on at which a tip, or a notice of a subscription, may go out."""
    return _opens(moment, settings.quiet_from % 24, settings.quiet_to % 24)


def alert_time(moment: datetime, colour: Colour, settings: Settings) -> datetime:
    """The first moment from this one on at which an alert of this colour may go out or ring: red at any hour."""
    if colour is Colour.RED:
        return moment
    return _opens(moment, settings.alert_quiet_from % 24, settings.alert_quiet_to % 24)


def _opens(moment: datetime, start: int, end: int) -> datetime:
    at = local(moment)
    quiet = (start <= at.hour < end) if start < end else (at.hour >= start or at.hour < end)
    if start == end or not quiet:
        return moment
    opens = at.replace(hour=end, minute=0, second=0, microsecond=0)
    return (opens if opens > at else opens + timedelta(days=1)).astimezone(moment.tzinfo)


class Waiting(Protocol):
    """What is asked of a message that is due: of its row, or of a few columns of it."""

    @property
    def id(self) -> str: ...
    @property
    def purpose(self) -> Purpose: ...
    @property
    def account_id(self) -> str | None: ...
    @property
    def address_index(self) -> str | None: ...
    @property
    def created_at(self) -> datetime: ...


def waits(
    session: Session, rows: Sequence[Waiting], *, settings: Settings, now: datetime
) -> dict[str, datetime | None]:
    """Of these deliveries, those that must wait: until when, or None where they would wait over a week (so: never)."""
    at_night = next_allowed(now, settings)
    found: dict[str, datetime | None] = {
        row.id: at_night for row in rows if row.purpose is Purpose.WATCH and at_night > now
    }
    rows = [row for row in rows if row.purpose in PROMOTIONAL]
    if not rows:
        return found
    had = _had(session, rows, now)
    for row in rows:
        mine = sorted(had[_person(row)])
        at = now
        if settings.tips_in_7_days == 0:
            found[row.id] = None
            continue
        if len(mine) >= settings.tips_in_7_days:
            at = mine[-settings.tips_in_7_days] + _WEEK
        at = next_allowed(at, settings)
        if at <= now:
            had[_person(row)].append(now)
        else:
            found[row.id] = at if at <= row.created_at + _WEEK else None
    return found


def _had(session: Session, rows: Sequence[Waiting], now: datetime) -> dict[str, list[datetime]]:
    """When each of these people was sent something promotional in the last seven days."""
    accounts = {row.account_id for row in rows if row.account_id}
    addresses = {row.address_index for row in rows if not row.account_id and row.address_index}
    counted = Delivery.state.in_(
        (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.FAILED)
    )
    query = select(Delivery.id, Delivery.account_id, Delivery.address_index, Delivery.sent_at).where(
        counted, Delivery.purpose.in_(PROMOTIONAL), Delivery.created_at > now - _LOOKED_BACK
    )
    found: dict[str, list[datetime]] = defaultdict(list)
    asked = {row.id for row in rows}
    for who, ids in (  # a query for each, because each has its index
        (among(Delivery.account_id, accounts), accounts),
        (Delivery.account_id.is_(None) & among(Delivery.address_index, addresses), addresses),
    ):
        for row in session.execute(query.where(who)) if ids else ():
            if row.id not in asked and (row.sent_at or now) > now - _WEEK:
                found[row.account_id or row.address_index or row.id].append(row.sent_at or now)
    return found


def _person(row: Waiting) -> str:
    return row.account_id or row.address_index or row.id
