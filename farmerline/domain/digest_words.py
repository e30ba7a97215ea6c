"""The text of 每日一助: who sells what, how much is left, at what price, within one message; and yesterday's outcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline import parts
from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import areas, lots
from farmerline.identity import mask_name
from farmerline.models import Account, AreaLevel, PostItem
from farmerline.words import say

_PRICE_DAYS = 90
_MANY = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a day: how many had the number, and how much was sold ("" for nothing told)."""

    what: str
    asked: int
    sold: str


def text(
    session: Session,
    item: PostItem,
    seller: Account,
    *,
    yesterday: Outcome | None,
    settings: Settings,
    language: str,
    now: datetime,
) -> str:
    """What a reader is told; the most that fits one message with the signature, what matters least left out first."""
    longest = ""
    for longest in _ways(session, item, seller, yesterday, language, now):
        if parts.count(longest, settings.sms_signature).parts == 1:
            return longest
    return longest


def price_range(session: Session, item: PostItem, *, now: datetime) -> tuple[float, float, str] | None:
    """What is asked for the same: lowest and highest in yuan, and per what (斤 for weights); None where nobody says.

    Of the posts of 90 days, the outermost tenths left out where there are ten or more; the lot's own price belongs to it.
    """
    unit = item.price_unit or item.unit or "kg"
    since = local(now).date() - timedelta(days=_PRICE_DAYS)
    query = select(PostItem.unit_price).where(
        PostItem.key == item.key,
        PostItem.day >= since,
        PostItem.unit_price.is_not(None),
        PostItem.price_unit == unit,
    )
    known = sorted(price for price in session.scalars(query) if price)
    cut = len(known) // _MANY
    known = known[cut : len(known) - cut] + ([item.unit_price] if item.unit_price else [])
    if not known:
        return None
    share, name = (lots.JIN, "斤") if unit == "kg" else (1.0, unit)
    return min(known) * share, max(known) * share, name


def say_price(found: tuple[float, float, str] | None, language: str) -> str:
    """2.8-3.2元/株, 3元/株, 价格面议."""
    if found is None:
        return say(language, "price to agree")
    low, high, unit = f"{found[0]:.2f}", f"{found[1]:.2f}", found[2]
    low, high = (value.rstrip("0").rstrip(".") for value in (low, high))
    return say(language, "{price} yuan/{unit}", price=low if low == high else f"{low}-{high}", unit=unit)


def say_outcome(outcome: Outcome, language: str) -> str:
    """Yesterday in a few words: 昨天葡萄苗卖了500株; "" where nothing came of it yet."""
    if outcome.sold:
        return say(language, "Yesterday's {what}: {sold} sold.", what=outcome.what, sold=outcome.sold)
    if outcome.asked:
        return say(language, "Yesterday's {what}: {n} took the number.", what=outcome.what, n=outcome.asked)
    return ""


def _ways(
    session: Session, item: PostItem, seller: Account, yesterday: Outcome | None, language: str, now: datetime
) -> Iterator[str]:
    town = areas.path_name(session, item.area_code[:9], start=AreaLevel.TOWN)
    price = say_price(price_range(session, item, now=now), language)
    tail = say_outcome(yesterday, language) if yesterday else ""
    masked = mask_name(seller.name)

    def said(who: str) -> str:
        return say(
            language,
            "Help of the day: {who} {what}, {left} left, {price}. To buy reply BUY {what}. To stop: TD.",
            who=who,
            what=item.name,
            left=lots.left(item),
            price=price,
        )

    whole = f"{town}{masked}"
    if tail:
        yield from (f"{said(who)}{'' if language == 'zh' else ' '}{tail}" for who in (whole, town, masked))
    yield from (said(who) for who in (whole, town, masked, ""))
