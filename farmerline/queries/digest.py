"""每日一助 as its pages show it: whose days they were, how many were told, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.domain import areas, digest, digest_words, lots
from farmerline.identity import mask_name
from farmerline.models import (
    LIVE,
    Account,
    AccountState,
    AreaLevel,
    Delivery,
    DeliveryState,
    DigestReader,
    DigestSlot,
    Post,
    PostItem,
)
from farmerline.queries import board


@dataclass(frozen=True, slots=True)
class Day:
    """One seller's day. ``who`` is masked, ``name`` is for staff alone; amounts are in words, "" for none.

    ``number`` is 0 where the post is public no more. ``sold_then`` is what was sold by the day after, None before that.
    """

    day: date
    what: str
    who: str
    name: str
    place: str
    number: int
    open: bool
    left_then: str
    left_now: str
    price: str
    people: int
    arrived: int
    asked: int
    sold_then: str | None
    sold: str


def days(session: Session, *, county: str, language: str, now: datetime, limit: int = 14) -> list[Day]:
    """The last days that had a seller, the newest first."""
    query = (
        select(DigestSlot).where(DigestSlot.area_code == county).order_by(DigestSlot.day.desc()).limit(limit)
    )
    return [_day(session, slot, language, now) for slot in session.scalars(query)]


def _day(session: Session, slot: DigestSlot, language: str, now: datetime) -> Day:
    item, post = session.get_one(PostItem, slot.item_id), session.get_one(Post, slot.post_id)
    seller = session.get_one(Account, slot.account_id)
    known = seller.state is AccountState.VERIFIED
    sold = digest.sold_since(session, slot)

    def amount(qty: float | None) -> str:
        return lots.say_amount(qty, item.unit, item) if qty else ""

    arrived = (
        select(func.count())
        .select_from(DigestReader)
        .join(Delivery, Delivery.id == DigestReader.delivery_id)
        .where(DigestReader.slot_id == slot.id, Delivery.state == DeliveryState.DELIVERED)
    )
    return Day(
        day=slot.day,
        what=item.name,
        who=mask_name(seller.name) if known else "",
        name=seller.name if known else "",
        place=areas.path_name(session, item.area_code[:9], start=AreaLevel.TOWN),
        number=(post.number or 0) if board.is_public(post) else 0,
        open=post.state in LIVE and item.live,
        left_then=amount(slot.qty_then),
        left_now=amount(item.qty_left),
        price=digest_words.say_price(digest_words.price_range(session, item, now=now), language),
        people=slot.people,
        arrived=session.scalar(arrived) or 0,
        asked=digest.asked_since(session, slot),
        sold_then=None if slot.result_at is None else amount(slot.result_qty),
        sold=amount(sold),
    )
