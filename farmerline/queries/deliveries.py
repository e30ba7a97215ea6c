"""What became of messages: a person's history, a broadcast's figures, what did not arrive, the carriers' state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from farmerline.domain import gateway_health, spending
from farmerline.messages import Channel
from farmerline.models import (
    FAILED_ONES,
    Account,
    Breaker,
    Delivery,
    DeliveryState,
    GatewayRow,
    Priority,
    Purpose,
)

MOST = 10_000
"""Waiting messages that are counted at most."""
_ORDER = {Channel.SMS: 1, Channel.VOICE: 2, Channel.MAILBOX: 3}


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
    """A carrier's connection as an administrator sees it.

    ``waiting`` counts what is due, up to ``MOST``; ``oldest`` is the longest-waiting due message's moment. ``share`` of
    its rate is carried now; ``errors`` is the part of the last minute's hand-overs that failed by its fault, ``delay``
    how many seconds receipts take, None where nothing recent is known. ``parts`` and ``yuan`` are today's (in China),
    ``cost`` yuan a part or minute. ``strangers`` are messages that only the carrier knows, as of ``reconciled_at``.
    """

    name: str
    channel: Channel
    rate: float
    waiting: int
    oldest: datetime | None
    sent_today: int
    failed_today: int
    paused_until: datetime | None
    last_error: str
    breaker: Breaker
    share: float
    opened_at: datetime | None
    errors: float | None
    delay: float | None
    cost: float
    parts: int
    yuan: float
    prefixes: tuple[str, ...]
    strangers: int
    reconciled_at: datetime | None


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
    """Every carrier's connection: what waits, what went, how it is doing, what it cost today."""
    rows = sorted(session.scalars(select(GatewayRow)), key=lambda row: (_ORDER.get(row.channel, 0), row.name))
    today = {one.gateway: one for one in spending.of_day(session, now)}
    return [_connection(session, row, today.get(row.name), now) for row in rows]


def _connection(session: Session, row: GatewayRow, today: spending.Spent | None, now: datetime) -> Connection:
    due = (
        Delivery.gateway == row.name,
        Delivery.state == DeliveryState.QUEUED,
        Delivery.priority.in_(list(Priority)),
        Delivery.due_at <= now,
    )
    some = select(Delivery.due_at).where(*due).limit(MOST).subquery()
    waiting, oldest = session.execute(select(func.count(), func.min(some.c.due_at))).one()
    failed = select(func.count()).where(
        FAILED_ONES, Delivery.settled_at >= now - timedelta(hours=24), Delivery.gateway == row.name
    )
    recent = row.delay_at is not None and row.delay_at > now - timedelta(minutes=15)
    return Connection(
        name=row.name,
        channel=row.channel,
        rate=row.rate,
        waiting=waiting,
        oldest=oldest,
        sent_today=today.handed if today else 0,
        failed_today=session.scalar(failed) or 0,
        paused_until=row.paused_until if row.paused_until and row.paused_until > now else None,
        last_error=row.last_error,
        breaker=row.breaker,
        share=row.share,
        opened_at=row.opened_at,
        errors=gateway_health.errors(session, row, now),
        delay=row.delay if recent else None,
        cost=row.cost,
        parts=today.parts if today else 0,
        yuan=today.yuan if today else 0.0,
        prefixes=tuple(row.prefixes.split()),
        strangers=row.strangers,
        reconciled_at=row.reconciled_at,
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
