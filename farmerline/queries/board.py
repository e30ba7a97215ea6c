"""The public board: open posts by kind, product, place and day; one post. No phone, no full name leaves here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import areas
from farmerline.identity import mask_name
from farmerline.models import (
    LIVE,
    Account,
    AccountState,
    Area,
    AreaLevel,
    PersonKind,
    Post,
    PostItem,
    PostKind,
    PostState,
)

PAGE = 20
_OVER = (PostState.DONE, PostState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of post. ``side``: offer, want, or "" where posts of this kind are not matched."""

    code: str
    name_zh: str
    name_en: str
    tile: str
    side: str
    text_only: bool

    def name(self, language: str) -> str:
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader wants to see. ``product``: a category, a concept, or ``concept·form``; "" for everything."""

    kinds: tuple[str, ...] = ()
    product: str = ""
    area_code: str = ""
    days: int | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A post as everybody sees it. ``who`` is masked."""

    id: str
    number: int
    kind: str
    title: str
    price: str
    place: str
    area_code: str
    who: str
    who_zh: str
    who_en: str
    verified: bool
    channel: str
    state: str
    published_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Product:
    """A product with how many open posts name it."""

    value: str
    name: str
    category: str
    count: int


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the board. ``found`` counts every page."""

    rows: tuple[BoardRow, ...]
    found: int
    open_count: int
    new_today: int


def kinds(session: Session) -> list[Kind]:
    """Every kind of post, in its order."""
    rows = session.scalars(select(PostKind).order_by(PostKind.position, PostKind.code))
    sides = {"supply": "offer", "demand": "want"}
    return [
        Kind(
            row.code,
            row.name_zh,
            row.name_en,
            row.tile,
            sides.get(row.direction or "", ""),
            row.direction is None,
        )
        for row in rows
    ]


def board(session: Session, wanted: Wanted, *, now: datetime) -> Board:
    """The posts that are open and wanted, the newest first."""
    query = _chosen(select(Post.id), wanted, now)
    found = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ids = (
        query.order_by(Post.published_at.desc(), Post.id.desc()).limit(PAGE).offset((wanted.page - 1) * PAGE)
    )
    posts = list(
        session.scalars(
            select(Post).where(Post.id.in_(ids)).order_by(Post.published_at.desc(), Post.id.desc())
        )
    )
    midnight = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    counting = select(func.count()).select_from(Post).where(Post.state.in_(LIVE))
    return Board(
        rows=tuple(rows_of(session, posts)),
        found=found,
        open_count=session.scalar(counting) or 0,
        new_today=session.scalar(counting.where(Post.published_at >= midnight)) or 0,
    )


def products(session: Session) -> list[Product]:
    """What is offered and wanted now, the most frequent first: each concept and form under its plainest name."""
    query = (
        select(
            PostItem.category,
            PostItem.concept,
            PostItem.form,
            PostItem.name,
            func.count(PostItem.post_id.distinct()),
        )
        .join(Post, Post.id == PostItem.post_id)
        .where(PostItem.live, Post.state.in_(LIVE))
        .group_by(PostItem.category, PostItem.concept, PostItem.form, PostItem.name)
    )
    found: dict[str, Product] = {}
    for category, concept, form, name, count in session.execute(query).tuples():
        value = f"{concept}·{form}"
        known = found.get(value)
        plain = name if known is None or len(name) < len(known.name) else known.name
        found[value] = Product(value, plain, category, count + (known.count if known else 0))
    return sorted(found.values(), key=lambda product: (-product.count, product.name))


def towns(session: Session, county: str) -> list[tuple[str, str]]:
    """The county's towns: code and name."""
    query = select(Area.code, Area.name).where(areas.inside(Area.code, county), Area.level == AreaLevel.TOWN)
    return [(code, name) for code, name in session.execute(query.order_by(Area.code)).tuples()]


def find_post(session: Session, number: int) -> Post | None:
    """The post with this number, in whatever state."""
    return session.scalar(select(Post).where(Post.number == number))


def is_public(post: Post) -> bool:
    """Whether everybody may see this post: while it is open, and after it ended by itself or well."""
    return post.published_at is not None and (post.state in LIVE or post.state in _OVER)


def rows_of(session: Session, posts: Sequence[Post]) -> list[BoardRow]:
    """Posts as everybody sees them, in the same order."""
    owners = _by_id(session, {post.account_id for post in posts})
    names = {row.code: row for row in session.scalars(select(PersonKind))} if posts else {}
    places = {code: areas.path_name(session, code) for code in {post.area_code for post in posts}}
    made = []
    for post in posts:
        owner = owners[post.account_id]
        kind = next((names[row.kind] for row in owner.kinds if row.kind in names), None)
        made.append(
            BoardRow(
                id=post.id, number=post.number or 0, kind=post.kind, title=title(post), price=price(post),
                place=places[post.area_code], area_code=post.area_code, who=mask_name(owner.name),
                who_zh=kind.name_zh if kind else "", who_en=kind.name_en if kind else "",
                verified=owner.state is AccountState.VERIFIED, channel=post.channel.value, state=post.state.value,
                published_at=post.published_at or post.created_at, expires_at=post.expires_at or post.created_at,
            )
        )  # fmt: skip
    return made


def title(post: Post) -> str:
    """What a post is about: ``夏黑葡萄苗，2000株``; the first words where nothing was read as goods."""
    if not post.items:
        return post.text[:40] + ("…" if len(post.text) > 40 else "")
    return "、".join(
        "，".join(part for part in (item.name, item.said_qty) if part) for item in post.items[:3]
    )


def price(post: Post) -> str:
    """The price as it was said, of the first thing; "" where none was said."""
    return post.items[0].said_price if post.items else ""


def _chosen(query: Select[tuple[str]], wanted: Wanted, now: datetime) -> Select[tuple[str]]:
    query = query.where(Post.state.in_(LIVE))
    if wanted.kinds:
        query = query.where(Post.kind.in_(wanted.kinds))
    if wanted.area_code:
        query = query.where(areas.inside(Post.area_code, wanted.area_code))
    if wanted.days:
        query = query.where(Post.published_at > now - timedelta(days=wanted.days))
    if wanted.product:
        concept, _dot, form = wanted.product.partition("·")
        items = select(PostItem.post_id).where(
            PostItem.live, (PostItem.concept == concept) | (PostItem.category == concept)
        )
        query = query.where(Post.id.in_(items.where(PostItem.form == form) if form else items))
    return query


def _by_id(session: Session, ids: set[str]) -> dict[str, Account]:
    return {account.id: account for account in session.scalars(select(Account).where(Account.id.in_(ids)))}
