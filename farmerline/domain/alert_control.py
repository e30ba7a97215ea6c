"""A running alert in hand: paused, resumed, stopped, sent again to whom it failed, cancelled, expired."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, exists, select, update
from sqlalchemy.orm import Session, aliased

from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import alert_callouts, alert_fanout, alerts, reach
from farmerline.domain.access import Actor
from farmerline.domain.alert_words import COLOURS
from farmerline.domain.numbers import next_number
from farmerline.domain.spoken import seconds_of
from farmerline.errors import Conflict
from farmerline.messages import Channel
from farmerline.models import (
    IN_FORCE,
    Alert,
    AlertArea,
    AlertKind,
    AlertState,
    Campaign,
    CampaignState,
    Delivery,
    DeliveryState,
    Reach,
    ReachStep,
    Role,
    Settled,
)
from farmerline.words import say

_HANDS = frozenset({Role.OFFICER, Role.SIGNER})
_KNOWN_LONGER = timedelta(days=1)
_NOT_ARRIVED = (DeliveryState.FAILED, DeliveryState.DEAD, DeliveryState.CANCELLED)


def pause(session: Session, alert: Alert, *, actor: Actor, now: datetime) -> None:
    """Hold everything that has not left; nobody is rung meanwhile. Raises ``Conflict`` in another state."""
    alerts.lock(session, alert, actor, _HANDS)
    alerts.demand_state(alert, AlertState.RUNNING)
    alert.state = AlertState.PAUSED
    _move(session, alert, CampaignState.PAUSED, DeliveryState.QUEUED, DeliveryState.HELD)
    alerts.note(session, alert, "alert.pause", actor, now)


def resume(session: Session, alert: Alert, *, actor: Actor, now: datetime) -> None:
    """Go on where it was held; nobody gets anything twice."""
    alerts.lock(session, alert, actor, _HANDS)
    alerts.demand_state(alert, AlertState.PAUSED)
    alert.state = AlertState.RUNNING
    _move(session, alert, CampaignState.SENDING, DeliveryState.HELD, DeliveryState.QUEUED)
    alerts.note(session, alert, "alert.resume", actor, now)


def stop(session: Session, alert: Alert, *, actor: Actor, now: datetime) -> None:
    """Send no more of it; what it says still holds for whom it reached."""
    alerts.lock(session, alert, actor, _HANDS)
    alerts.demand_state(alert, AlertState.RUNNING, AlertState.PAUSED)
    alert.state = AlertState.STOPPED
    _end_campaign(session, alert)
    reach.close_all(session, alert, reason="stopped", now=now)
    alerts.note(session, alert, "alert.stop", actor, now)


def resend(session: Session, alert: Alert, *, actor: Actor, settings: Settings, now: datetime) -> int:
    """Text those once more whom no text reached; returns how many. Who was reached or settled gets nothing again."""
    alerts.lock(session, alert, actor, _HANDS)
    alerts.demand_state(alert, AlertState.RUNNING)
    again = list(session.scalars(unarrived(alert).order_by(Reach.account_id)))
    for row in again:
        alert_fanout.text_again(session, alert, row, settings=settings, now=now)
    alerts.note(session, alert, "alert.resend", actor, now, again=len(again))
    return len(again)


def unarrived(alert: Alert) -> Select[tuple[Reach]]:
    """The lines of those whom a text was written to and none arrived, one a phone."""
    texts = aliased(Delivery)
    mine = (
        (texts.campaign_id == alert.campaign_id)
        & (texts.account_id == Reach.account_id)
        & (texts.channel == Channel.SMS)
    )
    return select(Reach).where(
        Reach.alert_id == alert.id,
        Reach.lead,
        Reach.settled == Settled.OPEN,
        Reach.excluded == "",
        exists().where(mine),
        ~exists().where(mine, texts.state.not_in(_NOT_ARRIVED)),
    )


def cancel(session: Session, alert: Alert, *, actor: Actor, settings: Settings, now: datetime) -> Alert:
    """Make an alert void: one person, one click, words that are ready. Sending stops at once; those whom it has
    reached are told, nobody else. Returns the cancellation, an alert of its own.

    Raises ``Conflict`` where it does not hold any more, or has not gone out (withdraw it then).
    """
    alerts.lock(session, alert, actor, _HANDS)
    alerts.demand_not_void(alert)
    if alert.state not in IN_FORCE:
        raise Conflict(
            "alert_state", "No. {number} is no longer at this step: look at it again.", number=alert.number
        )
    alert.state, alert.ended_at, alert.ended_by = AlertState.CANCELLED, now, actor.account_id
    _end_campaign(session, alert)
    reach.close_all(session, alert, reason="cancelled", now=now)
    void = _cancellation(session, alert, actor, now)
    alerts.note(session, alert, "alert.cancel", actor, now, by=void.number)
    alert_fanout.start(session, void, by=actor.account_id, now=now)
    return void


def give_way(session: Session, parent: Alert, *, now: datetime) -> None:
    """The alert's place is taken by one that follows it: it stops at once on every channel.

    Raises ``Conflict`` where it was cancelled, or another took its place, a moment before.
    """
    session.refresh(parent, with_for_update=True)
    alerts.demand_in_force(parent)
    parent.state, parent.ended_at = AlertState.REPLACED, now
    _end_campaign(session, parent)
    reach.close_all(session, parent, reason="replaced", now=now)
    alerts.note(session, parent, "alert.replaced", None, now)


def expire(session: Session, *, now: datetime, limit: int = 50) -> int:
    """End the alerts whose last day is over; returns how many."""
    over = select(Alert).where(Alert.state.in_(IN_FORCE), Alert.valid_until <= now)
    ended = 0
    for alert in session.scalars(over.limit(limit).with_for_update(skip_locked=True)):
        alert.state, alert.ended_at = AlertState.EXPIRED, now
        _end_campaign(session, alert)
        reach.close_all(session, alert, reason="expired", now=now)
        alert_callouts.end(session, alert, now=now)
        alerts.note(session, alert, "alert.expire", None, now)
        ended += 1
    return ended


def _cancellation(session: Session, alert: Alert, actor: Actor, now: datetime) -> Alert:
    values = {
        "colour": say("zh", COLOURS[alert.colour]),
        "number": alert.number,
        "crop": alert.crop,
        "pest": alert.pest,
    }
    year = local(now).year
    voice = say(
        "zh",
        "{colour} alert {number} about {crop}, {pest} is void. It was issued in error. Do not act on it.",
        **values,
    )
    void = Alert(
        year=year,
        serial=next_number(session, f"{'drill' if alert.exercise else 'alert'}-{year}"),
        exercise=alert.exercise,
        kind=AlertKind.CANCEL,
        parent_id=alert.id,
        state=AlertState.SIGNED,
        colour=alert.colour,
        crop=alert.crop,
        pest=alert.pest,
        degree=alert.degree,
        valid_until=max(alert.valid_until, now + _KNOWN_LONGER),
        short_text=say(
            "zh", "{number} ({crop}, {pest}) is void, it was issued in error. Do not act on it.", **values
        )[:58],
        voice_text=voice,
        voice_seconds=seconds_of(voice, "zh"),
        full_text=voice,
        audience_crop=alert.audience_crop,
        audience_kind=alert.audience_kind,
        audience_group=alert.audience_group,
        drafted_by=actor.account_id,
        drafted_at=now,
        edited_by=actor.account_id,
        edited_at=now,
        signed_by=actor.account_id,
        signed_at=now,
        areas=[AlertArea(area_code=area.area_code) for area in alert.areas],
    )
    session.add(void)
    session.flush()
    return void


def _move(
    session: Session, alert: Alert, campaign: CampaignState, before: DeliveryState, after: DeliveryState
) -> None:
    session.get_one(Campaign, alert.campaign_id).state = campaign
    session.execute(
        update(Delivery)
        .where(Delivery.campaign_id == alert.campaign_id, Delivery.state == before)
        .values(state=after)
        .execution_options(synchronize_session="fetch")
    )


def _end_campaign(session: Session, alert: Alert) -> None:
    if alert.campaign_id is not None:
        session.get_one(Campaign, alert.campaign_id).state = CampaignState.STOPPED
    unsettled = (Reach.alert_id == alert.id) & (Reach.step == ReachStep.WAIT)
    session.execute(
        update(Reach)
        .where(unsettled)
        .values(step=ReachStep.DONE)
        .execution_options(synchronize_session="fetch")
    )
