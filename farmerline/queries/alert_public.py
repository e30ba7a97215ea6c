"""An alert as everybody may read it, once it has been issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import alert_words, areas
from farmerline.models import Account, Alert, AlertKind, AlertState


@dataclass(frozen=True, slots=True)
class Issued:
    """``last_day`` is a moment of the last day on which it holds. ``newer`` is the number of what took its
    place, ``earlier`` of what it follows; "" without one.

    ``standing`` is ``practice``, ``holds``, ``void``, ``replaced`` or ``over``.
    """

    number: str
    exercise: bool
    kind: str
    colour: str
    standing: str
    text: str
    full_text: str
    crop: str
    pest: str
    places: tuple[str, ...]
    codes: tuple[str, ...]
    degree: int
    last_day: datetime
    ingredient: str
    interval_days: int | None
    signer: str
    issued_at: datetime
    newer: str
    earlier: str


def issued(session: Session, number: str, *, now: datetime) -> Issued | None:
    """The alert of a number as people write it; None where none was issued."""
    alert = alert_words.find(session, number)
    return _shown(session, alert, now) if alert is not None and alert.issued_at is not None else None


def in_force(session: Session, *, now: datetime, most: int = 50) -> list[Issued]:
    """What holds now, the newest first, without exercises."""
    holding = select(Alert).where(Alert.holds(now), Alert.exercise.is_(False), Alert.issued_at.is_not(None))
    return [
        _shown(session, alert, now)
        for alert in session.scalars(holding.order_by(Alert.issued_at.desc()).limit(most))
    ]


def _shown(session: Session, alert: Alert, now: datetime) -> Issued:
    assert alert.issued_at is not None  # noqa: S101 - asked by who calls
    signer = session.get(Account, alert.signed_by or alert.drafted_by)
    newer = alert_words.follower(session, alert)
    return Issued(
        number=alert.number,
        exercise=alert.exercise,
        kind=alert.kind.value,
        colour=alert.colour.value,
        standing=_standing(alert, now),
        text=_head(alert) + alert.short_text,
        full_text=alert.full_text,
        crop=alert.crop,
        pest=alert.pest,
        places=tuple(areas.path_name(session, area.area_code) for area in alert.areas),
        codes=tuple(area.area_code for area in alert.areas),
        degree=alert.degree,
        last_day=alert.last_day,
        ingredient=alert.ingredient,
        interval_days=alert.interval_days,
        signer=signer.name if signer else "",
        issued_at=alert.issued_at,
        newer=newer.number if newer else "",
        earlier=session.get_one(Alert, alert.parent_id).number if alert.parent_id else "",
    )


def _head(alert: Alert) -> str:
    if alert.kind is AlertKind.CANCEL:  # its words name what is void
        return alert_words.DRILL if alert.exercise else ""
    return alert_words.head(alert)


def _standing(alert: Alert, now: datetime) -> str:
    if alert.exercise:
        return "practice"
    if alert.state is AlertState.CANCELLED:
        return "void"
    if alert.state is AlertState.REPLACED:
        return "replaced"
    return "holds" if alert.holds(now) else "over"
