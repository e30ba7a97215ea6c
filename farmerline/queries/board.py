"""The public board: open posts by kind, product, place and day; one post. No phone, no full name leaves here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import areas
from farmerline.domain.distances import Distance, distances
from farmerline.identity import mask_name
from farmerline.models import (
    LIVE,
    Account,
    AccountState,
    PersonKind,
    Post,
    PostKind,
    PostState,
)
from farmerline.queries import product_tree
from farmerline.queries.board_filters import (
    POST_LIVE,
    Condition,
    Near,
    Sort,
    Wanted,
    among,
    areas_near,
    conditions,
    prices,
    units,
)
from farmerline.queries.product_tree import Product

PAGE = 20
_USUAL_UNIT = "斤"
_OVER = (PostState.DONE, PostState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of post. ``side``: offer, want, or "" where posts of this kind are not matched; ``days``: how long one stands."""

    code: str
    name_zh: str
    name_en: str
    tile: str
    side: str
    text_only: bool
    days: int = 0

    def name(self, language: str) -> str:
        return self.name_zh if language == "zh" else self.name_en


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
    far: Distance | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the board. ``found`` counts every page; ``tree`` is all that is open; ``unit`` is that in which prices were
    asked, ``units`` those of the chosen product; ``reckoned``: some distances are not from the map."""

    rows: tuple[BoardRow, ...]
    found: int
    tree: tuple[Product, ...]
    unit: str
    units: tuple[str, ...]
    reckoned: bool


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
            row.days,
        )
        for row in rows
    ]


def board(session: Session, wanted: Wanted, *, now: datetime) -> Board:
    """A page of the posts that are open and wanted, in the order wanted."""
    tree = product_tree.products(session)
    usual = tuple(units(session, wanted, tree))
    wanted = replace(wanted, unit=wanted.unit or next(iter(usual), _USUAL_UNIT))
    fitting = conditions(session, wanted, tree, now=now)
    reckoned = False
    if wanted.by_place:
        near = areas_near(session, wanted, fitting)
        found, reckoned = near.found, near.reckoned
        if wanted.sort is Sort.NEAREST:
            posts = _nearest(session, wanted, fitting, near)
        else:
            posts, _found = _page(session, wanted, [*fitting, among(near.codes)], tree)
    else:
        posts, found = _page(session, wanted, fitting, tree)
    far = distances(session, wanted.centre, {post.area_code for post in posts}) if wanted.centre else {}
    rows = tuple(rows_of(session, posts, far))
    return Board(rows, found, tuple(tree), wanted.unit, usual, reckoned)


def newest(session: Session, wanted: Wanted, *, most: int, now: datetime) -> list[BoardRow]:
    """The newest posts that are open and wanted, without pages."""
    tree = product_tree.products(session)
    wanted = _with_unit(session, wanted, tree)
    fitting = conditions(session, wanted, tree, now=now)
    if wanted.by_place:
        fitting.append(among(areas_near(session, wanted, fitting).codes))
    order = (Post.published_at.desc(), Post.id.desc())
    ids = session.scalars(select(Post.id).where(*fitting).order_by(*order).limit(most)).all()
    return rows_of(session, _in_order(session, ids))


def count(session: Session, wanted: Wanted, tree: Sequence[Product], *, now: datetime) -> int:
    """How many posts are open and wanted."""
    wanted = _with_unit(session, wanted, tree)
    fitting = conditions(session, wanted, tree, now=now)
    if wanted.by_place:
        return areas_near(session, wanted, fitting).found
    return session.scalar(select(func.count()).select_from(Post).where(*fitting)) or 0


def open_posts(session: Session, *, now: datetime) -> tuple[int, int]:
    """How many posts are open, and how many of them were published since midnight."""
    midnight = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    counting = select(func.count()).select_from(Post).where(POST_LIVE)
    return (
        session.scalar(counting) or 0,
        session.scalar(counting.where(Post.published_at >= midnight)) or 0,
    )


def find_post(session: Session, number: int) -> Post | None:
    """The post with this number, in whatever state."""
    return session.scalar(select(Post).where(Post.number == number))


def is_public(post: Post) -> bool:
    """Whether everybody may see this post: while it is open, and after it ended by itself or well."""
    return post.published_at is not None and (post.state in LIVE or post.state in _OVER)


def rows_of(
    session: Session, posts: Sequence[Post], far: Mapping[str, Distance] | None = None
) -> list[BoardRow]:
    """Posts as everybody sees them, in the same order; ``far``: how far their places are."""
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
                place=places[post.area_code], area_code=post.area_code, far=(far or {}).get(post.area_code),
                who=mask_name(owner.name),
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


def _with_unit(session: Session, wanted: Wanted, tree: Sequence[Product]) -> Wanted:
    """Prices need a unit: the one asked for, else the most usual one of the product."""
    if wanted.unit or (wanted.low is None and wanted.high is None):
        return wanted
    return replace(wanted, unit=next(iter(units(session, wanted, tree)), _USUAL_UNIT))


def _page(
    session: Session, wanted: Wanted, fitting: Sequence[Condition], tree: Sequence[Product]
) -> tuple[list[Post], int]:
    """This page's posts by age, or by price with those that name none behind; and how many there are on all pages.

    Where it is asked what posts say, one pass finds and counts them; otherwise an index holds them in order already, and
    counting is a query of its own.
    """
    counted = func.count().over() if wanted.by_content else literal(0)
    query = select(Post.id, counted).where(*fitting)
    order: list[ColumnElement[Any]] = [Post.published_at.desc(), Post.id.desc()]
    if wanted.by_price:
        asked = prices(wanted, tree)
        query = query.outerjoin(asked, asked.c.post_id == Post.id)
        order = [asked.c.price.asc().nulls_last(), *order]
    rows = session.execute(query.order_by(*order).limit(PAGE).offset((wanted.page - 1) * PAGE)).all()
    if rows and wanted.by_content:
        found = rows[0][1]
    else:
        found = session.scalar(select(func.count()).select_from(Post).where(*fitting)) or 0
    return _in_order(session, [row[0] for row in rows]), found


def _nearest(session: Session, wanted: Wanted, fitting: Sequence[Condition], near: Near) -> list[Post]:
    """This page's posts by distance and then by age."""
    first, end = (wanted.page - 1) * PAGE, wanted.page * PAGE
    passed, ids = 0, list[str]()
    for _km, ring in groupby(near.places, key=lambda one: one[1]):
        places = list(ring)
        inside = sum(count for _code, _km, count in places)
        if passed + inside > first and len(ids) < PAGE:
            here = among([code for code, _km, _count in places])
            query = select(Post.id).where(*fitting, here).order_by(Post.published_at.desc(), Post.id.desc())
            ids += session.scalars(query.offset(max(0, first - passed)).limit(end - first - len(ids)))
        passed += inside
    return _in_order(session, ids)


def _in_order(session: Session, ids: Sequence[str]) -> list[Post]:
    posts = {post.id: post for post in session.scalars(select(Post).where(Post.id.in_(ids)))}
    return [posts[one] for one in ids]


def _by_id(session: Session, ids: set[str]) -> dict[str, Account]:
    return {account.id: account for account in session.scalars(select(Account).where(Account.id.in_(ids)))}
