"""Lots in the measure in which a farmer speaks of them: what is left, how much was meant, which lot is a small one."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import ColumnElement, and_, case, or_

import matching
from farmerline.models import Match, PostItem

SMALL_LOT: dict[str, float] = {
    "kg": 5_000.0,
    "株": 5_000.0,
    "只": 500.0,
    "羽": 500.0,
    "头": 10.0,
    "亩": 10.0,
    "车": 2.0,
}
"""A small lot holds at most so much, by its unit (kg for all that is weighed)."""
SMALL_OTHERWISE = 500.0
"""The same for every unit that is not named."""
JIN = 0.5
"""A 斤 in kg."""

_TONNE = 1_000.0  # kg
_ABOUT = re.compile(r"左右|上下|大概|大约|差不多|约|来(?=[斤株棵头只])|多(?=[斤株棵头只])|吧$|了$|\s")
_BARE = re.compile(r"(?<![\d.])(\d{1,9}(?:\.\d{1,3})?)(万?)(?![\d.])")
_HALF = re.compile(r"一半")
_UNIT = re.compile(r"[^\d.,\s]+$")


def is_small() -> ColumnElement[bool]:
    """Whether an item's lot was a small one when it was posted; one without an amount counts as small."""
    most = case(SMALL_LOT, value=PostItem.unit, else_=SMALL_OTHERWISE)
    return or_(PostItem.qty.is_(None), PostItem.unit.is_(None), and_(PostItem.qty <= most))


def unit_said(item: PostItem) -> str:
    """The unit in which a lot was spoken of: 斤, 吨, 株; "" where no amount was said."""
    found = _UNIT.search(item.said_qty)
    return found.group() if found else ("斤" if item.unit == "kg" else item.unit or "")


def spoken_of(match: Match) -> PostItem:
    """The side of a match whose measure is used: the seller's lot, else what is wanted."""
    return match.supply_item if unit_said(match.supply_item) else match.demand_item


def say_amount(qty: float, unit: str | None, like: PostItem) -> str:
    """An amount (kg or count) in the measure in which a lot was spoken of: 1500株, 600斤, 2.5吨."""
    if unit != "kg":
        return f"{_plain(qty)}{unit or ''}"
    said = unit_said(like)
    if said == "吨":
        return f"{_plain(qty / _TONNE)}吨"
    if said in ("公斤", "千克", "kg"):
        return f"{_plain(qty)}{said}"
    return f"{_plain(qty / JIN)}斤"


def left(item: PostItem) -> str:
    """What is left of a lot, in its own measure; "" where nobody said how much there is."""
    return "" if item.qty_left is None else say_amount(item.qty_left, item.unit, item)


def amount_meant(words: str, like: PostItem) -> tuple[float, str] | None:
    """How much is meant, as quantity and unit (kg for weights): 500斤, 三车, 一半; a bare number is in the lot's measure."""
    plain = _ABOUT.sub("", unicodedata.normalize("NFKC", words))
    read = matching.read_amount(plain)
    if read is not None and read.qty is not None and read.unit:
        return read.qty, read.unit
    if _HALF.search(plain) and like.qty_left and like.unit:
        return like.qty_left / 2, like.unit
    bare, unit = _BARE.search(plain), unit_said(like)
    if bare is None or not unit or plain[bare.end() :].startswith(("元", "块", "毛", "年", "月", "号", "天")):
        return None
    read = matching.read_amount(f"{bare[1]}{bare[2]}{unit}")
    return (read.qty, read.unit) if read is not None and read.qty is not None and read.unit else None


def _plain(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
