"""What the page of a running alert needs beside its counts: what happens next and when, and whom one could send."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from farmerline.domain import alert_control, areas
from farmerline.models import (
    Account,
    AccountState,
    Alert,
    Delivery,
    DeliveryState,
    Reach,
    ReachStep,
    Role,
    RoleGrant,
    Settled,
)
from farmerline.queries.alerts import broadcast_of


@dataclass(frozen=True, slots=True)
class Split:
    """The people that are not told yet: ``waiting`` for an answer, ``ringing`` called or about to be, ``going`` on a
    contact point's list and somebody goes, ``nobody`` on it and nobody goes; with the next moment of what waits."""

    waiting: int = 0
    ringing: int = 0
    going: int = 0
    nobody: int = 0
    rings_at: datetime | None = None
    lists_at: datetime | None = None
    towns_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Who can be sent to a village's people: its contact point, else that of its town or county."""

    account_id: str
    name: str


def split(session: Session, alert: Alert) -> Split:
    """The open lines of the list by what happens with them."""
    listed, goes = Reach.listed_at.is_not(None), Reach.going_id.is_not(None)
    query = select(Reach.step, listed, goes, func.count(), func.min(Reach.next_at)).where(*_open(alert))
    counts = dict.fromkeys(("waiting", "ringing", "going", "nobody"), 0)
    moments: dict[str, datetime | None] = {}
    for step, is_listed, somebody, count, next_at in session.execute(
        query.group_by(Reach.step, listed, goes)
    ):
        if is_listed or somebody:
            counts["going" if somebody else "nobody"] += count
        else:
            counts["ringing" if step is ReachStep.RING else "waiting"] += count
        name = "towns_at" if is_listed else "lists_at" if step is ReachStep.LIST else "rings_at"
        if next_at is not None:
            moments[name] = min(next_at, moments.get(name) or next_at)
    return Split(
        **counts,
        rings_at=moments.get("rings_at"),
        lists_at=moments.get("lists_at"),
        towns_at=moments.get("towns_at"),
    )


def nobody_goes(session: Session, alert: Alert) -> list[Reach]:
    """The lines of a contact point's list to whom nobody goes yet."""
    query = select(Reach).where(*_open(alert), Reach.listed_at.is_not(None), Reach.going_id.is_(None))
    return list(session.scalars(query.order_by(Reach.area_code, Reach.account_id)))


def line_of(session: Session, alert: Alert, account_id: str) -> Reach | None:
    """One person's line; None where they are not on the list."""
    return session.get(Reach, (alert.id, account_id))


def account_of(session: Session, contact: Contact | None) -> Account | None:
    """The person who would go."""
    return session.get(Account, contact.account_id) if contact else None


def contacts(session: Session, villages: Collection[str]) -> dict[str, Contact]:
    """For each village who serves it: the contact point of the narrowest area around it, the longest-serving first."""
    around = {code: areas.prefixes(code) for code in villages}
    wanted = sorted({prefix for prefixes in around.values() for prefix in prefixes})
    query = (
        select(RoleGrant.area_code, Account)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.role == Role.CONTACT, RoleGrant.ended_at.is_(None), RoleGrant.area_code.in_(wanted))
        .where(Account.state == AccountState.VERIFIED)
        .order_by(RoleGrant.granted_at.desc(), RoleGrant.id.desc())
    )
    serving = {code: Contact(account.id, account.name) for code, account in session.execute(query)}
    near = {
        code: next((serving[one] for one in prefixes if one in serving), None)
        for code, prefixes in around.items()
    }
    return {code: contact for code, contact in near.items() if contact is not None}


def to_text_again(session: Session, alert: Alert) -> int:
    """How many phones ``alert_control.resend`` would text."""
    mine = alert_control.unarrived(alert).subquery()
    return session.scalar(select(func.count()).select_from(mine)) or 0


def first_arrival(session: Session, alert: Alert) -> datetime | None:
    """When the first message arrived."""
    query = select(func.min(Delivery.settled_at)).where(
        Delivery.campaign_id == broadcast_of(alert), Delivery.state == DeliveryState.DELIVERED
    )
    return session.scalar(query)


def _open(alert: Alert) -> tuple[ColumnElement[bool], ...]:
    return (Reach.alert_id == alert.id, Reach.excluded == "", Reach.settled == Settled.OPEN)
