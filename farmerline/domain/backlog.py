"""The backlog: what waits for a connection, by urgency, then age. Reads only.

Urgent words go alone, and bulk waits while any of them is on its way, so that none of it leaves between an alert's first
message and its last. Each question is a range of an index or two: a million messages that wait cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, bindparam, exists, not_, or_, select
from sqlalchemy.orm import Session

from farmerline.domain import routing
from farmerline.domain.audience import RINGING
from farmerline.domain.many import unindexed
from farmerline.models import (
    Alert,
    AlertState,
    Delivery,
    DeliveryState,
    GatewayRow,
    Priority,
    Reach,
    ReachStep,
)

Due = Any
"""A row of those columns of a due message that are needed, ``NEEDED``."""
_LOST = 50
"""Those of unknown outcome among them: a worker that dies again and again costs few messages another try."""
_LOOKED_AHEAD = timedelta(minutes=10)
"""How long bulk waits for an alert that is being written, counted from its start."""
NEEDED = (
    Delivery.id, Delivery.campaign_id, Delivery.account_id, Delivery.channel, Delivery.address_sealed,
    Delivery.address_index, Delivery.purpose, Delivery.priority, Delivery.text_sealed, Delivery.parts, Delivery.state,
    Delivery.due_at, Delivery.attempts, Delivery.reason, Delivery.created_at, Delivery.gateway,
)  # fmt: skip


def read(session: Session, gateway: str, now: datetime, limit: int, helped: Sequence[str] = ()) -> list[Due]:
    """What may be claimed, by urgency, then age. One range of the index for each priority: no sorting of a backlog.

    ``helped`` are connections whose waiting messages this one takes as well; what was handed to them stays theirs.
    """
    asked_of = [(_LEASE_OVER, gateway), *((_QUEUED, name) for name in (gateway, *helped))]
    found: list[Due] = []
    for priority in Priority:
        if priority is Priority.BULK and _urgent_is_under_way(session, gateway, now):
            break
        room = limit - len(found)
        asked = {"priority": priority, "now": now}
        mine: list[Due] = []
        for query, name in asked_of:
            most = min(room, _LOST) if query is _LEASE_OVER else room
            mine += session.connection().execute(query, {**asked, "gateway": name, "most": most}).all()
        found += sorted(mine, key=lambda row: (row.due_at, row.id))[:room]
        if len(found) == limit or (
            found and priority is Priority.URGENT
        ):  # urgent words share a batch with nobody
            break
    return found


def _urgent_is_under_way(session: Session, gateway: str, now: datetime) -> bool:
    """Whether another worker is handing urgent words over just now, or an urgent alert is being written: bulk waits,
    so that none of it leaves between an alert's first message and its last."""
    asked = {"gateway": gateway, "now": now, "since": now - _LOOKED_AHEAD}
    return bool(session.scalar(_URGENT_UNDER_WAY, asked))


def ready(session: Session, *, now: datetime) -> set[str]:
    """The connections that are not paused and have something that ``claim`` would look at. Reads only."""
    names = set(session.scalars(_READY, {"now": now, "since": now - _LOOKED_AHEAD}))
    rows = session.scalars(select(GatewayRow)).all()
    for ill in rows:
        helpers = {row.name for row in rows if ill.name in routing.helped(row, [ill], now)}
        if helpers - names and session.scalar(_ANY_QUEUED, {"gateway": ill.name, "now": now}) is not None:
            names |= helpers
    return names


def urgent_waits(session: Session, *, gateway: str, now: datetime) -> bool:
    """Whether something urgent is due by this connection and nobody has taken it yet. Reads only."""
    return session.scalar(_URGENT_QUEUED, {"gateway": gateway, "now": now}) is not None


def lease_over(
    now: datetime | ColumnElement[datetime], state: SQLColumnExpression[Any] = Delivery.state
) -> ColumnElement[bool]:
    return and_(state == DeliveryState.SENDING, Delivery.lease_until <= now)


def claimable(now: datetime | ColumnElement[datetime], *, by_index: bool = True) -> ColumnElement[bool]:
    """Whether a message may be claimed. Where its id is known, ``by_index`` is false: the index of all that waits is left
    alone."""
    state: SQLColumnExpression[Any] = Delivery.state if by_index else unindexed(Delivery.state)
    return or_(and_(state == DeliveryState.QUEUED, Delivery.due_at <= now), lease_over(now, state))


def _is_mine() -> ColumnElement[bool]:
    """Which rows a connection may take: those that were promised by it."""
    return Delivery.gateway == bindparam("gateway")


NOW: ColumnElement[datetime] = bindparam("now", type_=Delivery.due_at.type)
_MINE = select(*NEEDED).where(
    _is_mine(), Delivery.priority == bindparam("priority", type_=Delivery.priority.type)
)
_LEASE_OVER = _MINE.where(lease_over(NOW)).limit(bindparam("most"))
_QUEUED = (
    _MINE.where(Delivery.state == DeliveryState.QUEUED, Delivery.due_at <= NOW)
    .order_by(Delivery.due_at)  # as the index has it: a broadcast is due in one moment, and is never sorted
    .limit(bindparam("most"))
)


def _being_handed_over(gateway: SQLColumnExpression[str]) -> ColumnElement[bool]:
    return exists().where(
        Delivery.gateway == gateway,
        Delivery.state == DeliveryState.SENDING,
        Delivery.priority == Priority.URGENT,
        Delivery.claimed_by.is_not(None),
        Delivery.lease_until > NOW,
    )


def _being_written() -> ColumnElement[bool]:
    waits = exists().where(Reach.alert_id == Alert.id, Reach.step == ReachStep.WAIT, Reach.excluded == "")
    since = bindparam("since", type_=Alert.drafted_at.type)
    return exists().where(
        Alert.state == AlertState.RUNNING, Alert.colour.in_(RINGING), Alert.issued_at > since, waits
    )


def _waits(*priorities: Priority) -> ColumnElement[bool]:
    """Whether a connection has something due of these priorities."""
    mine = (Delivery.gateway == GatewayRow.name, Delivery.priority.in_(priorities))
    queued = exists().where(*mine, Delivery.state == DeliveryState.QUEUED, Delivery.due_at <= NOW)
    return or_(queued, exists().where(*mine, lease_over(NOW)))


_URGENT_QUEUED = (
    select(Delivery.id)
    .where(_is_mine(), Delivery.priority == Priority.URGENT)
    .where(Delivery.state == DeliveryState.QUEUED, Delivery.due_at <= NOW)
    .limit(1)
)
_ANY_QUEUED = (
    select(Delivery.id)
    .where(_is_mine(), Delivery.state == DeliveryState.QUEUED, Delivery.due_at <= NOW)
    .where(Delivery.priority.in_(list(Priority)))
    .limit(1)
)
_URGENT_UNDER_WAY = select(or_(_being_handed_over(bindparam("gateway")), _being_written()))
_READY = select(GatewayRow.name).where(
    or_(GatewayRow.paused_until.is_(None), GatewayRow.paused_until <= NOW),
    GatewayRow.share > 0,
    or_(
        _waits(Priority.URGENT, Priority.NORMAL),
        and_(
            not_(or_(_being_handed_over(GatewayRow.name), _being_written())),
            _waits(Priority.BULK, Priority.DIGEST),
        ),
    ),
)
