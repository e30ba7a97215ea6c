"""Small questions answered from the rows: what is offered, at what price, which post is meant."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import posts
from farmerline.models import (
    LIVE,
    Account,
    AccountState,
    AreaLevel,
    Article,
    ArticleState,
    Post,
    PostItem,
    PostState,
)
from farmerline.queries import articles, search
from matching import Reading, Understood

AT_MOST = 3
"""Items in one SMS: a small trusted set instead of a flood."""

_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """Prices asked in open posts: yuan per ``unit``."""

    low: float
    high: float
    middle: float
    unit: str
    count: int


def find_posts(session: Session, said: Understood, person: Account) -> list[Post]:
    """At most three open posts of a product, the person's own county first, newest first.

    Where no product was read, those whose words are like what was said, or none.
    """
    product, form = said.slots.get("product"), said.slots.get("form")
    if not product:
        own_side = {"supply": "demand", "demand": "supply"}.get(_side_wanted(said) or "", "")
        words = said.reading.text if said.reading else ""
        return search.similar(session, words, own_side, AT_MOST, without=person.id)
    wanted = (
        select(Post)
        .join(PostItem)
        .join(Account, Account.id == Post.account_id)
        .where(PostItem.concept == product, PostItem.live, Post.account_id != person.id)
        .where(Account.state == AccountState.VERIFIED)
    )
    if form:
        wanted = wanted.where(PostItem.form == form)
    side = _side_wanted(said)
    if side:
        wanted = wanted.where(PostItem.direction == side)
    found = session.scalars(wanted.order_by(Post.published_at.desc()).limit(50)).unique().all()
    near = person.area_code[:6]
    return sorted(found, key=lambda post: not post.area_code.startswith(near))[:AT_MOST]


def find_numbered(session: Session, number: str) -> Post | None:
    """The open post with this number, as it stands on a wall or a page; None where there is none."""
    if not (number.isascii() and number.isdigit() and len(number) < _DIGITS):
        return None
    wanted = select(Post).join(Account, Account.id == Post.account_id)
    return session.scalar(
        wanted.where(Post.number == int(number), Post.state.in_(LIVE), Account.state == AccountState.VERIFIED)
    )


def find_article(session: Session, said: Understood, person: Account, now: datetime) -> Article | None:
    """The article of the number said, else the newest one for the person's place about the pest or the product."""
    number = str(said.slots.get("number") or "")
    if number.isascii() and number.isdigit() and len(number) < _DIGITS:
        return session.scalar(
            select(Article).where(Article.number == int(number), Article.state == ArticleState.ISSUED)
        )
    for word in (said.reading.pest if said.reading else "", str(said.slots.get("product") or "")):
        found = articles.in_force(session, place=person.area_code, now=now, word=word, most=1) if word else ()
        if found:
            return found[0]
    return None


def asked_prices(session: Session, product: str, now: datetime) -> Asked | None:
    """What is asked for a product in posts of the last 30 days, by weight where there is one; None when nothing is known."""
    since = now - timedelta(days=30)
    rows = session.execute(
        select(PostItem.unit_price, PostItem.price_unit)
        .join(PostItem.post)
        .where(
            PostItem.concept == product,
            PostItem.direction == "supply",
            PostItem.unit_price.is_not(None),
            Post.published_at >= since,
        )
    ).all()
    by_unit: dict[str, list[float]] = {}
    for price, unit in rows:
        by_unit.setdefault(unit or "", []).append(price)
    if not by_unit:
        return None
    unit, prices = max(by_unit.items(), key=lambda found: (found[0] == "kg", len(found[1])))
    per_jin = 0.5 if unit == "kg" else 1.0
    low, high, middle = (round(value * per_jin, 2) for value in (min(prices), max(prices), median(prices)))
    return Asked(low, high, middle, "斤" if unit == "kg" else unit, len(prices))


def own_posts(session: Session, person: Account, said: Understood, *, ended: bool = False) -> list[Post]:
    """The person's posts that the words may mean: by number, else by product, else all of them."""
    states = LIVE | ({PostState.EXPIRED, PostState.DONE} if ended else {PostState.HELD})
    mine = (
        select(Post)
        .where(Post.account_id == person.id, Post.state.in_(states))
        .order_by(Post.created_at.desc())
    )
    found = list(session.scalars(mine.limit(50)))
    number = str(said.slots.get("number") or "")
    if number.isdigit():
        return [post for post in found if post.number == int(number)]
    if ended:
        found = [post for post in found if post.state in LIVE] or found
    product = said.slots.get("product")
    fitting = [post for post in found if product and any(item.concept == product for item in post.items)]
    return fitting or found


def same_offer(session: Session, person: Account, kind: str, reading: Reading) -> Post | None:
    """The person's open post that says the same things, amounts and prices already."""
    wanted = Counter(
        (item.concept, item.form, item.variety or "", item.qty, item.unit_price) for item in reading.items
    )
    mine = select(Post).where(Post.account_id == person.id, Post.kind == kind, Post.state.in_(LIVE))
    for post in session.scalars(mine.order_by(Post.created_at.desc()).limit(50)):
        up = Counter(
            (item.concept, item.form, item.variety, item.qty, item.unit_price) for item in post.items
        )
        if up == wanted:
            return post
    return None


def line(session: Session, post: Post, language: str) -> str:
    """A post in a line with its number, for a short answer."""
    return f"{post.number} {posts.describe(session, post, language, start=AreaLevel.TOWN)}"


def _side_wanted(said: Understood) -> str | None:
    words = said.reading.text if said.reading else ""
    if any(sign in words for sign in ("供应", "谁卖", "哪里有", "谁有")):
        return "supply"
    return "demand" if any(sign in words for sign in ("求购", "谁收", "谁在收", "谁要", "哪里收")) else None
