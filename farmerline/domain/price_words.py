"""Prices in words: the answer to 价 and a product, and what callers hear before the posts of box 5."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime

from sqlalchemy.orm import Session

from farmerline.domain.alert_words import SHORT_ROOM
from farmerline.queries import prices
from farmerline.queries.prices import Now
from farmerline.words import say

AT_MOST = 3
"""Prices in one text or one breath."""


def answer(session: Session, product: str, *, place: str, language: str, now: datetime) -> str:
    """What a product fetches at the markets, the nearest first: as many of three as fit one message; "" where none is known."""
    found = prices.newest(session, now=now, product=product, place=place)[:AT_MOST]
    told = ""
    for most in range(1, len(found) + 1):
        longer = _tell(found[:most], product, language)
        if told and len(longer) > SHORT_ROOM:
            break
        told = longer
    return told


def spoken(session: Session, *, place: str, crops: Container[str], language: str, now: datetime) -> str:
    """Three prices for a caller's ear: of their own crops first, each at the market nearest to them; "" where none is known."""
    nearest: dict[str, Now] = {}
    for one in prices.newest(session, now=now, place=place):
        nearest.setdefault(one.good_id, one)
    chosen = sorted(nearest.values(), key=lambda one: one.product not in crops)[:AT_MOST]
    if not chosen:
        return ""
    listed = ("，" if language == "zh" else ", ").join(_line(one, one.name, language) for one in chosen)
    return say(language, "Prices of {day}: {listed}.", day=_day(chosen[0], language), listed=listed)


def _tell(found: list[Now], product: str, language: str) -> str:
    listed = ("，" if language == "zh" else ", ").join(_line(one, one.grade, language) for one in found)
    change, first = found[0].change, found[0]
    told = say(
        language, "{product}, {day}: {listed}", product=product, day=_day(first, language), listed=listed
    )
    if change is None or len(found) > 1:
        return told
    if not change:
        return told + say(language, ", as a week ago")
    amount = f"{abs(change):g}"
    return told + (
        say(language, ", {amount} yuan more than a week ago", amount=amount)
        if change > 0
        else say(language, ", {amount} yuan less than a week ago", amount=amount)
    )


def _line(one: Now, name: str, language: str) -> str:
    return say(
        language,
        "{name} {market} {yuan} yuan/{unit}",
        name=name,
        market=one.market,
        yuan=f"{one.yuan:g}",
        unit=one.unit,
    ).strip()


def _day(one: Now, language: str) -> str:
    return say(language, "On {month}-{day}", month=one.day.month, day=one.day.day)
