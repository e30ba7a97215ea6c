"""每日一助: one seller a day in a county, told to those who are likely to buy, and the day after what came of it.

Whose turn it is: an offer that has been open for a day, with an amount left, of a verified person, that no agreed match
holds. Who never had the day goes first, then whose day lies longest back (30 days at least); among these small lots, then
people without a firm, then the post that waits longest. Where nobody is likely to buy it, the next one's turn comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import areas, audit, digest_readers, digest_words, lots, quiet
from farmerline.domain.once import insert_once
from farmerline.ids import new_id
from farmerline.models import (
    LIVE,
    Account,
    AccountState,
    Deal,
    Delivery,
    DeliveryState,
    DigestReader,
    DigestSlot,
    Match,
    MatchState,
    Post,
    PostItem,
)

_WAITED = timedelta(days=1)
_TRIED = 40
"""Offers that are looked at for likely buyers before the day is left empty."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a morning. ``why`` is "told", "made before", "too late" or "nothing fits"."""

    why: str
    people: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose turn it is, and who would be told."""

    item_id: str
    readers: tuple[str, ...]


def choose(session: Session, *, settings: Settings, now: datetime) -> Choice | None:
    """The first in the order of turns whom somebody is likely to buy from. Reads only; it may take a second."""
    for item in session.scalars(_turns(settings.county, settings, now).limit(_TRIED)).all():
        seller = session.get_one(Account, item.post.account_id)
        readers = digest_readers.likely(session, item, seller, settings=settings, now=now)
        if readers:
            return Choice(item.id, tuple(one.id for one in readers))
    return None


def make(session: Session, choice: Choice | None = None, *, settings: Settings, now: datetime) -> Made:
    """Give the day to a seller and promise the likely buyers their message, all in one transaction.

    Once a day in the county, however often and by however many it is called; nothing between the quiet hours. ``choice``
    was made a moment ago; where its turn is over by now, or there is none, it is chosen here.
    """
    county, today = settings.county, local(now).date()
    if slot_of(session, county, today) is not None:
        return Made("made before")
    if quiet.next_allowed(now, settings) > now:
        return Made("too late")
    mine = _turns(county, settings, now).where(PostItem.id == choice.item_id) if choice else None
    item = session.scalar(mine) if mine is not None else None
    if choice is None or item is None:
        choice = choose(session, settings=settings, now=now)
        if choice is None:
            return Made("nothing fits")
        item = session.get_one(PostItem, choice.item_id)
    slot_id = insert_once(
        session, DigestSlot, area_code=county, day=today, post_id=item.post_id, item_id=item.id, account_id=item.post.account_id,
        people=len(choice.readers), qty_then=item.qty_left, made_at=now,
    )  # fmt: skip
    if slot_id is None:
        return Made("made before")
    seller = session.get_one(Account, item.post.account_id)
    readers = [session.get_one(Account, account_id) for account_id in choice.readers]
    _tell(session, slot_id, item, seller, readers, settings, now)
    return Made("told", len(readers), item.post.number or 0)


def publish_results(session: Session, *, settings: Settings, now: datetime) -> int:
    """Put down what came of earlier days; what of their messages has not left by now does not. Returns how many days."""
    due = list(session.scalars(_unpublished(settings.county, now).with_for_update(key_share=True)))
    for slot in due:
        slot.result_qty, slot.result_at = sold_since(session, slot), now
        mine = select(DigestReader.delivery_id).where(DigestReader.slot_id == slot.id)
        session.execute(
            update(Delivery)
            .where(Delivery.id.in_(mine), Delivery.state == DeliveryState.QUEUED)
            .values(state=DeliveryState.CANCELLED, reason="over", settled_at=now)
            .execution_options(synchronize_session=False)
        )
    session.flush()
    return len(due)


def has_work(session: Session, *, settings: Settings, now: datetime) -> bool:
    """Whether a day's outcome is to be published, or today has no seller and somebody's turn has come."""
    if session.scalar(_unpublished(settings.county, now).limit(1)) is not None:
        return True
    if slot_of(session, settings.county, local(now).date()) is not None:
        return False
    return session.scalar(_turns(settings.county, settings, now).limit(1)) is not None


def slot_of(session: Session, county: str, day: date) -> DigestSlot | None:
    """Whose day it is, or was."""
    return session.scalar(select(DigestSlot).where(DigestSlot.area_code == county, DigestSlot.day == day))


def sold_since(session: Session, slot: DigestSlot) -> float:
    """How much of the lot was told as sold since its day (kg or the count's unit)."""
    item = session.get_one(PostItem, slot.item_id)
    query = (
        select(func.coalesce(func.sum(Deal.qty), 0.0))
        .join(Match, Match.id == Deal.match_id)
        .where(Match.supply_item_id == slot.item_id, Deal.unit == item.unit, Deal.at >= slot.made_at)
    )
    return float(session.scalar(query) or 0.0)


def asked_since(session: Session, slot: DigestSlot) -> int:
    """How many people have had the seller's number since the day, by a match with the post."""
    query = select(func.count()).where(Match.supply_post_id == slot.post_id, Match.agreed_at >= slot.made_at)
    return session.scalar(query) or 0


def _tell(
    session: Session,
    slot_id: str,
    item: PostItem,
    seller: Account,
    readers: Sequence[Account],
    settings: Settings,
    now: datetime,
) -> None:
    yesterday = slot_of(session, settings.county, local(now).date() - timedelta(days=1))
    languages = {one.language for one in readers}
    texts = {
        language: digest_words.text(
            session,
            item,
            seller,
            yesterday=_outcome(session, yesterday),
            settings=settings,
            language=language,
            now=now,
        )
        for language in languages
    }
    rows = digest_readers.deliveries(session, readers, texts, now)
    session.add_all(rows)
    session.flush()
    session.add_all(
        DigestReader(id=new_id(), slot_id=slot_id, account_id=one.id, delivery_id=row.id)
        for one, row in zip(readers, rows, strict=True)
    )
    audit.record(
        session, actor_id="system", for_id=seller.id, act="digest.make", subject=f"post:{item.post_id}",
        detail={"people": len(readers)}, now=now,
    )  # fmt: skip
    session.flush()


def _outcome(session: Session, slot: DigestSlot | None) -> digest_words.Outcome | None:
    if slot is None:
        return None
    item = session.get_one(PostItem, slot.item_id)
    asked, sold = asked_since(session, slot), slot.result_qty or 0.0
    return digest_words.Outcome(item.name, asked, lots.say_amount(sold, item.unit, item) if sold else "")


def _unpublished(county: str, now: datetime) -> Select[tuple[DigestSlot]]:
    return select(DigestSlot).where(
        DigestSlot.area_code == county, DigestSlot.result_at.is_(None), DigestSlot.day < local(now).date()
    )


def _turns(county: str, settings: Settings, now: datetime) -> Select[tuple[PostItem]]:
    """The county's lots whose turn may come, in the order of their turns."""
    last = select(func.max(DigestSlot.made_at)).where(DigestSlot.account_id == Account.id).scalar_subquery()
    promised = exists().where(Match.supply_post_id == Post.id, Match.state == MatchState.AGREED)
    rested = now - timedelta(days=settings.digest_seller_days)
    return (
        select(PostItem)
        .join(PostItem.post)
        .join(Account, Account.id == Post.account_id)
        .where(PostItem.direction == "supply", PostItem.live, PostItem.qty_left > 0)
        .where(Post.state.in_(LIVE), Post.published_at <= now - _WAITED, Post.expires_at > now + _WAITED)
        .where(areas.inside(Post.area_code, county), Account.state == AccountState.VERIFIED)
        .where((last.is_(None)) | (last <= rested), ~promised)
        .order_by(
            last.is_not(None),
            last,
            ~lots.is_small(),
            Account.organisation_id.is_not(None),
            Post.published_at,
            PostItem.id,
        )
    )
