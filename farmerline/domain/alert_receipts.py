"""What a carrier's report means for the alert that its message belongs to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import alert_fanout, escalation, reach
from farmerline.messages import Channel
from farmerline.models import (
    Alert,
    AlertKind,
    AlertState,
    Delivery,
    DeliveryState,
    Purpose,
    Reach,
    ReachStep,
    Settled,
)

_OVER = frozenset({AlertState.CANCELLED, AlertState.REPLACED})


def note_arrival(session: Session, delivery: Delivery, *, now: datetime) -> None:
    """A message arrived. Where no answer is asked for that is enough; after its alert ended, a follower is due."""
    if delivery.purpose is not Purpose.ALERT or (found := reach.of_delivery(session, delivery)) is None:
        return
    alert, row = found
    if alert.state in _OVER:
        _bring_in(session, alert)
    elif alert.asks_answer or delivery.channel is Channel.VOICE:
        return
    elif delivery.channel == row.channel:  # a letter beside a text says nothing about who shares the phone
        reach.settle(session, alert, account_ids=[row.account_id], how=Settled.RECEIPT, now=now)


def note_failure(session: Session, delivery: Delivery, *, now: datetime) -> None:
    """A message did not arrive: the next step comes now."""
    if delivery.purpose is not Purpose.ALERT or (found := reach.of_delivery(session, delivery)) is None:
        return
    alert, row = found
    escalation.hasten(delivery, alert, row, now=now)


def note_refusal(session: Session, delivery: Delivery, *, settings: Settings, now: datetime) -> None:
    """A message may not go any more because its person said no: they are left out, and counted so.

    Where it was by them that a household's phone is reached, the next of the household takes their place.
    """
    if delivery.purpose is not Purpose.ALERT or delivery.reason not in ("consent", "exercise"):
        return
    if (found := reach.of_delivery(session, delivery)) is None:
        return
    alert, row = found
    if reach.exclude(session, alert, [row.account_id], why=delivery.reason, now=now) and row.lead:
        _hand_on(session, alert, row, settings, now)


def _hand_on(session: Session, alert: Alert, left_out: Reach, settings: Settings, now: datetime) -> None:
    """The phone is reached by the next of its household: texted where no text has left, else rung."""
    household = list(session.scalars(_household(left_out).order_by(Reach.account_id)))
    if not household:
        return
    heir = household[0]
    for one in household:
        one.lead_id = heir.account_id
    if heir.step is ReachStep.WAIT:  # not written yet: it is written as the leading one
        return
    if left_out.channel == Channel.SMS and not _was_texted(session, alert, left_out):
        alert_fanout.text_again(session, alert, heir, settings=settings, now=now)
        escalation.begin(alert, heir, due_at=now)
    elif heir.step is ReachStep.TEXT:
        heir.step, heir.next_at = ReachStep.RING, now


def _household(row: Reach) -> Select[tuple[Reach]]:
    return select(Reach).where(
        Reach.alert_id == row.alert_id,
        Reach.lead_id == row.account_id,
        Reach.account_id != row.account_id,
        Reach.settled == Settled.OPEN,
        Reach.excluded == "",
    )


def _was_texted(session: Session, alert: Alert, row: Reach) -> bool:
    left = select(Delivery.id).where(
        Delivery.campaign_id == alert.campaign_id,
        Delivery.account_id == row.account_id,
        Delivery.channel == Channel.SMS,
        Delivery.state.in_((DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.DELIVERED)),
    )
    return session.scalar(left.limit(1)) is not None


def _bring_in(session: Session, alert: Alert) -> None:
    """Let the follower look again at who was reached."""
    followers = select(Alert).where(
        Alert.parent_id == alert.id, Alert.state == AlertState.RUNNING, Alert.kind != AlertKind.ALERT
    )
    for follower in session.scalars(followers):
        follower.frozen_at = None
