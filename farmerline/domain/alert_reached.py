"""Whom an alert's follower goes to: those whom the one before it reached, each by a way that reached them.

An update, a correction, an all-clear and a cancellation are for people who heard the first one, and for nobody else.
Reports of the first one may still be under way when it ends: a text without a report counts as arrived after a
minute, and one that is reported later brings its reader in then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import Session, aliased

from farmerline.domain import audience
from farmerline.domain.audience import PERSON, Listed
from farmerline.errors import Conflict
from farmerline.messages import Channel
from farmerline.models import Account, AccountState, Alert, Delivery, DeliveryState, Reach, Settled

GRACE = timedelta(seconds=60)
"""How long a report is waited for before a text that was handed over counts as arrived."""
BATCH = 1000
"""People a transaction: whoever else writes waits for it."""
_BY_VOICE = frozenset({Settled.KEY, Settled.HEARD})
_NEEDED = (
    Reach.account_id, Reach.area_code, Reach.phone_index, Reach.lead_id, Reach.settled, Reach.heard_at,
    Reach.heard_seconds,
)  # fmt: skip
_ANSWERED = _BY_VOICE | {Settled.REPLY, Settled.PAGE, Settled.TOLD}


def freeze(session: Session, alert: Alert, *, now: datetime) -> None:
    """Write down who is reached by now. Raises ``Conflict`` where nobody is."""
    parent = session.get_one(Alert, alert.parent_id)
    audience.write(session, alert, list(_reached(session, parent, after=True, known=set())))
    if alert.people == 0:
        raise Conflict(
            "audience_empty_parent", "No. {number} has reached nobody yet: there is nobody to tell.",
            number=parent.number,
        )  # fmt: skip
    alert.frozen_at = now


def so_far(session: Session, parent: Alert) -> list[Listed]:
    """Whom an alert has reached by now: who would get what follows it."""
    return list(_reached(session, parent, after=True, known=set()))


def gather(session: Session, alert: Alert, *, now: datetime, limit: int = BATCH) -> int:
    """Bring in the next who were reached since; ``alert.frozen_at`` is set once nothing is under way any more.

    Returns how many.

    For a follower that is going out, whose parent was stopped when it began.
    """
    parent = session.get_one(Alert, alert.parent_id)
    grace = alert.issued_at is not None and now >= alert.issued_at + GRACE
    known = set(session.scalars(select(Reach.account_id).where(Reach.alert_id == alert.id)))
    fresh = list(islice(_reached(session, parent, after=grace, known=known), limit))
    audience.add(session, alert, fresh)
    if fresh:
        everybody = select(Reach.account_id).where(Reach.alert_id == alert.id)
        ids = list(session.scalars(everybody))
        alert.people, alert.list_hash = len(ids), audience.hash_of(ids)
    if grace and len(fresh) < limit and not _under_way(session, parent):
        alert.frozen_at = now
    return len(fresh)


def has_news(session: Session, alert_id: str, *, now: datetime) -> bool:
    """Whether ``gather`` would change anything: somebody was reached since, or the wait is over. Reads only."""
    alert = session.get_one(Alert, alert_id)
    if alert.issued_at is not None and now >= alert.issued_at + GRACE:
        return True
    parent = session.get_one(Alert, alert.parent_id)
    listed, theirs = aliased(Reach), aliased(Delivery)
    known = exists().where(listed.alert_id == alert.id, listed.account_id == Reach.account_id)
    arrived = exists().where(
        theirs.campaign_id == parent.campaign_id,
        theirs.account_id == Reach.lead_id,
        theirs.state == DeliveryState.DELIVERED,
    )
    heard = Reach.settled.in_(_ANSWERED) | Reach.heard_at.is_not(None) | (Reach.heard_seconds > 0)
    fresh = select(Reach.account_id).where(Reach.alert_id == parent.id, Reach.excluded == "", ~known)
    return session.scalar(fresh.where(heard | arrived).limit(1)) is not None


def _under_way(session: Session, parent: Alert) -> int:
    mine = select(func.count()).select_from(Delivery).where(Delivery.campaign_id == parent.campaign_id)
    return session.scalar(mine.where(Delivery.state == DeliveryState.SENDING)) or 0


def _reached(session: Session, parent: Alert, *, after: bool, known: set[str]) -> Iterator[Listed]:
    """``after``: texts that were handed over and have no report yet count as well."""
    arrived = _arrivals(session, parent, after)
    people = (
        select(*_NEEDED, Account.state)
        .join(Account, Account.id == Reach.account_id)
        .where(Reach.alert_id == parent.id, Reach.excluded == "")
        .order_by(Reach.account_id)
    )
    rows = session.execute(people).all()
    leads = _leads(rows)
    for row in rows:
        channel = _way(row, arrived.get(row.lead_id, set()))
        if channel is None or row.account_id in known:
            continue
        excluded = "" if row.state is AccountState.VERIFIED else "left"
        lead = leads.get(row.lead_id, row.account_id) if channel != PERSON else row.account_id
        yield Listed(row.account_id, row.area_code, row.phone_index, lead, channel, excluded)


def _leads(rows: Iterable[Row[Any]]) -> dict[str, str]:
    """By whom each phone is told: its leading member, or the first who is still there."""
    there = [row for row in rows if row.state is AccountState.VERIFIED]
    found: dict[str, str] = {}
    for row in sorted(there, key=lambda one: one.lead_id != one.account_id):
        found.setdefault(row.lead_id, row.account_id)
    return found


def _arrivals(session: Session, parent: Alert, after: bool) -> dict[str, set[Channel]]:
    arrived = [DeliveryState.DELIVERED, DeliveryState.SENT] if after else [DeliveryState.DELIVERED]
    rows = select(Delivery.account_id, Delivery.channel, Delivery.state).where(
        Delivery.campaign_id == parent.campaign_id, Delivery.state.in_(arrived)
    )
    found: dict[str, set[Channel]] = {}
    for account_id, channel, state in session.execute(rows):
        if channel is not Channel.VOICE or state is DeliveryState.DELIVERED:  # a call that rings is no answer
            found.setdefault(account_id, set()).add(channel)
    return found


def _way(row: Row[Any], arrived: set[Channel]) -> str | None:
    """How this person was reached: by that way they are told again; None where they were not."""
    if Channel.SMS in arrived or row.settled is Settled.REPLY:
        return Channel.SMS.value
    if Channel.VOICE in arrived or row.settled in _BY_VOICE or row.heard_at is not None or row.heard_seconds:
        return Channel.VOICE.value
    if Channel.MAILBOX in arrived or row.settled is Settled.PAGE:
        return Channel.MAILBOX.value
    return PERSON if row.settled is Settled.TOLD else None
