"""The demo county's prices: three markets, a dozen goods, ninety days up to today; one of today's waits for a second look."""

from __future__ import annotations

import math
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from farmerline.clock import local
from farmerline.demo.articles import actor_of
from farmerline.demo.people import COUNTY, PUBLISHER
from farmerline.domain import prices
from farmerline.ids import new_id
from farmerline.models import Good, Price, PriceState
from farmerline.runtime import Runtime

_FILE = Path(__file__).with_suffix(".tsv")
_MARKETS = (
    ("浒山农批市场", COUNTY, 1.0),
    ("周巷菜市场", "330282121", 1.06),
    ("观海卫菜市场", "330282107", 1.1),
)
_DAYS = 90
_EVERY = 2


def note_all(runtime: Runtime) -> None:
    """Lists and ninety days of prices, put in at once; the last one by the form's own way: a slip of 斤 and 公斤, held."""
    now = runtime.now()
    today = local(now).date()
    with runtime.database.write() as session:
        writer = actor_of(session, PUBLISHER)
        markets = [
            (prices.add_market(session, name=name, area_code=place, actor=writer, now=now), share)
            for name, place, share in _MARKETS
        ]
        rows = []
        for number, (product, grade, unit, about, swing) in enumerate(_goods()):
            good = prices.add_good(
                session, product=product, grade=grade, unit=unit, county=COUNTY, actor=writer, now=now
            )
            for market, share in markets:
                rows += [
                    {
                        "id": new_id(), "good_id": good.id, "market_id": market.id, "day": day, "state": PriceState.SHOWN,
                        "yuan": _on(day, about * share, swing, number), "entered_by": writer.account_id, "entered_at": now,
                    }
                    for day in (today - timedelta(days=back) for back in range(_DAYS - 2, -1, -_EVERY))
                ]  # fmt: skip
        session.execute(insert(Price), rows)
        slip = session.scalars(select(Good).where(Good.product == "大蒜")).one()
        market = markets[0][0]
        prices.enter(session, market=market, good=slip, day=today, yuan=8.4, actor=writer, now=now)


def _goods() -> list[tuple[str, str, str, float, float]]:
    lines = [line.split("\t") for line in _FILE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [
        (product, grade, unit, float(about), float(swing)) for product, grade, unit, about, swing in lines
    ]


def _on(day: date, about: float, swing: float, number: int) -> float:
    """A slow wave and a little unrest, the same on every run."""
    turn = day.toordinal() / 19 + number
    return round(about * (1 + swing * math.sin(turn) + 0.02 * math.sin(turn * 7.3)), 2)
