"""When an alert needs something done next: read twice a second for ever, so in one small query."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, SQLColumnExpression, exists, func, select
from sqlalchemy.orm import Session

from farmerline.domain.alert_reached import GRACE
from farmerline.models import IN_FORCE, Alert, AlertKind, AlertState, Callout, CalloutKind, Reach, ReachStep


def is_due(session: Session, now: datetime) -> bool:
    """Whether anything is to be done now."""
    *moments, began, is_unwritten = session.execute(_LOOK).one()
    first = _first_of([*moments, began + GRACE if began else None])
    return bool(is_unwritten) or began is not None or (first is not None and first <= now)


def next_due(session: Session) -> datetime | None:
    """The next moment at which something is to be done."""
    *moments, began, _ = session.execute(_LOOK).one()
    return _first_of([*moments, began + GRACE if began else None])


def gathering(session: Session) -> list[str]:
    """Ids of the followers that still bring in who was reached by the alert before them."""
    return list(session.scalars(select(Alert.id).where(_gathers())))


def _first_of(moments: list[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _gathers() -> ColumnElement[bool]:
    return (Alert.state == AlertState.RUNNING) & Alert.frozen_at.is_(None) & (Alert.kind != AlertKind.ALERT)


def _first(column: SQLColumnExpression[Any], which: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(func.min(column)).where(which).scalar_subquery()


def _next_step() -> ScalarSelect[Any]:
    """The first step of a person: of each running alert the first by its index, so that long lists cost nothing."""
    of_alert = select(Reach.next_at).where(Reach.alert_id == Alert.id, Reach.next_at.is_not(None))
    first = of_alert.order_by(Reach.next_at).limit(1).correlate(Alert).scalar_subquery()
    return _first(first, Alert.state == AlertState.RUNNING)


def _review_open() -> ColumnElement[bool]:
    told = exists().where(
        Callout.alert_id == Alert.id, Callout.kind == CalloutKind.ALONE, Callout.subject.endswith("late")
    )
    return Alert.alone & Alert.reviewed_at.is_(None) & ~told


def _unwritten() -> ColumnElement[bool]:
    waits = exists().where(
        Reach.alert_id == Alert.id, Reach.step == ReachStep.WAIT, Reach.excluded == ""
    )  # fmt: skip
    return exists().where(Alert.state == AlertState.RUNNING, waits)


_LOOK = select(
    _next_step(),
    _first(Callout.next_at, Callout.done_at.is_(None) & Callout.next_at.is_not(None)),
    _first(Alert.send_at, Alert.state == AlertState.SIGNED),
    _first(Alert.valid_until, Alert.state.in_(IN_FORCE)),
    _first(Alert.review_due_at, _review_open()),
    _first(Alert.issued_at, _gathers()),
    _unwritten(),
)
"""Made once, for it is asked for ever."""
