"""Alerts as they stand: who was reached, village by village and by name; the lists; what happened when.

Each person of the list is counted once: ``planned = confirmed + told + unreached + excluded``. ``sent``, ``delivered``,
``rang`` and ``heard`` say to how many people each of these ever happened (a household shares its phone's).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, lazyload

from farmerline.domain import areas as places
from farmerline.domain.people import names_of
from farmerline.domain.reach import CONFIRMED
from farmerline.identity import mask_phone
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    Alert,
    AlertArea,
    AlertState,
    AuditRow,
    Delivery,
    DeliveryState,
    Reach,
    ReachStep,
    Settled,
)

_HANDED = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.FAILED)
_RANG = "no_answer"


@dataclass(frozen=True, slots=True)
class Status:
    """People of the list; see the module for how they add up."""

    planned: int
    sent: int
    delivered: int
    rang: int
    heard: int
    confirmed: int
    told: int
    unreached: int
    excluded: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Messages (texts, letters and calls): waiting, held, with the carrier, arrived, failed with each reason's count."""

    queued: int
    held: int
    handed_over: int
    delivered: int
    failed: int
    reasons: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VillageLine:
    """One village of the list. ``silent`` are those of the unreached to whom something arrived and who have not answered."""

    area_code: str
    name: str
    planned: int
    delivered: int
    confirmed: int
    told: int
    unreached: int
    excluded: int
    sent: int = 0
    heard: int = 0
    silent: int = 0


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody who is not reached yet. ``why`` is the last reason's code, ``going`` who goes there ("" for nobody),
    ``next_at`` when the service tries again, ``listed`` whether they are on a contact point's list."""

    account_id: str
    name: str
    phone: str
    area_code: str
    village: str
    why: str
    going: str
    next_at: datetime | None
    step: ReachStep
    rings: int
    heard_seconds: float | None
    listed: bool = False


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert in a list."""

    id: str
    number: str
    exercise: bool
    kind: str
    colour: str
    state: str
    crop: str
    pest: str
    degree: int
    people: int
    drafted_by: str
    drafted_at: datetime
    submitted_at: datetime | None
    issued_at: datetime | None
    send_at: datetime | None
    valid_until: datetime


def status(session: Session, alert: Alert) -> Status:
    """How many people of the list are where."""
    row = session.execute(_counts(alert)).one()
    return Status(**{one.name: int(getattr(row, one.name) or 0) for one in fields(Status)})


def villages(session: Session, alert: Alert) -> list[VillageLine]:
    """The same by village, the most unreached first."""
    rows = session.execute(_counts(alert).add_columns(Reach.area_code).group_by(Reach.area_code)).all()
    names = places.names(session, [row.area_code for row in rows])
    found = [
        VillageLine(
            row.area_code, names.get(row.area_code, row.area_code), int(row.planned), int(row.delivered or 0),
            int(row.confirmed or 0), int(row.told or 0), int(row.unreached or 0), int(row.excluded or 0),
            int(row.sent or 0), int(row.heard or 0), int(row.silent or 0),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda line: (-line.unreached, line.area_code))


def progress(session: Session, alert: Alert) -> Progress:
    """The alert's messages by what became of them."""
    query = (
        select(Delivery.state, Delivery.reason, func.count())
        .where(Delivery.campaign_id == broadcast_of(alert))
        .group_by(Delivery.state, Delivery.reason)
    )
    count: dict[DeliveryState, int] = dict.fromkeys(DeliveryState, 0)
    reasons: dict[str, int] = {}
    for state, reason, number in session.execute(query):
        count[state] += number
        if state in (DeliveryState.FAILED, DeliveryState.DEAD):
            reasons[reason or "error"] = reasons.get(reason or "error", 0) + number
    return Progress(
        queued=count[DeliveryState.QUEUED] + count[DeliveryState.SENDING],
        held=count[DeliveryState.HELD],
        handed_over=count[DeliveryState.SENT] + count[DeliveryState.DELIVERED] + count[DeliveryState.FAILED],
        delivered=count[DeliveryState.DELIVERED],
        failed=count[DeliveryState.FAILED] + count[DeliveryState.DEAD],
        reasons=reasons,
    )


def unreached(session: Session, alert: Alert, *, areas: Sequence[str], limit: int = 500) -> list[PersonLine]:
    """Who has not confirmed yet, by name: whom nobody goes to first, then by village. ``areas`` are what the reader may see.

    Of an alert that has ended nobody goes to them any more, and nothing comes next.
    """
    over = alert.ended_at is not None
    query = (
        select(Reach, Account)
        .join(Account, Account.id == Reach.account_id)
        .where(Reach.alert_id == alert.id, Reach.settled == Settled.OPEN, Reach.excluded == "")
        .where(or_(*(places.inside(Reach.area_code, code) for code in areas)))
        .order_by(Reach.listed_at.is_(None), Reach.going_id.is_not(None), Reach.area_code, Reach.account_id)
        .limit(limit)
        .options(lazyload("*"))
    )
    rows = session.execute(query).tuples().all()
    names = places.names(session, {row.area_code for row, _ in rows})
    going = {} if over else names_of(session, {row.going_id for row, _ in rows})
    return [
        PersonLine(
            account.id, account.name, mask_phone(account.phone) if account.phone else "", row.area_code,
            names.get(row.area_code, row.area_code), row.failed_why, going.get(row.going_id or "", ""), row.next_at,
            ReachStep.DONE if over else row.step, row.rings, row.heard_seconds, not over and row.listed_at is not None,
        )
        for row, account in rows
    ]  # fmt: skip


def unreached_counts(session: Session, alert_ids: Sequence[str]) -> dict[str, int]:
    """How many people of each alert have neither confirmed nor been told."""
    query = (
        select(Reach.alert_id, func.count())
        .where(Reach.alert_id.in_(alert_ids), Reach.excluded == "", Reach.settled == Settled.OPEN)
        .group_by(Reach.alert_id)
    )
    found = {alert_id: count for alert_id, count in session.execute(query)}  # noqa: C416
    return {alert_id: found.get(alert_id, 0) for alert_id in alert_ids}


def listing(
    session: Session, *, areas: Sequence[str], states: Sequence[AlertState] | None = None, limit: int = 50
) -> list[AlertLine]:
    """The alerts that touch these areas, the newest first."""
    mine = select(AlertArea.alert_id).where(
        or_(*(places.inside(AlertArea.area_code, code) for code in areas))
    )
    query = select(Alert).where(Alert.id.in_(mine))
    if states is not None:
        query = query.where(Alert.state.in_(states))
    rows = list(session.scalars(query.order_by(Alert.drafted_at.desc(), Alert.id.desc()).limit(limit)))
    names = names_of(session, {row.drafted_by for row in rows})
    return [
        AlertLine(
            row.id, row.number, row.exercise, row.kind.value, row.colour.value, row.state.value, row.crop, row.pest,
            row.degree, row.people, names.get(row.drafted_by, ""), row.drafted_at, row.submitted_at, row.issued_at,
            row.send_at, row.valid_until,
        )
        for row in rows
    ]  # fmt: skip


def history(session: Session, alert: Alert) -> list[tuple[datetime, str, str]]:
    """What was done to the alert: when, which act, by whom ("" for the service itself)."""
    query = select(AuditRow).where(AuditRow.subject == f"alert:{alert.id}", AuditRow.for_id == "")
    rows = list(session.scalars(query.order_by(AuditRow.number)))
    names = names_of(session, {row.actor_id for row in rows})
    return [(row.at, row.act, names.get(row.actor_id, "")) for row in rows]


def broadcast_of(alert: Alert) -> str:
    """The id of the alert's broadcast; "" before it began, which no message carries (None would fit every other one)."""
    return alert.campaign_id or ""


def _counts(alert: Alert) -> Select[Any]:
    arrived = Delivery.state == DeliveryState.DELIVERED
    rang = (Delivery.channel == Channel.VOICE) & or_(arrived, Delivery.reason == _RANG)
    sent, delivered = _ever(alert, Delivery.state.in_(_HANDED)), _ever(alert, arrived)
    counted = Reach.excluded == ""
    mine = Reach.settled == Settled.NOT_MINE

    def people(which: ColumnElement[bool]) -> ColumnElement[Any]:
        return func.sum(case((and_(counted, which), 1), else_=0))

    return (
        select(
            func.count().label("planned"),
            people(sent).label("sent"),
            people(delivered).label("delivered"),
            people(_ever(alert, rang)).label("rang"),
            people(Reach.heard_at.is_not(None)).label("heard"),
            people(Reach.settled.in_(CONFIRMED)).label("confirmed"),
            people(Reach.settled == Settled.TOLD).label("told"),
            people(Reach.settled == Settled.OPEN).label("unreached"),
            people(and_(Reach.settled == Settled.OPEN, delivered)).label("silent"),
            func.sum(case((or_(~counted, mine), 1), else_=0)).label("excluded"),
        )
        .select_from(Reach)
        .where(Reach.alert_id == alert.id)
    )


def _ever(alert: Alert, which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether this ever was so of a message to the phone's leading member.

    Asked person by person by an index: a join with all messages, grouped, takes PostgreSQL minutes while its
    statistics do not know the alert yet.
    """
    mine = (Delivery.campaign_id == broadcast_of(alert)) & (Delivery.account_id == Reach.lead_id)
    return exists().where(mine, which).correlate(Reach)
