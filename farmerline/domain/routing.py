"""Which connection a message goes by: what it may carry, what it costs, how it is doing.

A message is planned for one connection. Who stands in for a connection that does not carry its whole share takes what
waits there, never what was handed to it: a message of unknown outcome stays where it is until that carrier has told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol
from zlib import crc32

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.messages import Channel, Outgoing
from farmerline.models import Breaker, GatewayRow, Purpose

SHORT_REST = timedelta(seconds=5)
"""A rest this short (a carrier that asks for a moment) moves no traffic."""
_KNOWN = "farmerline.routes"


class Carrying(Protocol):
    """What settings say of a connection: what it may carry, and yuan for a part (a started minute)."""

    @property
    def prefixes(self) -> tuple[str, ...]: ...
    @property
    def purposes(self) -> tuple[str, ...]: ...
    @property
    def longest(self) -> int: ...
    @property
    def cost(self) -> float: ...


def choose(
    session: Session,
    channel: Channel,
    address: str,
    parts: int,
    *,
    now: datetime,
    purpose: Purpose = Purpose.SERVICE,
    urgent: bool = False,
) -> GatewayRow | None:
    """The connection to plan a message for; None where the channel has none.

    The cheapest that is well; urgent words go by all that are well, so that they arrive soonest. The same phone goes
    by the same connection while nothing changes. The connections are remembered for the length of the session. What
    none may carry is planned for any: it ends at the claim, with its reason and whatever follows from that.
    """
    known = of_channel(session, channel)
    able = known if len(known) == 1 else [row for row in known if carries(row, address, parts, purpose)]
    return pick(able or known, crc32(address.encode()) / 2**32, urgent=urgent, now=now)


def of_channel(session: Session, channel: Channel) -> list[GatewayRow]:
    """A channel's connections by name, as they were when this session first asked."""
    known: dict[Channel, list[GatewayRow]] = session.info.setdefault(_KNOWN, {})
    if not known.get(channel):
        found = select(GatewayRow).where(GatewayRow.channel == channel).order_by(GatewayRow.name)
        known[channel] = list(session.scalars(found))
    return known[channel]


def carries(row: GatewayRow, address: str, parts: int, purpose: Purpose) -> bool:
    """Whether this connection may carry a message to this address, so long, for this purpose."""
    prefixes, purposes = row.prefixes.split(), row.purposes.split()
    return (
        (not prefixes or address.startswith(tuple(prefixes)))
        and (not purposes or purpose in purposes)
        and (row.longest == 0 or parts <= row.longest)
    )


def may_carry(row: GatewayRow, message: Outgoing, parts: int) -> bool:
    """The same of a message that is about to leave."""
    if not (row.prefixes or row.purposes or row.longest):
        return True
    return carries(row, message.to, parts, Purpose(message.purpose))


def pick(able: Sequence[GatewayRow], spread: float, *, urgent: bool, now: datetime) -> GatewayRow | None:
    """One of these connections for the message whose place between 0 and 1 is ``spread``.

    Cheaper ones first, each price taking the share that it is fit for; among one price by rate and share. Where none
    is well the message waits for the cheapest.
    """
    well = [row for row in able if row.share > 0 and not rests(row, now)]
    prices = _by_price(well, urgent=urgent)
    for number, same in enumerate(prices, start=1):
        takes = max(row.share for row in same)
        if spread < takes or number == len(prices):
            return _weighted(same, min(spread / takes, 1.0))
        spread = (spread - takes) / (1 - takes)
    return min(able, key=lambda row: (row.cost, row.name), default=None)


def rate(session: Session, channel: Channel) -> float:
    """Parts or calls a second that all of a channel's connections carry together now; 0 where there is none."""
    return sum(row.rate * row.share for row in of_channel(session, channel))


def take_settings(row: GatewayRow, said: Carrying) -> None:
    """Put down what the settings say that a connection may carry, and what it costs."""
    row.prefixes, row.purposes = " ".join(said.prefixes), " ".join(said.purposes)
    row.longest, row.cost = said.longest, said.cost


def rests(row: GatewayRow, now: datetime) -> bool:
    """Whether a connection is paused for longer than a moment."""
    return row.paused_until is not None and row.paused_until > now + SHORT_REST


def stands_in(row: GatewayRow, other: GatewayRow) -> bool:
    """Whether one connection may carry whatever the other may: it has all its numbers, purposes and lengths."""
    return (
        row.name != other.name
        and row.channel is other.channel
        and _covers(row.prefixes.split(), other.prefixes.split())
        and (
            not row.purposes
            or (bool(other.purposes) and set(other.purposes.split()) <= set(row.purposes.split()))
        )
        and (row.longest == 0 or 0 < other.longest <= row.longest)
    )


def helped(row: GatewayRow, others: Iterable[GatewayRow], now: datetime) -> list[str]:
    """The connections whose waiting messages this one takes as well: ill or resting ones that it stands in for."""
    if not is_well(row, now):
        return []
    return [one.name for one in others if stands_in(row, one) and (one.share < 1 or rests(one, now))]


def is_well(row: GatewayRow, now: datetime) -> bool:
    """Whether a connection carries its own traffic and may take others'."""
    return row.breaker is Breaker.CLOSED and row.share > 0 and not rests(row, now)


def _by_price(rows: Iterable[GatewayRow], *, urgent: bool) -> list[list[GatewayRow]]:
    if urgent:
        return [found] if (found := list(rows)) else []
    ordered = sorted(rows, key=lambda row: (row.cost, row.name))
    return [list(same) for _, same in groupby(ordered, key=lambda row: row.cost)]


def _weighted(rows: Sequence[GatewayRow], spread: float) -> GatewayRow:
    whole = sum(row.rate * row.share for row in rows)
    reached = 0.0
    for row in rows:
        reached += row.rate * row.share / whole
        if spread < reached:
            return row
    return rows[-1]


def _covers(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    return not mine or (bool(theirs) and all(one.startswith(tuple(mine)) for one in theirs))
