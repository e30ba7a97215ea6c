"""A phone's place in what is under way, when somebody of it leaves or takes another number.

The old number may be another's tomorrow: nobody there hears or answers what is this person's. Who stays on a shared
phone goes on being reached by it.
"""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from farmerline.messages import Channel
from farmerline.models import (
    Account,
    Alert,
    Delivery,
    DeliveryState,
    Question,
    QuestionState,
    Reach,
    ReachStep,
    Settled,
)

_STEPS_OF_A_PHONE = (ReachStep.TEXT, ReachStep.RING)


def hand_over(session: Session, line: Reach) -> Reach | None:
    """Let another of the household lead in an alert, where this line led: they go on at its step. Returns who."""
    led = select(Reach).where(
        Reach.alert_id == line.alert_id, Reach.lead_id == line.account_id, Reach.account_id != line.account_id
    )
    household = session.scalars(led.order_by(Reach.account_id)).all()
    heir = next((one for one in household if one.settled is Settled.OPEN and not one.excluded), None)
    if heir is not None:
        for one in household:
            one.lead_id = heir.account_id
        heir.step, heir.next_at = line.step, line.next_at
        heir.first_ring_at, heir.rings = line.first_ring_at, line.rings
    return heir


def pass_on(session: Session, line: Reach, heir: Reach) -> None:
    """Give what waits to be sent to the phone under one name to another of the household."""
    campaign_id = session.scalar(select(Alert.campaign_id).where(Alert.id == line.alert_id))
    if campaign_id is None:  # nothing of it is promised yet
        return
    session.execute(
        update(Delivery)
        .where(
            Delivery.campaign_id == campaign_id,
            Delivery.account_id == line.account_id,
            Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.HELD)),
            Delivery.channel.in_((Channel.SMS, Channel.VOICE)),
        )
        .values(account_id=heir.account_id)
        .execution_options(synchronize_session="fetch")
    )


def take_along(session: Session, account: Account) -> None:
    """Bring to a person's new number, which the account has by now, what waits for them under the old one."""
    asked = select(Question).where(Question.account_id == account.id, Question.state == QuestionState.OPEN)
    for question in session.scalars(asked):
        question.phone_index = account.phone_index
    waiting = select(Delivery).where(
        Delivery.account_id == account.id,
        Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.HELD)),
        Delivery.channel.in_((Channel.SMS, Channel.VOICE)),
    )
    for delivery in session.scalars(waiting):
        delivery.address, delivery.address_index = str(account.phone), account.phone_index
    lines = select(Reach).where(
        Reach.account_id == account.id, Reach.settled == Settled.OPEN, Reach.phone_index.is_not(None)
    )
    for line in session.scalars(lines.with_for_update()).all():
        _move(session, line, account)
    session.flush()


def _move(session: Session, line: Reach, account: Account) -> None:
    if line.lead:
        hand_over(session, line)
    elif line.step in _STEPS_OF_A_PHONE:
        lead = session.get_one(Reach, (line.alert_id, line.lead_id))
        line.step, line.next_at = lead.step, lead.next_at
    there = select(Reach.lead_id).where(
        Reach.alert_id == line.alert_id,
        Reach.phone_index == account.phone_index,
        Reach.settled == Settled.OPEN,
        Reach.excluded == "",
    )
    joined = session.scalar(there.limit(1))
    line.phone_index, line.lead_id = account.phone_index, joined or account.id
    if joined and line.step in _STEPS_OF_A_PHONE:  # that phone is texted and rung already
        line.step, line.next_at = ReachStep.TEXT, None
