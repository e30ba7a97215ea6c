"""Posts that fit a post: the best of all open ones, without looking at most of them.

The open items of a product lie in windows (``candidate_rows``): its own form or one near it, here, in the province, next
door, anywhere, of the variety asked for or not. For each window it is known what a row in it is worth at most, and that
worth falls with the day reached. So the best window is read first, a batch at a time, and a row is given out as soon as
nothing unread can be better: what comes out is what scoring every open row would give, in the same order.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from heapq import heappop, heappush
from itertools import islice
from math import inf

from sqlalchemy import ColumnElement, Connection, Select, or_, select, true
from sqlalchemy.orm import Session, joinedload

import matching
from farmerline.clock import local
from farmerline.domain.candidate_rows import Reader, Window
from farmerline.domain.candidate_windows import windows_for
from farmerline.models import LIVE, Account, AccountState, Match, MatchState, Post, PostItem
from matching.score import Day, Row, Scorer

CAP = 2_000
"""At most so many rows are read for one item, whatever it takes to prove that nothing else is better."""

WANTED = 10
_NOTHING, _UNREAD = (0.0, 0.0, ""), (1.0, -inf)


def nearest(
    connection: Connection | sqlite3.Connection,
    offer: matching.Offer,
    *,
    today: int,
    limit: int,
    skip: Callable[[str], bool] | None = None,
) -> list[tuple[float, str]]:
    """The open items that fit an offer or a want best: how well, and the item's id; ``skip`` leaves ids out.

    ``today`` is an ordinal day. Ties go to the newer, then to the smaller id, as in ``matching.rank``. Reads in the
    connection's transaction, and nothing but the indexes.
    """
    found = best_first(Reader(connection), offer, today)
    return list(islice((pair for pair in found if skip is None or not skip(pair[1])), limit))


def rank(
    session: Session, item: PostItem, owner: Account, now: datetime
) -> list[tuple[matching.Score, PostItem]]:
    """The ten best partners of an item, each with how well it fits, best first.

    Never of one's own household, of somebody who is not verified, of a post that has met this one; nothing expired or
    sold out.
    """
    session.flush()
    today, offer = local(now).date().toordinal(), offer_of(item)
    found = best_first(Reader(session.connection()), offer, today)
    rows: dict[str, PostItem] = {}
    while len(rows) < WANTED and (ids := [one for _, one in islice(found, WANTED)]):
        rows.update({row.id: row for row in session.scalars(_partners(item, owner, now, ids))})
    ranked = matching.rank(offer, map(offer_of, rows.values()), limit=WANTED, today=today)
    return [(score, rows[score.offer.id]) for score in ranked]


def _large_enough(item: PostItem) -> ColumnElement[bool]:
    """No lot under the smallest that its buyer takes: those are pooled instead."""
    if item.direction == "demand":
        if item.least is None:
            return true()
        return or_(PostItem.qty_left.is_(None), PostItem.unit != item.unit, PostItem.qty_left >= item.least)
    if item.qty_left is None:
        return true()
    return or_(PostItem.least.is_(None), PostItem.unit != item.unit, PostItem.least <= item.qty_left)


def offer_of(item: PostItem) -> matching.Offer:
    """An item as the matcher sees it: what is left of the lot, where, since when."""
    return matching.Offer(
        id=item.id,
        direction=item.direction,
        concept=item.concept,
        form=item.form,
        variety=item.variety or None,
        qty=item.qty_left,
        unit=item.unit,
        unit_price=item.unit_price,
        price_unit=item.price_unit,
        area=item.area_code,
        day=item.day.toordinal(),
        name=item.name,
    )


def best_first(reader: Reader, offer: matching.Offer, today: int) -> Iterator[tuple[float, str]]:
    """How well and which: every open item that fits, best first, each as soon as nothing unread can be better."""
    scorer = Scorer(offer, today)
    unread = _Unread(scorer.days)
    unread.add(windows_for(offer, scorer))
    seen: set[str] = set()
    read: list[tuple[float, int, str]] = []
    while unread and reader.rows < CAP:
        form, rows = unread.read(reader)
        new = [row for row in rows if row[0] not in seen]
        seen.update([row[0] for row in new])
        for fit in scorer.weigh(form, new):
            heappush(read, fit)
        best = unread.best()
        while read and read[0] <= best:
            worth, _, item = heappop(read)
            yield -worth, item
    while read:
        worth, _, item = heappop(read)
        yield -worth, item


class _Unread:
    """The windows with rows that nobody has read yet, the most promising first."""

    def __init__(self, days: Mapping[Day, tuple[float, int]]) -> None:
        self._days = days
        self._windows: list[tuple[tuple[float, float, str], int, Window]] = []
        self._added = 0

    def __bool__(self) -> bool:
        return bool(self._windows)

    def add(self, windows: Iterable[Window]) -> None:
        """Take windows in, but those where nothing can be good enough."""
        for window in windows:
            fresh, reached = _UNREAD if window.day is None else self._days[window.day]
            worth = window.worth * fresh
            if worth >= matching.THRESHOLD:
                self._added += 1
                heappush(self._windows, ((-worth, reached, window.after), self._added, window))

    def best(self) -> tuple[float, float, str]:
        """What the best unread row may come to at most, as rows are sorted: its worth, its day, an id before its own."""
        return self._windows[0][0] if self._windows else _NOTHING

    def read(self, reader: Reader) -> tuple[float, list[Row]]:
        """A batch of the most promising window, and how near its form is."""
        window = heappop(self._windows)[2]
        rows, more = window.read(reader)
        if more:
            split, window.split = window.split, None
            self.add((window,) if split is None else split(window, rows))
        return window.form, rows


def _partners(item: PostItem, owner: Account, now: datetime, ids: list[str]) -> Select[tuple[PostItem]]:
    """Of these items those that may be told of."""
    apart = Account.id != owner.id
    if owner.phone_index:
        apart &= or_(Account.phone_index.is_(None), Account.phone_index != owner.phone_index)
    supplies = item.direction == "supply"
    mine, theirs = (
        (Match.supply_post_id, Match.demand_post_id)
        if supplies
        else (Match.demand_post_id, Match.supply_post_id)
    )
    met = select(theirs).where(mine == item.post_id, Match.state != MatchState.LAPSED)
    return (
        select(PostItem)
        .join(PostItem.post)
        .join(Account, Account.id == Post.account_id)
        .where(PostItem.id.in_(ids), Account.state == AccountState.VERIFIED, apart, Post.state.in_(LIVE))
        .where(or_(Post.expires_at.is_(None), Post.expires_at > now))
        .where(or_(PostItem.qty_left.is_(None), PostItem.qty_left > 0))
        .where(_large_enough(item))
        .where(PostItem.post_id.not_in(met))
        .options(joinedload(PostItem.post))
    )
