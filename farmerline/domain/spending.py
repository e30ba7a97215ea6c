"""What a day costs: kept in rows as messages are handed over and broadcasts begin, never counted over the ledger.

Days are China's. A call counts as one started minute until its bill says otherwise.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Insert, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.models import GatewayRow, Spending

_SUMS = ("handed", "parts", "yuan", "loose", "promised")
_ALL = ""
"""The name of the row that holds what broadcasts were reckoned to cost."""
_COST = select(GatewayRow.cost).where(GatewayRow.name == bindparam("gateway"))


@dataclass(frozen=True, slots=True)
class Spent:
    """A connection's day: messages, parts (calls) and yuan."""

    gateway: str
    handed: int
    parts: int
    yuan: float


def day_of(moment: datetime) -> date:
    """The day in China."""
    return local(moment).date()


def charge(session: Session, rows: Collection[Any], *, gateway: str, at: datetime) -> None:
    """Put down what messages cost that were handed over just now; each row has ``parts`` and ``campaign_id``."""
    each = session.connection().scalar(_COST, {"gateway": gateway}) or 0.0
    parts = sum(row.parts for row in rows)
    loose = sum(row.parts for row in rows if row.campaign_id is None)
    _add(session, at, gateway, handed=len(rows), parts=parts, yuan=parts * each, loose=loose * each)


def promise(session: Session, yuan: float, *, at: datetime) -> None:
    """Put down what a broadcast that begins now is reckoned to cost."""
    _add(session, at, _ALL, promised=yuan)


def bound(session: Session, now: datetime) -> float:
    """The yuan of today: what broadcasts were reckoned to cost, and what was handed over besides."""
    found = select(func.sum(Spending.promised + Spending.loose)).where(Spending.day == day_of(now))
    return session.scalar(found) or 0.0


def handed(session: Session, now: datetime) -> dict[str, int]:
    """How many messages each connection took today."""
    found = select(Spending.gateway, Spending.handed).where(Spending.day == day_of(now))
    return dict(session.execute(found).tuples().all())


def of_day(session: Session, now: datetime) -> list[Spent]:
    """Today by connection."""
    found = select(Spending).where(Spending.day == day_of(now), Spending.gateway != _ALL)
    return [
        Spent(row.gateway, row.handed, row.parts, row.yuan)
        for row in session.scalars(found.order_by(Spending.gateway))
    ]


def _add(session: Session, at: datetime, gateway: str, **sums: float) -> None:
    values: dict[str, Any] = dict.fromkeys(_SUMS, 0) | sums
    mine = {"on": day_of(at), "by": gateway, **values}
    if session.connection().execute(_MORE, mine).rowcount == 0:  # the day's first
        statement = _upsert(session.get_bind().dialect.name)
        session.connection().execute(statement, {"day": day_of(at), "gateway": gateway, **values})


_MORE = (
    update(Spending.__table__)  # type: ignore[arg-type]
    .where(Spending.day == bindparam("on"), Spending.gateway == bindparam("by"))
    .values({name: getattr(Spending, name) + bindparam(name) for name in _SUMS})
)
"""Made once: results are put down many times a second."""


@cache
def _upsert(dialect: str) -> Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(Spending)
    return statement.on_conflict_do_update(
        index_elements=["day", "gateway"],
        set_={name: getattr(Spending, name) + getattr(statement.excluded, name) for name in _SUMS},
    )
