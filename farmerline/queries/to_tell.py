"""Who of a contact point's people an alert has not reached: whom to tell, why, how long already, and who goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from farmerline.domain import alert_words, areas
from farmerline.domain.access import Actor
from farmerline.errors import Absent
from farmerline.identity import mask_phone
from farmerline.models import (
    Account,
    AccountState,
    Alert,
    Colour,
    Reach,
    Role,
    RoleGrant,
    Settled,
)

UNTELL = timedelta(hours=24)
"""How long a "told" can be taken back on the page."""
MOST = 60
"""People of one alert on a page, which a poor line must carry; the rest follows as these are told."""
_VILLAGE = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A person to be told.

    ``phone`` is masked until it is asked for; "" where there is none. ``why`` is the last reason's code ("" without).
    """

    account_id: str
    name: str
    phone: str
    village: str
    why: str
    rings: int
    heard_seconds: float | None
    since: datetime
    going: str
    going_mine: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A person told in person, who can still be put back on the list."""

    account_id: str
    name: str
    village: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert in force with the people here that it has not reached.

    ``words`` are what to say; ``before`` is the number of the alert that it makes void, ends or replaces ("" without).
    ``people`` are at most ``MOST`` of the ``open`` ones; ``nobody_goes`` counts those to whom nobody goes yet.
    """

    alert_id: str
    number: str
    kind: str
    before: str
    exercise: bool
    colour: str
    crop: str
    pest: str
    words: str
    full_text: str
    last_day: datetime
    since: datetime
    open: int
    nobody_goes: int
    people: tuple[Line, ...]
    told: tuple[Told, ...]


def waiting(session: Session, *, actor: Actor, now: datetime, most: int = MOST) -> list[Waiting]:
    """The alerts in force that have not reached people of the actor's places, the most urgent first.

    A contact point of a village sees its people once they are listed; one of a town those that have waited too long,
    and all of villages that have no contact point of their own.
    """
    lists: dict[str, tuple[Alert, list[Reach], list[Reach]]] = {}
    for alert, row in _listed(session, _here(session, actor), now, Reach.settled == Settled.OPEN):
        lists.setdefault(alert.id, (alert, [], []))[1].append(row)
    lately = and_(Reach.settled == Settled.TOLD, Reach.settled_at > now - UNTELL)
    for alert, row in _listed(session, _places(actor), now, lately):
        lists.setdefault(alert.id, (alert, [], []))[2].append(row)
    shown = [row for _, open_, told in lists.values() for row in (*open_[:most], *told)]
    people = _people(session, shown)
    villages = areas.names(session, {row.area_code for row in shown})
    found = [
        _waiting(session, alert, open_, told, most, _Faces(people, villages, actor.account_id))
        for alert, open_, told in lists.values()
    ]
    return sorted(found, key=lambda one: (not one.open, one.exercise, -Colour(one.colour).urgency, one.since))


def count(session: Session, *, actor: Actor, now: datetime) -> int:
    """How many people of the actor's places are still to be told, over all alerts."""
    query = (
        select(func.count())
        .select_from(Reach)
        .join(Alert, Alert.id == Reach.alert_id)
        .where(Alert.holds(now), _here(session, actor), _is_listed(), Reach.settled == Settled.OPEN)
    )
    return session.scalar(query) or 0


def demand_here(session: Session, *, actor: Actor, alert_id: str) -> None:
    """Raise ``Absent`` unless people of the actor's places were ever listed for this alert."""
    listed = select(Reach.account_id).where(Reach.alert_id == alert_id, _is_listed(), _places(actor))
    if session.scalar(listed.limit(1)) is None:
        raise Absent


def line_of(session: Session, *, actor: Actor, alert_id: str, account_id: str) -> Reach:
    """One person's line of one alert; ``Absent`` outside the actor's places."""
    row = session.get(Reach, (alert_id, account_id))
    if row is None or not row.area_code.startswith(actor.areas(Role.CONTACT)) or row.listed_at is None:
        raise Absent
    return row


def _here(session: Session, actor: Actor) -> ColumnElement[bool]:
    """The listed people of the actor's places: their own villages', and what has gone up to their town."""
    served = _served(session)
    parts: list[ColumnElement[bool]] = []
    for code in actor.areas(Role.CONTACT):
        inside = areas.inside(Reach.area_code, code)
        nearer = [other for other in served if other.startswith(code) and other != code]
        if nearer:
            villages = [other for other in nearer if len(other) == _VILLAGE]
            towns = [~areas.inside(Reach.area_code, other) for other in nearer if len(other) < _VILLAGE]
            alone = and_(Reach.area_code.not_in(villages), *towns)
            inside = and_(inside, or_(Reach.town_at.is_not(None), alone))
        parts.append(inside)
    return or_(*parts) if parts else Reach.area_code.is_(None)


def _places(actor: Actor) -> ColumnElement[bool]:
    parts = [areas.inside(Reach.area_code, code) for code in actor.areas(Role.CONTACT)]
    return or_(*parts) if parts else Reach.area_code.is_(None)


def _served(session: Session) -> list[str]:
    """The places that have a contact point of their own."""
    held = (
        select(RoleGrant.area_code)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.role == Role.CONTACT, RoleGrant.ended_at.is_(None))
        .where(Account.state == AccountState.VERIFIED)
        .distinct()
    )
    return sorted(session.scalars(held))


def _listed(
    session: Session, here: ColumnElement[bool], now: datetime, which: ColumnElement[bool]
) -> list[tuple[Alert, Reach]]:
    query = (
        select(Alert, Reach)
        .join(Alert, Alert.id == Reach.alert_id)
        .where(Alert.holds(now), here, _is_listed(), which)
        .order_by(Reach.area_code, Reach.settled_at.desc(), Reach.listed_at, Reach.account_id)
    )
    return [(alert, row) for alert, row in session.execute(query)]


def _is_listed() -> ColumnElement[bool]:
    return and_(Reach.listed_at.is_not(None), Reach.excluded == "")


def _people(session: Session, rows: Sequence[Reach]) -> dict[str, Account]:
    wanted = sorted(
        {one for row in rows for one in (row.account_id, row.going_id, row.settled_by) if one is not None}
    )
    found: dict[str, Account] = {}
    for start in range(0, len(wanted), 500):
        part = select(Account).where(Account.id.in_(wanted[start : start + 500]))
        found |= {account.id: account for account in session.scalars(part)}
    return found


@dataclass(frozen=True, slots=True)
class _Faces:
    people: dict[str, Account]
    villages: dict[str, str]
    actor_id: str

    def name(self, account_id: str | None) -> str:
        return self.people[account_id].name if account_id in self.people else ""

    def village(self, row: Reach) -> str:
        return self.villages.get(row.area_code, "")


def _waiting(
    session: Session, alert: Alert, rows: list[Reach], told: list[Reach], most: int, faces: _Faces
) -> Waiting:
    parent = session.get(Alert, alert.parent_id) if alert.parent_id else None
    since = min((row.listed_at for row in rows if row.listed_at), default=alert.issued_at)
    return Waiting(
        alert_id=alert.id, number=alert.number, kind=alert.kind.value, before=parent.number if parent else "",
        exercise=alert.exercise, colour=alert.colour.value, crop=alert.crop, pest=alert.pest,
        words=alert_words.as_spoken(alert), full_text=alert.full_text, last_day=alert.last_day,
        since=since or alert.drafted_at, open=len(rows), nobody_goes=sum(row.going_id is None for row in rows),
        people=tuple(_line(row, faces) for row in rows[:most]),
        told=tuple(
            Told(row.account_id, faces.name(row.account_id), faces.village(row), faces.name(row.settled_by), at)
            for row in told
            if (at := row.settled_at) is not None
        ),
    )  # fmt: skip


def _line(row: Reach, faces: _Faces) -> Line:
    phone, since = faces.people[row.account_id].phone, row.listed_at
    assert since is not None  # noqa: S101 - only listed people come here
    return Line(
        account_id=row.account_id, name=faces.name(row.account_id), phone=mask_phone(phone) if phone else "",
        village=faces.village(row), why=row.failed_why, rings=row.rings,
        heard_seconds=row.heard_seconds, since=since,
        going=faces.name(row.going_id), going_mine=row.going_id == faces.actor_id,
    )  # fmt: skip
