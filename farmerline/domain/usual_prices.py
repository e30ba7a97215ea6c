"""The usual price of a thing, and the warning where a price is far from it: asked about, remarked on, never held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain.lots import JIN
from farmerline.models import Post, PostItem
from farmerline.words import say

_DAYS = timedelta(days=90)
_FEWEST, _MOST = 8, 400
_FAR, _TWICE, _SLIP = 1.8, 2.0, 2.5
"""A slip between 斤 and 公斤 is a factor of about two: what comes near it is asked about."""
_MEASURES = {"公斤": 1.0, "千克": 1.0, "kg": 1.0, "吨": 1000.0}


@dataclass(frozen=True, slots=True)
class PriceWarning:
    """A price far from the usual one: ``usual`` yuan per ``unit`` (kg or a count), of which it is ``times`` as much."""

    usual: float
    unit: str
    times: float


def price_warning(session: Session, item: PostItem, now: datetime) -> PriceWarning | None:
    """Whether a price is 1.8 times the median of 90 days or more, or that much under it: same product, form, side, unit.

    Of more than 400 prices the newest count; of fewer than 8 others nothing is said. Reads an index only.
    """
    if not item.unit_price or not item.price_unit:
        return None
    past = (
        select(PostItem.unit_price)
        .where(PostItem.key == item.key, PostItem.day > local(now - _DAYS).date())
        .where(PostItem.price_unit == item.price_unit, PostItem.unit_price.is_not(None))
    )
    prices = [price for price in session.scalars(past.order_by(PostItem.day.desc()).limit(_MOST)) if price]
    if item.unit_price in prices:
        prices.remove(item.unit_price)  # its own
    if len(prices) < _FEWEST:
        return None
    usual = median(prices)
    times = item.unit_price / usual
    return PriceWarning(usual, item.price_unit, times) if times >= _FAR or times * _FAR <= 1 else None


def ask_price(session: Session, post: Post, language: str, now: datetime) -> str:
    """The question to who posts at a price far from the usual: is it a slip, of 斤 and 公斤 perhaps? "" for any other."""
    for item in post.items:
        warning = price_warning(session, item, now)
        if warning is not None:
            return _ask(warning, item.said_price, language)
    return ""


def remark_price(session: Session, item: PostItem, language: str, now: datetime) -> str:
    """What the other side reads beside a price of twice the usual or more, or of half of it or less; "" for any other."""
    warning = price_warning(session, item, now)
    if warning is not None and warning.times >= _TWICE:
        return say(language, "twice the usual price or more")
    if warning is not None and warning.times * _TWICE <= 1:
        return say(language, "half the usual price or less")
    return ""


def _ask(warning: PriceWarning, said: str, language: str) -> str:
    unit, usual = warning.unit, warning.usual
    if unit == "kg":
        unit = next((measure for measure in _MEASURES if measure in said.lower()), "斤")
        usual *= _MEASURES.get(unit, JIN)
    price = f"{usual:.0f}" if usual >= 10 else f"{usual:.2g}"
    if unit == "斤" and 1 < warning.times <= _SLIP:
        return say(language, "usual {usual} yuan/{unit}: is yours per kilo?", usual=price, unit=unit)
    if _MEASURES.get(unit) == 1.0 and 1 < 1 / warning.times <= _SLIP:
        return say(language, "usual {usual} yuan/{unit}: is yours per jin?", usual=price, unit=unit)
    return say(language, "usual {usual} yuan/{unit}: is yours right?", usual=price, unit=unit)
