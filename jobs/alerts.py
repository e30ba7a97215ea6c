"""What alerts do by the clock: begin at their time, be written, escalate, follow, expire; and calling people out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
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

    def gather(session: Session, alert_id: str) -> int:
        return alert_reached.gather(session, session.get_one(Alert, alert_id), now=now)

    def write(session: Session, alert_id: str) -> int:
        return alert_fanout.write(session, alert_id, settings=settings, now=now)

    with context.database.read() as session:
        followers = alert_moments.gathering(session)
        gathering = [one for one in followers if alert_reached.has_news(session, one, now=now)]
    done += sum(_apart(context, partial(gather, alert_id=one)) for one in gathering)
    with context.database.read() as session:
        waiting = alert_fanout.waiting(session)
    done += sum(_apart(context, partial(write, alert_id=one)) for one in waiting)

    def ring(session: Session, alert: Alert, row: Reach) -> Delivery:
        return alert_fanout.ring(session, alert, row, now=now)

    acts: list[Callable[[Session], int]] = [
        partial(callouts.step, settings=settings, now=now),
        partial(escalation.step, settings=settings, ring=ring, now=now),
        partial(alert_control.expire, now=now),
        partial(alert_signing.remind_reviews, settings=settings, now=now),
    ]
    return done + sum(_apart(context, act) for act in acts)


def _apart(context: Context, act: Callable[[Session], int]) -> int:
    """Do one part in a transaction of its own; where it fails, the other alerts and parts do not wait for it."""
    try:
        with context.database.write() as session:
            return act(session)
    except Exception as error:
        _log.error("alerts.failed error=%s", type(error).__name__)
        return 0


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
    except Exception as error:  # not its fault, maybe: it is tried again, and the others go meanwhile
        _log.error("alerts.failed error=%s", type(error).__name__)
        return 0
    return 1
