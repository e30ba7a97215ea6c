"""The service log: one contact point's month, and which points have been quiet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from farmerline.clock import local
from farmerline.domain import areas
from farmerline.domain.areas import inside_any
from farmerline.errors import Absent
from farmerline.models import (
    Account,
    AccountState,
    AuditRow,
    Case,
    CaseState,
    Inbound,
    Reach,
    Role,
    RoleGrant,
    ServiceEntry,
    Settled,
)
from farmerline.queries.monthly import Month

QUIET_DAYS = 14
"""After so many days without an entry or an act a point is called quiet."""
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """A service as it was noted."""

    id: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sheet:
    """A point's month. ``kinds`` counts services by kind, ``days`` them by day; the rest counts itself: people enrolled,
    told in person of an alert, messages entered for people, cases closed."""

    account_id: str
    name: str
    place: str
    kinds: Mapping[str, int]
    days: Sequence[tuple[date, Mapping[str, int]]]
    enrolled: int
    told: int
    entered: int
    closed: int

    @property
    def services(self) -> int:
        return sum(self.kinds.values())


@dataclass(frozen=True, slots=True)
class Point:
    """A contact point in a list. ``last_at`` is its last act, None where there never was one."""

    account_id: str
    name: str
    place: str
    services: int
    last_at: datetime | None
    quiet: bool


def newest(session: Session, account_id: str, *, now: datetime) -> list[Entry]:
    """What a point noted today, the newest first."""
    morning = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    query = select(ServiceEntry).where(ServiceEntry.account_id == account_id, ServiceEntry.at >= morning)
    rows = session.scalars(query.order_by(ServiceEntry.at.desc(), ServiceEntry.id.desc()).limit(_SHOWN))
    return [Entry(row.id, row.kind.value, row.at) for row in rows]


def sheet(session: Session, account_id: str, *, held: Sequence[str], month: Month) -> Sheet:
    """A point's month; ``Absent`` for who is no contact point inside the areas ``held``."""
    place = next((one.area_code for one in _grants(session, held) if one.account_id == account_id), None)
    if place is None:
        raise Absent
    first, after = month.bounds

    def counted(
        who: InstrumentedAttribute[str | None],
        at: InstrumentedAttribute[datetime | None],
        *where: ColumnElement[bool],
    ) -> int:
        query = (
            select(func.count())
            .select_from(who.class_)
            .where(who == account_id, at >= first, at < after, *where)
        )
        return session.scalar(query) or 0

    query = select(ServiceEntry).where(
        ServiceEntry.account_id == account_id, ServiceEntry.at >= first, ServiceEntry.at < after
    )
    days: dict[date, Counter[str]] = {}
    for row in session.scalars(query.order_by(ServiceEntry.at)):
        days.setdefault(local(row.at).date(), Counter())[row.kind.value] += 1
    return Sheet(
        account_id=account_id, name=session.get_one(Account, account_id).name, place=areas.path_name(session, place),
        kinds=sum(days.values(), Counter()), days=tuple(days.items()),
        enrolled=counted(Account.verified_by, Account.verified_at),
        told=counted(Reach.settled_by, Reach.settled_at, Reach.settled == Settled.TOLD),
        entered=counted(Inbound.operator_id, Inbound.handled_at),
        closed=counted(Case.closed_by, Case.closed_at, Case.state == CaseState.CLOSED),
    )  # fmt: skip


def points(session: Session, *, held: Sequence[str], month: Month, now: datetime) -> list[Point]:
    """The contact points below the areas ``held``, the quietest first."""
    grants = {one.account_id: one for one in _grants(session, held) if one.area_code not in held}
    ids = list(grants)
    first, after = month.bounds
    logged = select(ServiceEntry.account_id, func.count()).where(
        ServiceEntry.at >= first, ServiceEntry.at < after
    )
    services = dict(session.execute(logged.group_by(ServiceEntry.account_id)).tuples().all())
    last = _last_acts(session, ids)
    names = {one.id: one.name for one in session.scalars(select(Account).where(Account.id.in_(ids)))}
    places = {one: areas.path_name(session, one) for one in {grant.area_code for grant in grants.values()}}
    found = [
        Point(one, names[one], places[grant.area_code], services.get(one, 0), last.get(one), _is_quiet(grant, last.get(one), now))
        for one, grant in grants.items()
    ]  # fmt: skip
    return sorted(
        found,
        key=lambda point: (not point.quiet, point.last_at is not None, point.last_at or now, point.name),
    )


def _is_quiet(grant: RoleGrant, last: datetime | None, now: datetime) -> bool:
    return max(grant.granted_at, last or grant.granted_at) < now - timedelta(days=QUIET_DAYS)


def _last_acts(session: Session, ids: Sequence[str]) -> dict[str, datetime]:
    """The last act of each; signing in and out is none."""
    acts = (
        select(AuditRow.actor_id, func.max(AuditRow.at))
        .where(AuditRow.actor_id.in_(ids), AuditRow.act.not_like("signin.%"))
        .group_by(AuditRow.actor_id)
    )
    return dict(session.execute(acts).tuples().all())


def _grants(session: Session, held: Sequence[str]) -> list[RoleGrant]:
    """Who holds the role of a contact point inside these areas, the widest place of each last."""
    query = (
        select(RoleGrant)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.role == Role.CONTACT,
            RoleGrant.ended_at.is_(None),
            inside_any(RoleGrant.area_code, held),
        )
        .where(Account.state == AccountState.VERIFIED)
        .order_by(func.length(RoleGrant.area_code), RoleGrant.area_code)
    )
    return list(session.scalars(query))
