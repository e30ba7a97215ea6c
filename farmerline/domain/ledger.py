"""The ledger: which promised messages a worker may take now, and at what rate a connection takes them.

A claim is one short transaction: the connection's row is locked (so claims of one connection follow one another on
every host), what is due is looked at, consent and people's peace are checked again, and one statement marks the
chosen rows as this worker's until a lease ends. Nothing is sent while a transaction is open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, lazyload

from farmerline.config import Settings
from farmerline.domain import alert_receipts, consent, quiet, routing
from farmerline.domain.receipts import ATTEMPTS
from farmerline.messages import Channel, Outgoing
from farmerline.models import (
    Account,
    Alert,
    Campaign,
    CampaignState,
    Delivery,
    DeliveryState,
    DrillMember,
    GatewayRow,
    Priority,
    Purpose,
)
from farmerline.parts import with_signature
from farmerline.vault import Unsealable

LEASE = timedelta(seconds=60)
"""How long a claim holds: longer than any request to a carrier may last."""
BATCH = 50
_LOOKS = 3
_UNLIMITED = 1e6


class Connection(routing.Carrying, Protocol):
    """What the ledger knows of a gateway: its name, its channel, its rate, its signature, what it may carry."""

    @property
    def name(self) -> str: ...
    @property
    def channel(self) -> Channel: ...
    @property
    def rate(self) -> float: ...
    @property
    def signature(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this worker holds until its lease ends.

    ``look_up``: an earlier try has an unknown outcome, so the carrier is asked first, for messages since ``since``.
    ``may_send`` is false where only that question is left to ask.
    """

    outgoing: Outgoing
    parts: int
    look_up: bool
    may_send: bool
    since: datetime


def ensure_gateways(session: Session, gateways: Sequence[Connection], now: datetime) -> None:
    """Give each configured connection its row; one that stands takes over the settings' rate and signature.

    Where a county changed its carrier, the old connection's row goes: what was waiting goes out by the new one,
    but what the old carrier may have taken is never sent by another.
    """
    for gateway in gateways:
        row = session.get(GatewayRow, gateway.name)
        if row is None:
            row = GatewayRow(name=gateway.name, tokens=1.0, tokens_at=now)
            session.add(row)
        row.channel = gateway.channel
        row.rate = min(gateway.rate, _UNLIMITED)
        row.signature = gateway.signature
        routing.take_settings(row, gateway)
    session.flush()
    names = {gateway.name for gateway in gateways}
    for old in session.scalars(select(GatewayRow).where(GatewayRow.name.not_in(names))).all():
        mine = (
            update(Delivery).where(Delivery.gateway == old.name).execution_options(synchronize_session=False)
        )
        heir = next((gateway.name for gateway in gateways if gateway.channel == old.channel), None)
        if heir is not None:
            session.execute(mine.where(Delivery.state == DeliveryState.QUEUED).values(gateway=heir))
        lost = {
            "state": DeliveryState.DEAD,
            "reason": "carrier_changed",
            "settled_at": now,
            "lease_until": None,
        }
        session.execute(mine.where(Delivery.state == DeliveryState.SENDING).values(**lost, claimed_by=None))
        session.delete(old)
    session.flush()


def ready(session: Session, *, now: datetime) -> set[str]:
    """The connections that are not paused and have something due. Reads only."""
    waiting = exists().where(
        Delivery.gateway == GatewayRow.name,
        Delivery.state == DeliveryState.QUEUED,
        Delivery.priority.in_(list(Priority)),
        Delivery.due_at <= now,
    )
    lost = exists().where(Delivery.gateway == GatewayRow.name, _lease_over(now))
    found = select(GatewayRow.name).where(
        or_(GatewayRow.paused_until.is_(None), GatewayRow.paused_until <= now), or_(waiting, lost)
    )
    return set(session.scalars(found))


def next_due(session: Session) -> datetime | None:
    """When something is due next by a connection that is not paused longer: a promise, or the end of a lease."""
    waiting = (
        select(
            GatewayRow.paused_until, Delivery.state, func.min(Delivery.due_at), func.min(Delivery.lease_until)
        )
        .join(GatewayRow, GatewayRow.name == Delivery.gateway)
        .where(Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.SENDING)))
        .group_by(GatewayRow.name, GatewayRow.paused_until, Delivery.state)
    )
    found = []
    for paused, state, due_at, lease_until in session.execute(waiting):
        first = due_at if state is DeliveryState.QUEUED else lease_until
        if first is not None:
            found.append(max(first, paused) if paused else first)
    return min(found, default=None)


def claim(
    session: Session,
    *,
    gateway: str,
    worker: str,
    settings: Settings,
    now: datetime,
    limit: int = BATCH,
    lease: timedelta = LEASE,
    paced: bool = True,
) -> list[Claimed]:
    """Take what is due by this connection, urgent first: at most ``limit`` messages and one second of its rate.

    What consent forbids by now is cancelled, a tip outside its hours moves to them, a message tried too often is
    dead. ``paced=False`` leaves the rate out (a demo that moves its clock). Empty while the connection is paused.
    """
    connection = session.scalars(
        select(GatewayRow).where(GatewayRow.name == gateway).with_for_update()
    ).one_or_none()
    if connection is None or (connection.paused_until is not None and connection.paused_until > now):
        return []
    room = _refill(connection, now) if paced else float("inf")
    if room <= 0:
        return []
    chosen: list[tuple[Delivery, Claimed]] = []
    for row, may_send in _may_go(session, _due(session, gateway, now, limit), settings, now):
        if chosen and row.parts > room:
            break
        claimed = _open(row, connection, may_send, now)
        if claimed is not None:
            room -= row.parts
            chosen.append((row, claimed))
    session.flush()
    mark = (
        update(Delivery)
        .where(Delivery.id.in_([row.id for row, _ in chosen]), _claimable(now))
        .values(
            state=DeliveryState.SENDING,
            claimed_by=worker,
            lease_until=now + lease,
            attempts=Delivery.attempts + 1,
        )
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    mine = set(session.scalars(mark)) if chosen else set()
    taken = [claimed for _, claimed in chosen if claimed.outgoing.id in mine]
    if paced:
        connection.tokens -= sum(claimed.parts for claimed in taken)
    return taken


def release(session: Session, claims: Sequence[Claimed], *, worker: str, now: datetime) -> None:
    """Give back what was claimed and not sent; what was to be looked up still is."""
    for look_up in (False, True):
        ids = [claimed.outgoing.id for claimed in claims if claimed.look_up is look_up]
        session.execute(
            update(Delivery)
            .where(
                Delivery.id.in_(ids), Delivery.claimed_by == worker, Delivery.state == DeliveryState.SENDING
            )
            .values(
                state=DeliveryState.SENDING if look_up else DeliveryState.QUEUED,
                claimed_by=None,
                lease_until=now if look_up else None,
                attempts=Delivery.attempts - 1,
            )
            .execution_options(synchronize_session=False)
        )


def unwanted(session: Session, ids: Sequence[str], *, paused_only: bool = False) -> set[str]:
    """Which of these messages belong to a broadcast that was stopped or paused meanwhile. Reads only."""
    states = [CampaignState.PAUSED] if paused_only else [CampaignState.PAUSED, CampaignState.STOPPED]
    found = select(Delivery.id).join(Campaign, Campaign.id == Delivery.campaign_id)
    return set(session.scalars(found.where(Delivery.id.in_(ids), Campaign.state.in_(states))))


def owner_of(session: Session, *, gateway: str, ref: str) -> str | None:
    """The delivery that a carrier's id belongs to already. Reads only."""
    return session.scalar(
        select(Delivery.id).where(Delivery.gateway == gateway, Delivery.provider_ref == ref[:64])
    )


def _due(session: Session, gateway: str, now: datetime, limit: int) -> list[Delivery]:
    """What may be claimed, by urgency, then age. One range of the index for each priority: no sorting of a backlog."""
    found = list(
        session.scalars(select(Delivery).where(Delivery.gateway == gateway, _lease_over(now)).limit(limit))
    )
    for priority in Priority:
        queued = select(Delivery).where(
            Delivery.gateway == gateway,
            Delivery.state == DeliveryState.QUEUED,
            Delivery.priority == priority,
            Delivery.due_at <= now,
        )
        more = list(session.scalars(queued.order_by(Delivery.due_at, Delivery.id).limit(limit)))
        found += more
        if len(more) == limit:
            break
    return sorted(found, key=lambda row: (row.priority, row.due_at, row.id))[:limit]


def _may_go(
    session: Session, rows: list[Delivery], settings: Settings, now: datetime
) -> list[tuple[Delivery, bool]]:
    """Those that go on, and whether they may still be sent. An earlier try of unknown outcome is only looked up
    where consent has ended since, the broadcast was stopped, or it was tried often enough."""
    rows = _without_paused(session, rows)
    barred = dict.fromkeys(_forbidden(session, rows), "consent") | dict.fromkeys(
        _stopped(session, rows), "stopped"
    )
    barred |= dict.fromkeys(_outside_exercise(session, rows), "exercise")
    waiting = quiet.waits(session, [row for row in rows if row.id not in barred], settings=settings, now=now)
    going: list[tuple[Delivery, bool]] = []
    for row in rows:
        unknown = row.state is DeliveryState.SENDING
        if unknown and row.attempts < ATTEMPTS + _LOOKS:
            going.append((row, row.attempts < ATTEMPTS and row.id not in barred))
        elif row.attempts >= ATTEMPTS:
            _end(row, DeliveryState.DEAD, row.reason or "attempts", now)
        elif row.id in barred:
            _end(row, DeliveryState.CANCELLED, barred[row.id], now)
            alert_receipts.note_refusal(session, row, settings=settings, now=now)
        elif row.id not in waiting:
            going.append((row, True))
        elif (moment := waiting[row.id]) is None:
            _end(row, DeliveryState.CANCELLED, "over_cap", now)
        else:
            row.due_at = moment
    if quiet.next_allowed(now, settings) > now and any(row.purpose in quiet.NOT_AT_NIGHT for row in rows):
        _put_off_tips(session, rows[0].gateway, settings, now)
    return going


def _forbidden(session: Session, rows: Sequence[Delivery]) -> set[str]:
    """Those to whom consent, as it stands now, does not let this go."""
    asked = [row for row in rows if row.purpose is not Purpose.SERVICE]
    wanted = {row.account_id for row in asked if row.account_id}
    people: dict[str, Account] = {}
    if wanted:
        found = select(Account).where(Account.id.in_(wanted))
        people = {row.id: row for row in session.scalars(found.options(lazyload("*")))}
    refused: set[str] = set()
    for purpose, channel in {(row.purpose, row.channel) for row in asked}:
        mine = [row for row in asked if (row.purpose, row.channel) == (purpose, channel)]
        accounts = [people[row.account_id] for row in mine if row.account_id]
        allowed = {
            one.id for one in consent.filter_allowed(session, accounts, purpose=purpose, channel=channel)
        }
        for row in mine:
            if row.account_id:
                may = row.account_id in allowed
            else:
                may = consent.allows(session, phone_index=row.address_index, purpose=purpose, channel=channel)
            if not may:
                refused.add(row.id)
    return refused


def _stopped(session: Session, rows: Sequence[Delivery]) -> set[str]:
    """Those that belong to a broadcast which was stopped."""
    campaigns = {row.campaign_id for row in rows if row.campaign_id}
    if not campaigns:
        return set()
    ended = select(Campaign.id).where(Campaign.id.in_(campaigns), Campaign.state == CampaignState.STOPPED)
    stopped = set(session.scalars(ended))
    return {row.id for row in rows if row.campaign_id in stopped}


def _without_paused(session: Session, rows: list[Delivery]) -> list[Delivery]:
    """The rows without those of a paused broadcast, which are held from now on."""
    paused = unwanted(session, [row.id for row in rows], paused_only=True)
    for row in rows:
        if row.id in paused and row.state is DeliveryState.QUEUED:
            row.state = DeliveryState.HELD
    return [row for row in rows if row.state is not DeliveryState.HELD]


def _outside_exercise(session: Session, rows: Sequence[Delivery]) -> set[str]:
    """Those of an exercise to somebody who is not on the registered list: they never leave."""
    campaigns = {row.campaign_id for row in rows if row.campaign_id and row.purpose is Purpose.ALERT}
    if not campaigns:
        return set()
    drills = set(
        session.scalars(select(Alert.campaign_id).where(Alert.campaign_id.in_(campaigns), Alert.exercise))
    )
    members = set(session.scalars(select(DrillMember.account_id))) if drills else set()
    return {row.id for row in rows if row.campaign_id in drills and row.account_id not in members}


def _put_off_tips(session: Session, gateway: str, settings: Settings, now: datetime) -> None:
    session.execute(
        update(Delivery)
        .where(
            Delivery.gateway == gateway,
            Delivery.state == DeliveryState.QUEUED,
            Delivery.priority.in_(list(Priority)),
            Delivery.due_at <= now,
            Delivery.purpose.in_(quiet.NOT_AT_NIGHT),
        )
        .values(due_at=quiet.next_allowed(now, settings))
        .execution_options(synchronize_session=False)
    )


def _open(row: Delivery, connection: GatewayRow, may_send: bool, now: datetime) -> Claimed | None:
    try:
        text = with_signature(row.text, connection.signature) if row.channel is Channel.SMS else row.text
        outgoing = Outgoing(
            id=row.id, channel=row.channel, to=row.address, text=text, purpose=row.purpose.value
        )
    except Unsealable:
        _end(row, DeliveryState.DEAD, "unsealable", now)
        return None
    return Claimed(outgoing, row.parts, row.state is DeliveryState.SENDING, may_send, row.created_at)


def _end(row: Delivery, state: DeliveryState, reason: str, now: datetime) -> None:
    row.state, row.reason, row.settled_at = state, reason, now
    row.claimed_by = row.lease_until = None


def _refill(connection: GatewayRow, now: datetime) -> float:
    """Fill the bucket up to a tenth of a second's worth; how many parts a claim may take, 0 while it is in debt."""
    rate = connection.rate
    passed = max(0.0, (now - connection.tokens_at).total_seconds())
    connection.tokens = min(connection.tokens + rate * passed, max(1.0, rate / 10))
    connection.tokens_at = now
    if rate >= _UNLIMITED:
        connection.tokens = 1.0
        return float("inf")
    return max(1.0, rate) if connection.tokens > 0 else 0.0


def _lease_over(now: datetime) -> ColumnElement[bool]:
    return and_(Delivery.state == DeliveryState.SENDING, Delivery.lease_until <= now)


def _claimable(now: datetime) -> ColumnElement[bool]:
    return or_(and_(Delivery.state == DeliveryState.QUEUED, Delivery.due_at <= now), _lease_over(now))
