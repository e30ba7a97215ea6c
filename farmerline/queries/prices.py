"""Prices as people see them: what goods fetch now, and how they went over 90 days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from farmerline.clock import local
from farmerline.domain import areas
from farmerline.domain.access import Actor
from farmerline.domain.areas import inside_any
from farmerline.domain.articles import READERS
from farmerline.domain.prices import OLDEST, find_good
from farmerline.models import Account, Good, Market, Price, PriceState, PriceUnit, Role

FRESH = timedelta(days=14)
"""What is older is no price of now."""
SPAN = timedelta(days=90)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Now:
    """The newest price of a good at a market: ``yuan`` a ``unit``; ``before`` what it was a week or more ago there, None
    where nobody noted it down."""

    good_id: str
    product: str
    grade: str
    unit: str
    market: str
    area_code: str
    day: date
    yuan: float
    before: float | None

    @property
    def change(self) -> float | None:
        """Yuan more than a week ago."""
        return None if self.before is None else round(self.yuan - self.before, 3)

    @property
    def name(self) -> str:
        """葡萄, 葡萄(巨峰)."""
        return f"{self.product}({self.grade})" if self.grade else self.product


@dataclass(frozen=True, slots=True)
class Course:
    """A good's 90 days: for each market its days and prices, the oldest first; ``weeks`` from the newest back, each with its
    first day and for each market lowest and highest (None: none noted down)."""

    now: tuple[Now, ...]
    first: date
    last: date
    markets: tuple[tuple[str, tuple[tuple[date, float], ...]], ...]
    weeks: tuple[tuple[date, tuple[tuple[float, float] | None, ...]], ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A price that waits for a second look; ``own``: who looks entered it."""

    id: str
    name: str
    unit: str
    market: str
    day: date
    yuan: float
    usual: float
    by: str
    own: bool


def newest(
    session: Session, *, now: datetime, product: str = "", place: str = "", word: str = ""
) -> list[Now]:
    """What goods fetch now, in their order, the market nearest to the place first; of a product, or with a word in the name
    of good or market."""
    today = local(now).date()
    query = (
        select(Price)
        .join(Price.good)
        .join(Price.market)
        .options(contains_eager(Price.good), contains_eager(Price.market))
        .where(Price.state == PriceState.SHOWN, Price.day > today - FRESH - _WEEK, Price.day <= today)
        .where(Good.closed.is_(False), Market.closed.is_(False))
        .order_by(Good.position, Price.day.desc())
    )
    if product:
        query = query.where(Good.product == product)
    if word:
        query = query.where(
            Good.product.contains(word, autoescape=True)
            | Good.grade.contains(word, autoescape=True)
            | Market.name.contains(word, autoescape=True)
        )
    series: dict[tuple[str, str], list[Price]] = {}
    for row in session.scalars(query):
        series.setdefault((row.good_id, row.market_id), []).append(row)
    found = [_now(rows) for rows in series.values() if rows[0].day > today - FRESH]
    order = {good: place for place, good in enumerate(dict.fromkeys(one.good_id for one in found))}
    return sorted(
        found,
        key=lambda one: (order[one.good_id], -_shared(one.area_code, place), len(one.area_code), one.market),
    )


def course(session: Session, good_id: str, *, now: datetime) -> Course:
    """How a good went; ``Absent`` where there is none of that id."""
    good, today = find_good(session, good_id), local(now).date()
    first = today - SPAN + timedelta(days=1)
    query = (
        select(Market.name, Price.day, Price.yuan)
        .join(Price.market)
        .where(
            Price.good_id == good_id, Price.state == PriceState.SHOWN, Price.day >= first, Price.day <= today
        )
        .order_by(Market.name, Price.day)
    )
    by_market: dict[str, list[tuple[date, float]]] = {}
    for market, day, yuan in session.execute(query).tuples():
        by_market.setdefault(market, []).append((day, yuan))
    weeks = []
    for back in range(SPAN.days // 7 + 1):
        begins, ends = today - _WEEK * (back + 1) + timedelta(days=1), today - _WEEK * back
        cells = [[yuan for day, yuan in days if begins <= day <= ends] for days in by_market.values()]
        if any(cells):
            weeks.append((begins, tuple((min(cell), max(cell)) if cell else None for cell in cells)))
    return Course(
        now=tuple(one for one in newest(session, now=now, product=good.product) if one.good_id == good_id),
        first=first,
        last=today,
        markets=tuple((market, tuple(days)) for market, days in by_market.items()),
        weeks=tuple(weeks),
    )


def title(session: Session, good_id: str) -> tuple[str, str]:
    """A good's name and unit; ``Absent`` where there is none of that id."""
    good = find_good(session, good_id)
    return _name(good), good.unit


def held(session: Session, actor: Actor) -> list[Held]:
    """What waits for a second look in the actor's places, the oldest first."""
    query = (
        select(Price)
        .join(Price.market)
        .join(Price.good)
        .options(contains_eager(Price.good), contains_eager(Price.market))
        .where(Price.state == PriceState.HELD, inside_any(Market.area_code, actor.areas(*READERS)))
        .order_by(Price.entered_at, Price.id)
        .limit(100)
    )
    return [
        Held(
            id=row.id, name=_name(row.good), unit=row.good.unit, market=row.market.name, day=row.day, yuan=row.yuan,
            usual=row.usual or 0, by=session.get_one(Account, row.entered_by).name, own=row.entered_by == actor.account_id,
        )
        for row in session.scalars(query)
    ]  # fmt: skip


def markets(session: Session, actor: Actor, *, all_of_them: bool = False) -> list[Market]:
    """The open markets of the actor's places, or the closed ones too."""
    query = select(Market).where(inside_any(Market.area_code, actor.areas(Role.PUBLISHER)))
    if not all_of_them:
        query = query.where(Market.closed.is_(False))
    return list(session.scalars(query.order_by(Market.name)))


def goods(session: Session, *, all_of_them: bool = False) -> list[Good]:
    """The goods on the list, in their order."""
    query = select(Good).order_by(Good.position)
    return list(session.scalars(query if all_of_them else query.where(Good.closed.is_(False))))


def units(session: Session) -> list[str]:
    """The units that prices are for."""
    return list(session.scalars(select(PriceUnit.code).order_by(PriceUnit.position)))


def entered(session: Session, market_id: str, day: date) -> dict[str, float]:
    """What was noted down at a market on a day, by the good's id."""
    query = select(Price.good_id, Price.yuan).where(
        Price.market_id == market_id, Price.day == day, Price.state != PriceState.REFUSED
    )
    return {good: yuan for good, yuan in session.execute(query).tuples()}  # noqa: C416 - rows are no pairs


def last_before(session: Session, market_id: str, day: date) -> dict[str, float]:
    """The last price shown before a day at a market, by the good's id."""
    query = (
        select(Price.good_id, Price.yuan)
        .where(
            Price.market_id == market_id,
            Price.day < day,
            Price.day > day - OLDEST,
            Price.state == PriceState.SHOWN,
        )
        .order_by(Price.day)
    )
    return {good: yuan for good, yuan in session.execute(query).tuples()}  # noqa: C416


def place_name(session: Session, market: Market) -> str:
    """Where a market is."""
    return areas.path_name(session, market.area_code)


def _shared(one: str, other: str) -> int:
    """How many levels of the area tree two places share, in signs of their codes."""
    return max(
        length for length in (0, 2, 4, 6, 9, 12) if one[:length] == other[:length] and length <= len(one)
    )


def _now(rows: Sequence[Price]) -> Now:
    last = rows[0]
    before = next((row.yuan for row in rows if last.day - row.day >= _WEEK), None)
    return Now(
        good_id=last.good_id, product=last.good.product, grade=last.good.grade, unit=last.good.unit, market=last.market.name,
        area_code=last.market.area_code, day=last.day, yuan=last.yuan, before=before,
    )  # fmt: skip


def _name(good: Good) -> str:
    return f"{good.product}({good.grade})" if good.grade else good.product
