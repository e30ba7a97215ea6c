"""What became of messages: a person's history, a broadcast's figures, what did not arrive, the carriers' state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from farmerline.messages import Channel
from farmerline.models import Account, Delivery, DeliveryState, GatewayRow, Priority, Purpose


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person. ``at`` is when it was promised, ``settled_at`` when its end was known."""

    id: str
    account_id: str | None
    channel: Channel
    purpose: Purpose
    text: str
    state: DeliveryState
    reason: str
    code: str
    attempts: int
    at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    heard_seconds: int | None


@dataclass(frozen=True, slots=True)
class Connection:
    """A carrier's connection as an administrator sees it. ``oldest`` is the longest-waiting due message's moment."""

    name: str
    channel: Channel
    rate: float
    waiting: int
    oldest: datetime | None
    sent_today: int
    failed_today: int
    paused_until: datetime | None
    last_error: str


def of_account(session: Session, account_id: str, *, limit: int = 50) -> list[Message]:
    """What a person was told, the newest first."""
    found = select(Delivery).where(Delivery.account_id == account_id)
    return [
        _message(row)
        for row in session.scalars(
            found.order_by(Delivery.created_at.desc(), Delivery.id.desc()).limit(limit)
        )
    ]


def troubles(
    session: Session, area_codes: Iterable[str], *, since: datetime, limit: int = 100
) -> list[Message]:
    """Messages to people of these areas (codes' prefixes) that did not arrive, the newest first."""
    inside = [Account.area_code.startswith(code) for code in area_codes]
    if not inside:
        return []
    found = (
        select(Delivery)
        .join(Account, Delivery.account_id == Account.id)
        .where(
            or_(*inside),
            Delivery.state.in_((DeliveryState.DEAD, DeliveryState.FAILED)),
            Delivery.settled_at >= since,
        )
        .order_by(Delivery.settled_at.desc())
    )
    return [_message(row) for row in session.scalars(found.limit(limit))]


def counts_of(session: Session, campaign_id: str) -> Mapping[DeliveryState, int]:
    """A broadcast's messages by state."""
    found = (
        select(Delivery.state, func.count())
        .where(Delivery.campaign_id == campaign_id)
        .group_by(Delivery.state)
    )
    return {state: count for state, count in session.execute(found)}  # noqa: C416 - rows are no pairs to the type checker


def connections(session: Session, *, now: datetime) -> list[Connection]:
    """Every carrier's connection: what waits, what went, what is wrong."""
    rows = session.scalars(select(GatewayRow).order_by(GatewayRow.name)).all()
    return [_connection(session, row, now) for row in rows]


def _connection(session: Session, row: GatewayRow, now: datetime) -> Connection:
    due = (
        Delivery.gateway == row.name,
        Delivery.state == DeliveryState.QUEUED,
        Delivery.priority.in_(list(Priority)),
        Delivery.due_at <= now,
    )
    waiting, oldest = session.execute(select(func.count(), func.min(Delivery.due_at)).where(*due)).one()
    day = now - timedelta(hours=24)
    recent = select(Delivery.state, func.count()).where(
        Delivery.gateway == row.name, Delivery.created_at >= day
    )
    states = {state: count for state, count in session.execute(recent.group_by(Delivery.state))}  # noqa: C416
    return Connection(
        name=row.name,
        channel=row.channel,
        rate=row.rate,
        waiting=waiting,
        oldest=oldest,
        sent_today=states.get(DeliveryState.SENT, 0) + states.get(DeliveryState.DELIVERED, 0),
        failed_today=states.get(DeliveryState.FAILED, 0) + states.get(DeliveryState.DEAD, 0),
        paused_until=row.paused_until if row.paused_until and row.paused_until > now else None,
        last_error=row.last_error,
    )


def _message(row: Delivery) -> Message:
    return Message(
        id=row.id,
        account_id=row.account_id,
        channel=row.channel,
        purpose=row.purpose,
        text=row.text,
        state=row.state,
        reason=row.reason,
        code=row.code,
        attempts=row.attempts,
        at=row.created_at,
        sent_at=row.sent_at,
        settled_at=row.settled_at,
        heard_seconds=row.heard_seconds,
    )
