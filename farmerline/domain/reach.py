"""What became of each person on an alert's list: settled by an answer, a call heard to its end, or in person.

What settles a phone settles everybody of its household; the redials, texts and list entries that wait for them end in
the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, lazyload

from farmerline.domain import access, audit, reach_log
from farmerline.domain.access import Actor
from farmerline.domain.alert_words import code_of
from farmerline.domain.many import among, words
from farmerline.errors import Conflict
from farmerline.models import (
    IN_FORCE,
    Account,
    Alert,
    Delivery,
    DeliveryState,
    Question,
    QuestionKind,
    QuestionState,
    Reach,
    ReachStep,
    Role,
    Settled,
)

CONFIRMED = frozenset({Settled.REPLY, Settled.PAGE, Settled.KEY, Settled.HEARD, Settled.RECEIPT})
"""What counts as confirmed."""
HEARD_SHARE = 0.9
"""The share of a call's words that counts as heard to the end."""
TOLD_AGAIN_WITHIN = timedelta(hours=1)
"""How long who was put back on the contact point's list stays there before the town's has them too."""
_ALONE = frozenset({Settled.TOLD})
_OF_DELIVERY = (
    select(Alert, Reach)
    .join(Reach, Reach.alert_id == Alert.id)
    .where(Alert.campaign_id == bindparam("campaign"), Reach.account_id == bindparam("account"))
    .options(lazyload(Alert.areas))
)
"""Made once: each report of a carrier asks it."""


def _lines_by(column: InstrumentedAttribute[Any]) -> Select[tuple[Reach]]:
    """An alert's lines, locked, by values of a column. In the order of that column first: SQLite would read the whole list of
    the alert to have it in the order of its people."""
    mine = select(Reach).where(Reach.alert_id == bindparam("alert"), among(column, words("values")))
    ordered = mine.order_by(column, Reach.account_id).with_for_update()
    return ordered.execution_options(populate_existing=True)


_BY_ACCOUNT, _BY_PHONE = _lines_by(Reach.account_id), _lines_by(Reach.phone_index)


def settle(
    session: Session,
    alert: Alert,
    *,
    account_ids: Collection[str] = (),
    phone_index: str | None = None,
    how: Settled,
    now: datetime,
    by: Account | None = None,
) -> int:
    """Close the open lines of these people, or of everybody of a phone; returns how many.

    Except for who was told in person, all members of the same phone are settled together. Nothing more is sent to
    them about this alert.
    """
    rows = _open_rows(session, alert, account_ids, phone_index, alone=how in _ALONE)
    for row in rows:
        row.settled, row.settled_at = how, now
        row.settled_by = by.id if by else None
        row.step, row.next_at = ReachStep.DONE, None
        if how in (Settled.KEY, Settled.HEARD):
            row.heard_at = row.heard_at or now
    if rows:
        session.flush()
        ids = [row.account_id for row in rows]
        reach_log.note(session, alert.id, ids, state=how.value, source=by.id if by else how.value, now=now)
        _let_go(session, alert, ids, now)
    return len(rows)


def unheard(
    session: Session, *, phone_index: str | None, account_ids: Collection[str], now: datetime
) -> list[tuple[Alert, list[Reach]]]:
    """The alerts in force that wait for these people or this phone, the most urgent first, with their open lines."""
    mine: list[ColumnElement[bool]] = [Reach.account_id.in_(account_ids)]
    if phone_index:
        mine.append(Reach.phone_index == phone_index)
    query = (
        select(Alert, Reach)
        .join(Alert, Alert.id == Reach.alert_id)
        .where(or_(*mine), Reach.settled == Settled.OPEN, Reach.excluded == "", Reach.heard_at.is_(None))
        .where(Alert.holds(now))
        .options(lazyload(Alert.areas))
    )
    found: dict[str, tuple[Alert, list[Reach]]] = {}
    for alert, row in session.execute(query):
        found.setdefault(alert.id, (alert, []))[1].append(row)
    return sorted(found.values(), key=_most_urgent)


def lines(
    session: Session, alert: Alert, *, account_ids: Collection[str], phones: Collection[str]
) -> list[Reach]:
    """The lines of these people and phones (their indexes), locked; quick however long the alert's list is."""
    found: dict[str, Reach] = {}
    for query, values in ((_BY_ACCOUNT, account_ids), (_BY_PHONE, phones)):  # an index for each
        rows = session.scalars(query, {"alert": alert.id, "values": values}) if values else ()
        found |= {row.account_id: row for row in rows}
    return list(found.values())


def of_delivery(session: Session, delivery: Delivery) -> tuple[Alert, Reach] | None:
    """The alert that a message belongs to, and its person's line; None for other broadcasts."""
    if delivery.campaign_id is None:
        return None
    found = session.execute(
        _OF_DELIVERY, {"campaign": delivery.campaign_id, "account": delivery.account_id}
    ).first()
    return (found[0], found[1]) if found else None


def tell_in_person(session: Session, row: Reach, *, by: Actor, now: datetime) -> None:
    """The contact point told this person. Raises ``Absent`` outside its villages; once it is settled, nothing happens."""
    alert = _at_desk(session, row, by)
    if row.settled is Settled.OPEN:
        settle(
            session, alert, account_ids=[row.account_id], how=Settled.TOLD, now=now,
            by=session.get_one(Account, by.account_id),
        )  # fmt: skip
        _note(session, row, "reach.told", by, now)


def unhear(session: Session, row: Reach, *, now: datetime) -> None:
    """It was no person who heard it: open again, and rung next as if the call had been cut short."""
    row.settled, row.settled_at, row.heard_at, row.heard_seconds = Settled.OPEN, None, None, None
    row.step, row.next_at = (ReachStep.RING, now) if row.lead else (ReachStep.TEXT, None)
    reach_log.note(session, row.alert_id, [row.account_id], state="open", source="machine", now=now)


def untell(session: Session, row: Reach, *, by: Actor, now: datetime) -> None:
    """It was not this person after all: back on the list. Raises ``Conflict`` where it was settled otherwise."""
    _at_desk(session, row, by)
    if row.settled is not Settled.TOLD:
        raise Conflict("reach_settled", "This was settled otherwise: nothing was changed.")
    row.settled, row.settled_at, row.settled_by = Settled.OPEN, None, None
    row.step = ReachStep.TOWN if row.town_at else ReachStep.LIST
    row.next_at = None if row.town_at else now + TOLD_AGAIN_WITHIN
    reach_log.note(session, row.alert_id, [row.account_id], state="open", source=by.account_id, now=now)
    _note(session, row, "reach.untold", by, now)


def go(session: Session, row: Reach, *, by: Actor, now: datetime, who: Account | None = None) -> None:
    """Somebody goes there: ``who``, else the actor. For contact points of the place and for who works on the alert."""
    _at_desk(session, row, by, frozenset({Role.CONTACT, Role.OFFICER, Role.SIGNER}))
    row.going_id = who.id if who else by.account_id
    row.listed_at = row.listed_at or now
    reach_log.note(session, row.alert_id, [row.account_id], state="going", source=by.account_id, now=now)
    _note(session, row, "reach.go", by, now)


def exclude(session: Session, alert: Alert, account_ids: Collection[str], *, why: str, now: datetime) -> int:
    """Leave people out who may not be told any more (consent, they left); returns how many."""
    rows = _open_rows(session, alert, account_ids, None, alone=True)
    for row in rows:
        row.excluded, row.step, row.next_at = why, ReachStep.DONE, None
    session.flush()
    reach_log.note(session, alert.id, [row.account_id for row in rows], state="excluded", source=why, now=now)
    return len(rows)


def close_all(session: Session, alert: Alert, *, reason: str, now: datetime) -> None:
    """Nothing more happens for this alert: what waits is not sent, nobody is rung, no answer is waited for."""
    session.execute(
        update(Reach)
        .where(Reach.alert_id == alert.id, Reach.next_at.is_not(None))
        .values(next_at=None)
        .execution_options(synchronize_session="fetch")
    )
    if alert.campaign_id is not None:
        _cancel(session, Delivery.campaign_id == alert.campaign_id, reason, now)
    listed = select(Reach.account_id).where(Reach.alert_id == alert.id)
    mine = Question.account_id.in_(listed) & (
        Question.code == code_of(alert)
    )  # by an index: never the whole table
    _close_questions(session, mine & (Question.data["alert"].as_string() == alert.id), now)


def _open_rows(
    session: Session, alert: Alert, account_ids: Collection[str], phone_index: str | None, *, alone: bool
) -> list[Reach]:
    phones = {phone_index} if phone_index else set()
    if account_ids and not alone:
        known = select(Reach.phone_index).where(
            Reach.alert_id == alert.id, Reach.account_id.in_(account_ids), Reach.phone_index.is_not(None)
        )
        phones.update(session.scalars(known))
    rows = lines(session, alert, account_ids=account_ids, phones=phones)
    return [row for row in rows if row.settled is Settled.OPEN and not row.excluded]


def _let_go(session: Session, alert: Alert, account_ids: Sequence[str], now: datetime) -> None:
    if alert.campaign_id is not None:
        _cancel(
            session,
            (Delivery.campaign_id == alert.campaign_id) & Delivery.account_id.in_(account_ids),
            "settled",
            now,
        )
    _close_questions(session, Question.account_id.in_(account_ids) & (Question.code == code_of(alert)), now)


def _cancel(session: Session, which: ColumnElement[bool], reason: str, now: datetime) -> None:
    session.execute(
        update(Delivery)
        .where(which, Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.HELD)))
        .values(state=DeliveryState.CANCELLED, reason=reason, settled_at=now)
        .execution_options(synchronize_session="fetch")
    )


def _close_questions(session: Session, which: ColumnElement[bool], now: datetime) -> None:
    session.execute(
        update(Question)
        .where(which, Question.kind == QuestionKind.ALERT, Question.state == QuestionState.OPEN)
        .values(state=QuestionState.REPLACED, answered_at=now)
        .execution_options(synchronize_session="fetch")
    )


def _at_desk(
    session: Session, row: Reach, by: Actor, roles: frozenset[Role] = frozenset({Role.CONTACT})
) -> Alert:
    access.authorise(by, roles, row.area_code)
    session.refresh(row, with_for_update=True)
    alert = session.get_one(Alert, row.alert_id)
    if alert.state not in IN_FORCE or row.excluded:
        raise Conflict("alert_ended", "No. {number} no longer holds.", number=alert.number)
    return alert


def _most_urgent(found: tuple[Alert, list[Reach]]) -> tuple[int, float]:
    alert = found[0]
    return -alert.colour.urgency, -alert.issued_at.timestamp() if alert.issued_at else 0.0


def _note(session: Session, row: Reach, act: str, by: Actor, now: datetime) -> None:
    session.flush()
    audit.record(
        session,
        actor_id=by.account_id,
        act=act,
        subject=f"alert:{row.alert_id}",
        for_id=row.account_id,
        now=now,
    )
