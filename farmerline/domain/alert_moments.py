"""When an alert needs something done next: read each half second, so in few and small queries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, func, select
from sqlalchemy.orm import Session

from farmerline.domain import callouts, escalation
from farmerline.domain.alert_reached import GRACE
from farmerline.models import IN_FORCE, Alert, AlertKind, AlertState, Callout, CalloutKind, Reach, ReachStep


def is_due(session: Session, now: datetime) -> bool:
    """Whether anything is to be done now."""
    moment = next_due(session)
    return (moment is not None and moment <= now) or bool(gathering(session)) or _is_unwritten(session)


def next_due(session: Session) -> datetime | None:
    """The next moment at which something is to be done."""
    moments = [
        escalation.next_due(session),
        callouts.next_due(session),
        _first(session, Alert.send_at, Alert.state == AlertState.SIGNED),
        _first(session, Alert.valid_until, Alert.state.in_(IN_FORCE)),
        _first(session, Alert.review_due_at, _review_open()),
    ]
    followers = select(func.min(Alert.issued_at)).where(_gathers())
    began = session.scalar(followers)
    moments.append(began + GRACE if began else None)
    return min((moment for moment in moments if moment is not None), default=None)


def gathering(session: Session) -> list[str]:
    """Ids of the followers that still bring in who was reached by the alert before them."""
    return list(session.scalars(select(Alert.id).where(_gathers())))


def _gathers() -> ColumnElement[bool]:
    return (Alert.state == AlertState.RUNNING) & Alert.frozen_at.is_(None) & (Alert.kind != AlertKind.ALERT)


def _review_open() -> ColumnElement[bool]:
    told = exists().where(
        Callout.alert_id == Alert.id, Callout.kind == CalloutKind.ALONE, Callout.subject.endswith("late")
    )
    return Alert.alone & Alert.reviewed_at.is_(None) & ~told


def _first(session: Session, column: SQLColumnExpression[Any], which: ColumnElement[bool]) -> datetime | None:
    found: datetime | None = session.scalar(select(func.min(column)).where(which))
    return found


def _is_unwritten(session: Session) -> bool:
    waiting = (
        select(Reach.alert_id)
        .join(Alert, Alert.id == Reach.alert_id)
        .where(Alert.state == AlertState.RUNNING, Reach.step == ReachStep.WAIT, Reach.excluded == "")
    )
    return session.scalar(waiting.limit(1)) is not None
