"""The ledger: which promised messages a worker may take now, and at what rate a connection takes them.

A claim is one short transaction: the connection's row is locked (so claims of one connection follow one another on
every host), what is due is read, what may leave is asked for the whole batch, and one statement marks the chosen rows
as this worker's until a lease ends. Nothing is sent while a transaction is open. All of it is done with rows of a few
columns and statements over many of them: a broadcast passes here a million times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Protocol

from sqlalchemy import (
    Update,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import backlog, clearance, quiet, rerouting, routing
from farmerline.domain.backlog import Due
from farmerline.domain.many import among, unindexed, words
from farmerline.messages import Channel, Outgoing
from farmerline.models import (
    Campaign,
    CampaignState,
    Delivery,
    DeliveryState,
    GatewayRow,
    Priority,
)
from farmerline.parts import count, with_signature
from farmerline.vault import Unsealable

LEASE = timedelta(seconds=60)
"""How long a claim holds: longer than any request to a carrier may last."""
BATCH = 500
"""Messages of one claim at most, where the rate does not set a smaller number."""
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
    ``may_send`` is false where only that question is left to ask. ``urgent``: nothing overtakes it.
    """

    outgoing: Outgoing
    parts: int
    look_up: bool
    may_send: bool
    since: datetime
    urgent: bool


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


def seconds_to_wait(session: Session, *, gateway: str, now: datetime) -> float:
    """How long until the connection's rate lets another message go; 0 where one may go now. Reads only."""
    row = session.get(GatewayRow, gateway)
    if row is None or row.rate >= _UNLIMITED:
        return 0.0
    passed = max(0.0, (now - row.tokens_at).total_seconds())
    rate = row.rate * row.share
    return max(0.0, -row.tokens / rate - passed) if rate else 1.0


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
    dead. What waits for connections that are ill is taken as well, where this one stands in for them; what it may not
    carry goes to one that may. ``paced=False`` leaves the rate out (a demo that moves its clock). Empty while the
    connection is paused or carries no share.
    """
    connection = session.scalars(
        select(GatewayRow).where(GatewayRow.name == gateway).with_for_update()
    ).one_or_none()
    if connection is None or (connection.paused_until is not None and connection.paused_until > now):
        return []
    if connection.share <= 0:
        return []
    room = _refill(connection, now) if paced else float("inf")
    if room <= 0:
        return []
    rows = backlog.read(session, gateway, now, limit, _helped(session, connection, now))
    cleared = clearance.clear(session, rows, settings=settings, now=now)
    chosen: list[Claimed] = []
    spoilt: list[str] = []
    astray: list[Claimed] = []
    for row, may_send in cleared.going:
        if chosen and row.parts > room:
            break
        claimed = _open(row, connection, may_send)
        if claimed is None:
            spoilt.append(row.id)
        elif not claimed.look_up and not routing.may_carry(connection, claimed.outgoing, claimed.parts):
            astray.append(claimed)
        else:
            room -= claimed.parts
            chosen.append(claimed)
    cleared.write(session, settings, now)
    if spoilt:
        clearance.end(session, spoilt, DeliveryState.DEAD, "unsealable", now)
    if quiet.next_allowed(now, settings) > now and any(row.purpose in quiet.NOT_AT_NIGHT for row in rows):
        for name in {row.gateway for row in rows}:
            clearance.put_off_tips(session, name, settings, now)
    rerouting.send_elsewhere(session, [(one.outgoing, one.parts) for one in astray], now=now)
    mine = _mark(session, [one.outgoing.id for one in chosen], worker, now, now + lease)
    taken = [claimed for claimed in chosen if claimed.outgoing.id in mine]
    others = {row.id for row in rows if row.gateway != gateway}
    moved = [(one.outgoing.id, one.parts) for one in taken if one.outgoing.id in others]
    rerouting.take_over(session, moved, gateway)
    if paced:
        connection.tokens -= sum(claimed.parts for claimed in taken)
    return taken


def release(
    session: Session,
    claims: Sequence[Claimed],
    *,
    gateway: str,
    worker: str,
    now: datetime,
    paced: bool = True,
) -> None:
    """Give back what was claimed and not sent, and its share of the rate; what was to be looked up still is."""
    connection = session.get(GatewayRow, gateway, with_for_update=True)
    back: set[str] = set()
    for look_up in (False, True):
        ids = [claimed.outgoing.id for claimed in claims if claimed.look_up is look_up]
        if ids:
            back |= set(session.scalars(_give_back(look_up), {"ids": ids, "worker": worker, "now": now}))
    if connection is not None and paced:
        connection.tokens += sum(claimed.parts for claimed in claims if claimed.outgoing.id in back)


def unwanted(session: Session, ids: Sequence[str], *, paused_only: bool = False) -> set[str]:
    """Which of these messages belong to a broadcast that was stopped or paused meanwhile. Reads only."""
    states = [CampaignState.PAUSED] if paused_only else [CampaignState.PAUSED, CampaignState.STOPPED]
    found = select(Delivery.id).join(Campaign, Campaign.id == Delivery.campaign_id)
    return set(session.scalars(found.where(among(Delivery.id, ids), Campaign.state.in_(states))))


def owner_of(session: Session, *, gateway: str, ref: str) -> str | None:
    """The delivery that a carrier's id belongs to already. Reads only."""
    return session.scalar(
        select(Delivery.id).where(Delivery.gateway == gateway, Delivery.provider_ref == ref[:64])
    )


def _mark(
    session: Session, ids: Sequence[str], worker: str, now: datetime, lease_until: datetime
) -> set[str]:
    """Make these this worker's; returns those that nobody else took meanwhile."""
    if not ids:
        return set()
    given = {"ids": ids, "worker": worker, "now": now, "lease": lease_until}
    return set(session.scalars(_MARK, given, execution_options={"synchronize_session": False}))


@cache
def _give_back(look_up: bool) -> Update:
    return (
        update(Delivery)
        .where(
            among(Delivery.id, words("ids")),
            Delivery.claimed_by == bindparam("worker"),
            unindexed(Delivery.state) == DeliveryState.SENDING,
        )
        .values(
            state=DeliveryState.SENDING if look_up else DeliveryState.QUEUED,
            claimed_by=None,
            lease_until=backlog.NOW if look_up else None,
            attempts=Delivery.attempts - 1,
        )
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )


def _helped(session: Session, connection: GatewayRow, now: datetime) -> list[str]:
    ill = select(GatewayRow).where(
        GatewayRow.channel == connection.channel,
        GatewayRow.name != connection.name,
        or_(GatewayRow.share < 1, GatewayRow.paused_until > now),
    )
    return routing.helped(connection, session.scalars(ill).all(), now)


def _open(row: Due, connection: GatewayRow, may_send: bool) -> Claimed | None:
    """The message as it is sent; None where its words do not open. By another connection its signature is another."""
    try:
        text = Delivery.text.open(row.text_sealed, row.id)
        to = Delivery.address.open(row.address_sealed, row.id)
    except Unsealable:
        return None
    length = row.parts
    if row.channel is Channel.SMS:
        if row.gateway != connection.name:
            length = max(1, count(text, connection.signature).parts)
        text = with_signature(text, connection.signature)
    outgoing = Outgoing(row.id, row.channel, to, text, purpose=row.purpose.value)
    unknown = row.state is DeliveryState.SENDING
    return Claimed(outgoing, length, unknown, may_send, row.created_at, row.priority is Priority.URGENT)


def _refill(connection: GatewayRow, now: datetime) -> float:
    """Fill the bucket up to a tenth of a second's worth; how many parts a claim may take, 0 while it is in debt."""
    rate = connection.rate * connection.share
    passed = max(0.0, (now - connection.tokens_at).total_seconds())
    connection.tokens = min(connection.tokens + rate * passed, max(1.0, rate / 10))
    connection.tokens_at = now
    if rate >= _UNLIMITED:
        connection.tokens = 1.0
        return float("inf")
    return max(1.0, rate) if connection.tokens > 0 else 0.0


_MARK = (
    update(Delivery)
    .where(among(Delivery.id, words("ids")), backlog.claimable(backlog.NOW, by_index=False))
    .values(
        state=DeliveryState.SENDING,
        claimed_by=bindparam("worker"),
        lease_until=bindparam("lease", type_=Delivery.due_at.type),
        attempts=Delivery.attempts + 1,
    )
    .returning(Delivery.id)
)
