"""What a reader of the board asks for, as conditions on open posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Subquery, TextClause, bindparam, func, select, text
from sqlalchemy.orm import Session

from farmerline.domain import areas
from farmerline.domain.distances import RECKONED, distances
from farmerline.models import Post, PostItem
from farmerline.queries import product_tree, search
from farmerline.queries.product_tree import ITEM_LIVE, Product

Condition = ColumnElement[bool] | TextClause

POST_LIVE = text("post.state || '' IN ('open', 'matched')")
"""In these words the database uses the indexes of live posts (``models.post.LIVE_POSTS``)."""

UNITS = {"斤": ("kg", 2.0), "公斤": ("kg", 1.0), "吨": ("kg", 0.001)}
"""Units in which weights are priced, with the unit stored and how many of them make one of it; others are as they are."""


class Sort(StrEnum):
    NEWEST = "newest"
    NEAREST = "nearest"
    CHEAPEST = "cheapest"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader wants to see; empty for everything.

    ``product``: a category, a concept, ``concept·form`` or ``concept·form·variety``. ``area_code``: only inside it.
    ``centre``: where distances are counted from; ``km``: at most so far. ``low`` and ``high``: yuan for one ``unit`` as
    people say it (斤, 株). ``words`` stand in the post's text. Sorting by distance needs a centre, by price a product and a unit.
    """

    kinds: tuple[str, ...] = ()
    product: str = ""
    form: str = ""
    area_code: str = ""
    centre: str = ""
    km: int | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    days: int | None = None
    words: str = ""
    sort: Sort = Sort.NEWEST
    page: int = 1

    @property
    def by_place(self) -> bool:
        """Whether distances decide what is shown or where."""
        return bool(self.centre) and (self.km is not None or self.sort is Sort.NEAREST)

    @property
    def by_content(self) -> bool:
        """Whether it is asked what the posts say: then they are found first and put in order afterwards."""
        return bool(self.product or self.form or self.words or self.low is not None or self.high is not None)

    @property
    def by_price(self) -> bool:
        return self.sort is Sort.CHEAPEST and bool(self.product and self.unit)


@dataclass(frozen=True, slots=True)
class Near:
    """Places, the nearest first: code, kilometres, how many posts. ``reckoned``: some distances within the city, also of places
    out of reach, are not from the map."""

    places: tuple[tuple[str, float, int], ...]
    reckoned: bool

    @property
    def found(self) -> int:
        return sum(count for _code, _km, count in self.places)

    @property
    def codes(self) -> list[str]:
        return [code for code, _km, _count in self.places]


def conditions(
    session: Session, wanted: Wanted, tree: Sequence[Product], *, now: datetime
) -> list[Condition]:
    """What an open post must be; distances are asked by ``areas_near``."""
    found: list[Condition] = [POST_LIVE]
    if wanted.kinds:
        found.append(Post.kind.in_(wanted.kinds))
    if wanted.area_code:
        found.append(areas.inside(Post.area_code, wanted.area_code))
    if wanted.days:
        found.append(Post.published_at > now - timedelta(days=wanted.days))
    if replace(wanted, words="").by_content:
        items = select(PostItem.post_id).where(*_item_conditions(wanted, tree))
        found.append(Post.id.in_(items))
    words = search.holding(session, wanted.words) if wanted.words else None
    if words is not None:
        found.append(words)
    return found


def areas_near(session: Session, wanted: Wanted, fitting: Sequence[Condition]) -> Near:
    """The places of fitting posts within reach."""
    counting = select(Post.area_code, func.count()).where(*fitting).group_by(Post.area_code)
    counts = dict(session.execute(counting).tuples().all())
    far = distances(session, wanted.centre, counts.keys())
    near = [
        (code, far[code].km, count)
        for code, count in counts.items()
        if wanted.km is None or far[code].km <= wanted.km
    ]
    reckoned = any(not one.measured and one.km < RECKONED[2] for one in far.values())
    return Near(tuple(sorted(near, key=lambda one: (one[1], one[0]))), reckoned)


def among(codes: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a post is in one of these places; they are written out, as they may be more than a statement takes
    values."""
    return Post.area_code.in_(bindparam("places", codes, expanding=True, literal_execute=True, unique=True))


def prices(wanted: Wanted, tree: Sequence[Product]) -> Subquery:
    """The least price that each post asks for what is wanted, in its unit: ``post_id`` and ``price``."""
    least = select(PostItem.post_id, func.min(PostItem.unit_price).label("price"))
    return (
        least.where(*_item_conditions(wanted, tree), PostItem.unit_price.is_not(None))
        .where(PostItem.price_unit == UNITS.get(wanted.unit, (wanted.unit, 1.0))[0])
        .group_by(PostItem.post_id)
        .subquery()
    )


def units(session: Session, wanted: Wanted, tree: Sequence[Product]) -> list[str]:
    """The units in which what is wanted is priced, as people say them, the most usual first; [] without a product."""
    if not wanted.product:
        return []
    keys = [key for one in product_tree.chosen(tree, wanted.product, wanted.form) for key in one.keys]
    counting = (
        select(PostItem.price_unit, func.count())
        .where(ITEM_LIVE, PostItem.key.in_(keys), PostItem.unit_price.is_not(None))
        .where(PostItem.price_unit.is_not(None))
        .group_by(PostItem.price_unit)
    )
    rows = sorted(session.execute(counting).tuples(), key=lambda row: (-row[1], row[0] or ""))
    return ["斤" if unit == "kg" else str(unit) for unit, _count in rows]


def _item_conditions(wanted: Wanted, tree: Sequence[Product]) -> list[Condition]:
    found: list[Condition] = [ITEM_LIVE]
    if wanted.product or wanted.form:
        leaves = product_tree.chosen(tree, wanted.product, wanted.form)
        found.append(PostItem.key.in_([key for one in leaves for key in one.keys]))
    if variety := product_tree.variety(wanted.product):
        found.append(PostItem.variety == variety)
    unit, times = UNITS.get(wanted.unit, (wanted.unit, 1.0))
    if wanted.low is not None or wanted.high is not None:
        found.append(PostItem.price_unit == unit)
    if wanted.low is not None:
        found.append(PostItem.unit_price >= wanted.low * times - 1e-6)
    if wanted.high is not None:
        found.append(PostItem.unit_price <= wanted.high * times + 1e-6)
    return found
