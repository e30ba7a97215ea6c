"""Posts that fit a post: candidates from the rows, ranked by the matcher."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

import matching
from farmerline.clock import local
from farmerline.models import Account, AccountState, Match, MatchState, Post, PostItem

CANDIDATES = 300


def rank(
    session: Session, item: PostItem, owner: Account, now: datetime
) -> list[tuple[matching.Score, PostItem]]:
    """The ten best partners of an item, each with how well it fits, best first."""
    rows = {row.id: row for row in _candidates(session, item, owner)}
    today = local(now).date().toordinal()
    offers = [offer_of(row) for row in rows.values()]
    ranked = matching.rank(offer_of(item), offers, limit=10, today=today)
    return [(score, rows[score.offer.id]) for score in ranked]


def _candidates(session: Session, item: PostItem, owner: Account) -> list[PostItem]:
    """Rows of the other direction with one of the keys, nearest area first, never of one's own household."""
    keys = matching.keys(offer_of(item), item.direction)
    apart = Account.id != owner.id
    if owner.phone_index:
        apart &= or_(Account.phone_index.is_(None), Account.phone_index != owner.phone_index)
    base = (
        select(PostItem)
        .join(PostItem.post)
        .join(Account, Account.id == Post.account_id)
        .where(PostItem.key.in_(keys), PostItem.live, Account.state == AccountState.VERIFIED, apart)
        .where(PostItem.post_id.not_in(_met_by(item)))
        .options(joinedload(PostItem.post))
        .order_by(PostItem.day.desc(), PostItem.id)
        .limit(CANDIDATES)
    )
    found: dict[str, PostItem] = {}
    for area in (PostItem.city == item.city, PostItem.province == item.province, None):
        wanted = base if area is None else base.where(area)
        found.update({row.id: row for row in session.scalars(wanted)})
        if len(found) >= CANDIDATES:
            break
    return list(found.values())


def _met_by(item: PostItem) -> Select[tuple[str]]:
    """Posts that this one knows already: whatever came of it, they are not told of each other again."""
    supplies = item.direction == "supply"
    mine, theirs = (
        (Match.supply_post_id, Match.demand_post_id)
        if supplies
        else (Match.demand_post_id, Match.supply_post_id)
    )
    return select(theirs).where(mine == item.post_id, Match.state != MatchState.LAPSED)


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
