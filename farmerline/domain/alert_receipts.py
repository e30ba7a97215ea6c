"""What a carrier's report means for the alert that its message belongs to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import escalation, reach
from farmerline.domain.audience import RINGING
from farmerline.messages import Channel
from farmerline.models import (
    Alert,
    AlertKind,
    AlertState,
    Delivery,
    Purpose,
    Settled,
)

_OVER = frozenset({AlertState.CANCELLED, AlertState.REPLACED})


def note_arrival(session: Session, delivery: Delivery, *, now: datetime) -> None:
    """A message arrived: blue and yellow ask for no more; one that arrives after its alert ended has a follower to get."""
    if delivery.purpose is not Purpose.ALERT or (found := reach.of_delivery(session, delivery)) is None:
        return
    alert, row = found
    if alert.state in _OVER:
        _bring_in(session, alert)
    elif alert.colour not in RINGING and delivery.channel is not Channel.VOICE:
        reach.settle(session, alert, account_ids=[row.account_id], how=Settled.RECEIPT, now=now)


def note_failure(session: Session, delivery: Delivery, *, now: datetime) -> None:
    """A message did not arrive: the next step comes now."""
    if delivery.purpose is not Purpose.ALERT or (found := reach.of_delivery(session, delivery)) is None:
        return
    alert, row = found
    escalation.hasten(delivery, alert, row, now=now)


def note_refusal(session: Session, delivery: Delivery, *, now: datetime) -> None:
    """A message may not go any more because its person said no: they are left out, and counted so."""
    if delivery.purpose is not Purpose.ALERT or delivery.reason not in ("consent", "exercise"):
        return
    if (found := reach.of_delivery(session, delivery)) is not None:
        reach.exclude(session, found[0], [found[1].account_id], why=delivery.reason, now=now)


def _bring_in(session: Session, alert: Alert) -> None:
    """Let the follower look again at who was reached."""
    followers = select(Alert).where(
        Alert.parent_id == alert.id, Alert.state == AlertState.RUNNING, Alert.kind != AlertKind.ALERT
    )
    for follower in session.scalars(followers):
        follower.frozen_at = None
