"""Alerts as one person sees them: what waits for an answer, what holds in the village, what has come to the mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from farmerline.domain import alert_words, areas, reach
from farmerline.errors import Absent
from farmerline.models import Account, Alert, AlertArea, Colour, Reach, Settled

_KEPT = timedelta(days=60)
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class OwnAlert:
    """``waits``: an answer by button is still open. ``asks``: an answer is asked for, as of orange and red ones.

    ``before`` is the number of what it makes void, ends or changes ("" without). ``answered`` is how it was settled ("" where
    it is not), at ``answered_at``. ``holds``: what it says is in force. ``household`` are the others of the same phone for
    whom the answer counts too.
    """

    id: str
    number: str
    kind: str
    before: str
    exercise: bool
    colour: str
    crop: str
    pest: str
    words: str
    steps: tuple[str, ...]
    issued_at: datetime
    last_day: datetime
    holds: bool
    waits: bool
    asks: bool
    answered: str
    answered_at: datetime | None
    household: tuple[str, ...]


def waiting(session: Session, account: Account, *, now: datetime) -> list[OwnAlert]:
    """What waits for this person, or for their phone, the most urgent first."""
    found = reach.unheard(session, phone_index=account.phone_index, account_ids=[account.id], now=now)
    return [_own(session, alert, rows, account, now) for alert, rows in found]


def in_force(session: Session, account: Account, *, now: datetime) -> list[OwnAlert]:
    """What holds in this person's village, the most urgent first; exercises only for who takes part."""
    mine = exists().where(Reach.alert_id == Alert.id, Reach.account_id == account.id, Reach.excluded == "")
    here = exists().where(
        AlertArea.alert_id == Alert.id, AlertArea.area_code.in_(areas.prefixes(account.area_code))
    )
    query = select(Alert).where(
        Alert.holds(now),
        Alert.issued_at.is_not(None),
        or_(mine, and_(here, Alert.exercise.is_(False))),
    )
    found = [
        _own(session, alert, _lines(session, alert, account), account, now)
        for alert in session.scalars(query.order_by(Alert.issued_at.desc()).limit(_SHOWN))
    ]
    return sorted(found, key=lambda one: (one.exercise, -Colour(one.colour).urgency))


def received(session: Session, account: Account, *, now: datetime) -> list[OwnAlert]:
    """What was sent to this person in the last two months, as letters are listed: the newest first, ended ones too."""
    query = (
        select(Alert)
        .join(Reach, Reach.alert_id == Alert.id)
        .where(Reach.account_id == account.id, Reach.excluded == "", Alert.issued_at > now - _KEPT)
        .order_by(Alert.issued_at.desc())
        .limit(_SHOWN)
    )
    return [
        _own(session, alert, _lines(session, alert, account), account, now)
        for alert in session.scalars(query)
    ]


def sent_to(session: Session, account: Account, alert_id: str) -> Alert:
    """The alert that was sent to this person or their phone; ``Absent`` for every other."""
    alert = session.get(Alert, alert_id)
    if alert is None or alert.issued_at is None or not _lines(session, alert, account):
        raise Absent
    return alert


def _lines(session: Session, alert: Alert, account: Account) -> list[Reach]:
    mine = Reach.account_id == account.id
    if account.phone_index:
        mine = or_(mine, Reach.phone_index == account.phone_index)
    return list(session.scalars(select(Reach).where(Reach.alert_id == alert.id, mine, Reach.excluded == "")))


def _own(session: Session, alert: Alert, rows: Sequence[Reach], account: Account, now: datetime) -> OwnAlert:
    parent = session.get(Alert, alert.parent_id) if alert.parent_id else None
    own = next((row for row in rows if row.account_id == account.id), rows[0] if rows else None)
    others = [row.account_id for row in rows if row.account_id != account.id and row.settled is Settled.OPEN]
    names = [one.name for one in session.scalars(select(Account).where(Account.id.in_(others)))]
    valid = alert.holds(now)
    return OwnAlert(
        id=alert.id, number=alert.number, kind=alert.kind.value, before=parent.number if parent else "",
        exercise=alert.exercise, colour=alert.colour.value, crop=alert.crop, pest=alert.pest,
        words=alert.short_text or alert_words.as_spoken(alert),
        steps=tuple(step for step in (alert.look_step, alert.threshold, alert.action) if step),
        issued_at=alert.issued_at or alert.drafted_at, last_day=alert.last_day, holds=valid,
        waits=valid and any(row.settled is Settled.OPEN for row in rows), asks=alert.asks_answer,
        answered=own.settled.value if own else "", answered_at=own.settled_at if own else None,
        household=tuple(names),
    )  # fmt: skip
