"""Prices 行情: noted down day by day; what is far from the usual is held until somebody else has looked at it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import access, areas, audit, vocabulary
from farmerline.domain.articles import READERS
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.models import Good, Market, Price, PriceState, PriceUnit, Role
from matching import Lexicon

OLDEST = timedelta(days=366)
"""How far back a price may be entered."""
_HIGHEST = 1_000_000.0
_USUAL_DAYS = timedelta(days=30)
_FEWEST, _NEWEST = 4, 60
_FAR = 1.6
"""A slip between 斤 and 公斤 is a factor of two; a market's own swing within a month is seldom more than a half."""
_SAID = re.compile(
    r"(\d{1,7}(?:\.\d{1,3})?)(?:\s*[-~到至]\s*(\d{1,7}(?:\.\d{1,3})?))?\s*元?(?:/\s*(\w{1,4}))?"
)


def read_yuan(said: str) -> tuple[float, str]:
    """Yuan, and the unit where one was written: 4.2, 4.2元, 3.8-4.6元/公斤 (the middle). Raises ``Invalid``."""
    found = _SAID.fullmatch(unicodedata.normalize("NFKC", said).strip().replace(",", ""))
    if found is None:
        raise Invalid("price_unread", "Write the price in figures, like 4.2.", field="yuan")
    low, high, unit = float(found[1]), float(found[2] or found[1]), found[3] or ""
    return round((low + high) / 2, 3), unit


def read_product(lexicon: Lexicon, said: str) -> tuple[str, str] | None:
    """The product and the variety ("" for none) that a name on a list of goods means; None for a word nobody knows."""
    meant = lexicon.resolve(said)
    return (
        None
        if meant is None
        else (product_name(lexicon, meant.concept, meant.form or ""), meant.variety or "")
    )


def product_name(lexicon: Lexicon, concept: str, form: str) -> str:
    """Under which name a product is priced: another form than it is mostly traded in has a name of its own (猪肉, 葡萄干)."""
    return lexicon.label(concept, form) if form not in {"", lexicon.default_form(concept)} else concept


def enter(
    session: Session,
    *,
    market: Market,
    good: Good,
    day: date,
    yuan: float,
    unit: str = "",
    actor: access.Actor,
    now: datetime,
) -> Price:
    """Note a price down, in place of an earlier one of the same day; in another weight it is converted.

    Held where it is 1.6 times the median of the good's last 30 days or more, or that much below. Raises ``Invalid`` for a day
    to come or long gone, a price that cannot be, a unit that does not fit; ``Absent`` for another place's people.
    """
    access.authorise(actor, {Role.PUBLISHER}, market.area_code)
    today = local(now).date()
    if not today - OLDEST <= day <= today:
        raise Invalid("price_day", "Choose a day of the last twelve months, not one to come.", field="day")
    worth = round(yuan * _factor(session, unit, good.unit), 3)
    if not 0 < worth < _HIGHEST:
        raise Invalid("price_range", "This cannot be a price.", field="yuan")
    if market.closed or good.closed:
        raise Invalid("price_closed", "No more prices are taken there.")
    same = (Price.good_id == good.id, Price.market_id == market.id, Price.day == day)
    row = session.scalar(select(Price).where(*same).with_for_update())
    if row is not None and row.yuan == worth and row.state is not PriceState.REFUSED:
        return row
    usual = _usual(session, good, market, day)
    far = usual is not None and not usual / _FAR < worth < usual * _FAR
    before = row.yuan if row is not None else 0
    if row is None:
        row = Price(good_id=good.id, market_id=market.id, day=day)
        session.add(row)
    row.yuan, row.usual = worth, usual if far else None
    row.state = PriceState.HELD if far else PriceState.SHOWN
    row.entered_by, row.entered_at, row.settled_by = actor.account_id, now, None
    session.flush()
    if before or far:  # a day's common entries are on record in their own rows
        _note(session, row, "hold" if far else "change", actor, now, {"before": before, "yuan": worth})
    return row


def settle(session: Session, price: Price, *, right: bool, actor: access.Actor, now: datetime) -> None:
    """Show a held price, or refuse it: never by who entered it. Raises ``Conflict`` where that was done already."""
    access.authorise(actor, READERS, price.market.area_code)
    session.refresh(price, with_for_update=True)
    if price.state is not PriceState.HELD:
        raise Conflict("price_settled", "Somebody was quicker: this price was looked at already.")
    if price.entered_by == actor.account_id:
        raise Conflict("price_own", "Somebody else must look at a price that you entered.")
    price.state, price.settled_by = PriceState.SHOWN if right else PriceState.REFUSED, actor.account_id
    session.flush()
    _note(session, price, "show" if right else "refuse", actor, now, {"yuan": price.yuan})


def find(session: Session, price_id: str, actor: access.Actor) -> Price:
    """A price for who may look at it; ``Absent`` for others."""
    price = session.get(Price, price_id)
    if price is None:
        raise Absent
    access.authorise(actor, READERS, price.market.area_code)
    return price


def find_market(session: Session, market_id: str) -> Market:
    """A market; ``Absent`` where there is none of that id."""
    market = session.get(Market, market_id)
    if market is None:
        raise Absent
    return market


def find_good(session: Session, good_id: str) -> Good:
    """A good; ``Absent`` where there is none of that id."""
    good = session.get(Good, good_id)
    if good is None:
        raise Absent
    return good


def add_market(session: Session, *, name: str, area_code: str, actor: access.Actor, now: datetime) -> Market:
    """A new market of a place. Raises ``Invalid`` for a name that is taken, too short or too long."""
    access.authorise(actor, {Role.PUBLISHER}, area_code)
    if areas.get(session, area_code) is None:
        raise Invalid("area_unknown", "Choose the place.", field="area_code")
    if not 2 <= len(name) <= 20:
        raise Invalid("market_name", "Write the market's name.", field="market")
    if session.scalar(select(Market).where(Market.name == name)) is not None:
        raise Invalid("market_known", "This market is here already.", field="market")
    market = Market(name=name, area_code=area_code)
    session.add(market)
    session.flush()
    _record(session, "market.add", f"market:{market.id}", actor, now, {"area": area_code})
    return market


def add_good(
    session: Session, *, product: str, grade: str, unit: str, county: str, actor: access.Actor, now: datetime
) -> Good:
    """A new good, under the vocabulary's name of its product. Raises ``Invalid`` for one that is here or that nobody knows."""
    access.authorise(actor, {Role.PUBLISHER}, county)
    meant = read_product(vocabulary.lexicon(session), product)
    if meant is None:
        raise Invalid(
            "good_unknown", "The vocabulary does not know {product}: add the word first.", field="product",
            product=product[:20] or "?",
        )  # fmt: skip
    if session.get(PriceUnit, unit) is None:
        raise Invalid("unit_unknown", "Choose a unit.", field="unit")
    if len(grade) > 10:
        raise Invalid("grade_long", "Write the grade in ten signs at most.", field="grade")
    same = (Good.product == meant[0], Good.grade == grade)
    if session.scalar(select(Good).where(*same)) is not None:
        raise Invalid("good_known", "This is on the list already.", field="product")
    last = session.scalar(select(func.max(Good.position))) or 0
    good = Good(product=meant[0], grade=grade, unit=unit, position=last + 1)
    session.add(good)
    session.flush()
    _record(session, "good.add", f"good:{good.id}", actor, now, {"unit": unit})
    return good


def close(
    session: Session, row: Market | Good, *, closed: bool, county: str, actor: access.Actor, now: datetime
) -> None:
    """Take no more prices at a market or of a good, or again; what was noted down stays. A good is all the county's."""
    access.authorise(actor, {Role.PUBLISHER}, row.area_code if isinstance(row, Market) else county)
    row.closed = closed
    session.flush()
    kind = row.__tablename__
    _record(session, f"{kind}.{'close' if closed else 'open'}", f"{kind}:{row.id}", actor, now, {})


def _factor(session: Session, unit: str, wanted: str) -> float:
    """What a price for a ``unit`` is multiplied with to be one for the ``wanted``: 0.5 from 公斤 to 斤."""
    if not unit or unit == wanted:
        return 1.0
    known = {row.code: row.kilograms for row in session.scalars(select(PriceUnit))}
    given, needed = known.get("公斤" if unit in {"千克", "kg"} else unit), known.get(wanted)
    if given is None or needed is None:
        raise Invalid("price_unit", "The price is for {unit}, not for {other}.", unit=wanted, other=unit)
    return needed / given


def _usual(session: Session, good: Good, market: Market, day: date) -> float | None:
    """The median of what the good fetched in the 30 days before, at any market; None where too little is known."""
    past = (
        select(Price.yuan)
        .where(Price.good_id == good.id, Price.state == PriceState.SHOWN)
        .where(Price.day > day - _USUAL_DAYS, Price.day <= day)
        .where((Price.market_id != market.id) | (Price.day != day))
    )
    found = list(session.scalars(past.order_by(Price.day.desc()).limit(_NEWEST)))
    return round(median(found), 3) if len(found) >= _FEWEST else None


def _note(
    session: Session, price: Price, act: str, actor: access.Actor, now: datetime, detail: dict[str, float]
) -> None:
    _record(session, f"price.{act}", f"price:{price.id}", actor, now, detail)


def _record(
    session: Session, act: str, subject: str, actor: access.Actor, now: datetime, detail: Mapping[str, object]
) -> None:
    audit.record(session, actor_id=actor.account_id, act=act, subject=subject, detail=detail, now=now)
