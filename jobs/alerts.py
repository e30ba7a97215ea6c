"""What alerts do by the clock: begin at their time, be written, escalate, follow, expire; and calling people out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event

from sqlalchemy.orm import Session

from farmerline.domain import (
    alert_control,
    alert_fanout,
    alert_moments,
    alert_reached,
    alert_signing,
    callouts,
    escalation,
)
from farmerline.errors import Refusal
from farmerline.models import Alert, Delivery, Reach
from jobs.context import Context

_log = logging.getLogger(__name__)
_IDLE_SECONDS = 0.5
_ROUNDS = 100


def step(context: Context) -> int:
    """Do everything that is due now, each part in a transaction of its own; returns how much was done."""
    done = 0
    for _ in range(_ROUNDS):
        more = _round(context)
        done += more
        if not more:
            break
    return done


def next_due(context: Context) -> datetime | None:
    """When something is due next."""
    with context.database.read() as session:
        return alert_moments.next_due(session)


def loops(context: Context) -> list[Callable[[Event], None]]:
    """One loop that looks twice a second, until it is told to stop."""

    def loop(stop: Event) -> None:
        while not stop.is_set():
            try:
                step(context)
            except Exception as error:  # the database is away, say: the next round tries again
                _log.error("alerts.failed error=%s", type(error).__name__)
            stop.wait(_IDLE_SECONDS)

    return [loop]


def _round(context: Context) -> int:
    now, settings = context.now(), context.settings
    with context.database.read() as session:
        if not alert_moments.is_due(session, now):
            return 0
        due = alert_signing.due(session, now)
    done = sum(_begin(context, alert_id) for alert_id in due)
    with context.database.read() as session:
        followers = alert_moments.gathering(session)
        gathering = [one for one in followers if alert_reached.has_news(session, one, now=now)]
    for alert_id in gathering:
        with context.database.write() as session:
            done += alert_reached.gather(session, session.get_one(Alert, alert_id), now=now)
    with context.database.read() as session:
        waiting = alert_fanout.waiting(session)
    for alert_id in waiting:
        with context.database.write() as session:
            done += alert_fanout.write(session, alert_id, settings=settings, now=now)

    def ring(session: Session, alert: Alert, row: Reach) -> Delivery:
        return alert_fanout.ring(session, alert, row, now=now)

    with context.database.write() as session:
        done += escalation.step(session, settings=settings, ring=ring, now=now)
        done += callouts.step(session, settings=settings, now=now)
        done += alert_control.expire(session, now=now)
        done += alert_signing.remind_reviews(session, settings=settings, now=now)
    return done


def _begin(context: Context, alert_id: str) -> int:
    """Let an alert go at its time; what does not pass is told to who signed it. Never both."""
    try:
        with context.database.write() as session:
            alert_signing.begin(
                session, session.get_one(Alert, alert_id), settings=context.settings, now=context.now()
            )
    except Refusal as refusal:
        with context.database.write() as session:
            alert_signing.refuse(
                session,
                session.get_one(Alert, alert_id),
                refusal,
                settings=context.settings,
                now=context.now(),
            )
    return 1
