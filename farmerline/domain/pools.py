"""Pooled offers: small lots of one product, form and week, near each other, that together are what a buyer takes.

Nobody is pooled unasked: each member says yes by a key or a reply, and only who did is named to the buyer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

import matching
from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import pool_words, questions
from farmerline.domain.distances import distances
from farmerline.domain.numbers import next_number
from farmerline.models import (
    LIVE,
    Account,
    AccountState,
    Match,
    MatchState,
    Pool,
    PoolMember,
    PoolState,
    Post,
    PostItem,
    Question,
    QuestionKind,
    QuestionState,
)

NEAR_KM = 10.0
_SHARE = 0.2
"""Without a minimum of the buyer's own, a lot under a fifth of what is wanted is small: the same bound as the score's."""
_MOST_MEMBERS = 9
_LOOKED_AT = 400
_KINDS = (QuestionKind.POOL, QuestionKind.POOLED)
ACTIVE = (PoolState.ASKING, PoolState.OFFERED)


def minimum(item: PostItem) -> float | None:
    """The smallest lot that a buyer takes, in kg or the item's unit; None where neither it nor an amount was said."""
    if item.least is not None:
        return item.least
    return item.qty_left * _SHARE if item.qty_left else None


def form_all(
    session: Session, *, settings: Settings, now: datetime, after: str = "", limit: int = 100
) -> str | None:
    """Form the pools that can be formed for open wants, a hundred wants at a time; the id to go on after, None at the end."""
    wants = list(
        session.scalars(
            select(PostItem)
            .join(Post, Post.id == PostItem.post_id)
            .where(
                PostItem.live, PostItem.direction == "demand", PostItem.unit.is_not(None), PostItem.id > after
            )
            .where(Post.state.in_(LIVE), Post.expires_at > now)
            .order_by(PostItem.id)
            .limit(limit)
        )
    )
    for want in wants:
        form(session, want, settings=settings, now=now)
    return wants[-1].id if len(wants) == limit else None


def form(session: Session, want: PostItem, *, settings: Settings, now: datetime) -> Pool | None:
    """Ask the neighbours whose lots together are enough for this want; None where there are no such lots, or a pool for
    it was formed in the last week."""
    least = minimum(want)
    if not least or not want.unit or _formed_lately(session, want, now):
        return None
    lots = choose(session, _small_lots(session, want, least, now), least=least, wanted=want.qty_left)
    if not lots:
        return None
    pool = Pool(
        number=next_number(session, "pool"),
        key=want.key,
        demand_item_id=want.id,
        area_code=lots[0].area_code,
        least=least,
        unit=want.unit,
        state=PoolState.ASKING,
        made_at=now,
        until=now + timedelta(hours=settings.pool_hours),
    )
    pool.members = [
        PoolMember(item_id=lot.id, account_id=lot.post.account_id, position=place, qty=lot.qty_left)
        for place, lot in enumerate(lots)
    ]
    session.add(pool)
    session.flush()
    for member in pool.members:
        account = session.get_one(Account, member.account_id)
        question = questions.ask(
            session,
            kind=QuestionKind.POOL,
            now=now,
            hours=settings.pool_hours,
            account=account,
            data={"pool": pool.id},
        )
        pool_words.ask_member(session, pool, member, account, question, now)
    return pool


def choose(
    session: Session, lots: Sequence[PostItem], *, least: float, wanted: float | None
) -> list[PostItem]:
    """The lots of one neighbourhood that are enough together: the fewest, the largest first, each within 10 km of each
    other, of one week; empty where no neighbourhood has enough."""
    codes = {lot.area_code for lot in lots}
    near = {
        code: {other for other, apart in distances(session, code, codes).items() if apart.km <= NEAR_KM}
        for code in codes
    }
    ranked = sorted(lots, key=lambda lot: (-(lot.qty_left or 0), lot.id))
    enough = least if wanted is None else max(least, min(wanted, 2 * least))
    best: list[PostItem] = []
    for seed in ranked:
        chosen = _around(seed, ranked, near, enough)
        held = sum(lot.qty_left or 0 for lot in chosen)
        if len(chosen) > 1 and held >= least and held > sum(lot.qty_left or 0 for lot in best):
            best = chosen
        if held >= enough and best:
            break
    return best


def agreed(pool: Pool) -> list[PoolMember]:
    """The members who said yes."""
    return [member for member in pool.members if member.agreed]


def review(session: Session, pool: Pool, *, settings: Settings, now: datetime) -> None:
    """Offer a pool to the buyer as soon as nobody is left to ask, or its time is over; let it go where it cannot be enough."""
    if pool.state is not PoolState.ASKING:
        return
    want = session.get_one(PostItem, pool.demand_item_id)
    _drop_gone(session, pool)
    yes = sum(member.qty for member in agreed(pool))
    open_ = [member for member in pool.members if member.agreed is None]
    over = now >= pool.until
    if not want.live or yes + (0 if over else sum(member.qty for member in open_)) < pool.least:
        lapse(session, pool, now=now)
        return
    if (open_ and not over) or yes < pool.least or len(agreed(pool)) < 2:
        if over or not open_:
            lapse(session, pool, now=now)
        return
    pool.state, pool.qty = PoolState.OFFERED, yes
    pool.until = now + timedelta(hours=settings.pool_hours)
    _close(session, pool, now)
    buyer = session.get_one(Account, want.post.account_id)
    question = questions.ask(
        session,
        kind=QuestionKind.POOLED,
        now=now,
        hours=settings.pool_hours,
        account=buyer,
        data={"pool": pool.id},
    )
    pool_words.ask_buyer(session, pool, want, buyer, question, now)


def settle_due(session: Session, pool: Pool, *, settings: Settings, now: datetime) -> None:
    """What silence means when a pool's time is over: of a member a no, of the buyer that it lapses."""
    if pool.state is PoolState.ASKING:
        review(session, pool, settings=settings, now=now)
    else:
        lapse(session, pool, now=now)


def lapse(session: Session, pool: Pool, *, now: datetime) -> None:
    """End a pool that did not come about; who had said yes is told."""
    pool.state, pool.settled_at = PoolState.LAPSED, now
    _close(session, pool, now)
    for member in agreed(pool):
        pool_words.tell_lapsed(session, pool, session.get_one(Account, member.account_id), now)
    session.flush()


def due(session: Session, *, now: datetime, limit: int = 100) -> list[Pool]:
    """The pools whose time is over."""
    rows = select(Pool).where(Pool.state.in_(ACTIVE), Pool.until <= now).order_by(Pool.until).limit(limit)
    return list(session.scalars(rows.with_for_update(skip_locked=True)))


def _formed_lately(session: Session, want: PostItem, now: datetime) -> bool:
    known = select(Pool.id).where(Pool.demand_item_id == want.id)
    lately = known.where(Pool.state.in_(ACTIVE) | (Pool.made_at > now - timedelta(days=7)))
    return session.scalar(lately.limit(1)) is not None


def _small_lots(session: Session, want: PostItem, least: float, now: datetime) -> list[PostItem]:
    """Live lots of the same product and form and of this week, each under the minimum, of verified people who are in no
    other pool and no household of the buyer's."""
    buyer = session.get_one(Account, want.post.account_id)
    taken = select(PoolMember.item_id).join(Pool, Pool.id == PoolMember.pool_id).where(Pool.state.in_(ACTIVE))
    met = select(Match.supply_post_id).where(
        Match.demand_post_id == want.post_id, Match.state.not_in((MatchState.OFFERED, MatchState.LAPSED))
    )
    rows = session.scalars(
        select(PostItem)
        .join(Post, Post.id == PostItem.post_id)
        .join(Account, Account.id == Post.account_id)
        .where(PostItem.key == matching.key(want.concept, want.form, "supply"), PostItem.live)
        .where(PostItem.day >= _monday(local(now).date()), PostItem.unit == want.unit)
        .where(PostItem.qty_left > 0, PostItem.qty_left < least)
        .where(Post.expires_at > now, Post.id.not_in(met), PostItem.id.not_in(taken))
        .where(Account.state == AccountState.VERIFIED, Account.id != buyer.id)
        .order_by(PostItem.qty_left.desc(), PostItem.id)
        .limit(_LOOKED_AT)
    )
    apart = (lot for lot in rows if not want.variety or lot.variety in ("", want.variety))
    return _one_a_household(session, apart, buyer)


def _one_a_household(session: Session, lots: Iterable[PostItem], buyer: Account) -> list[PostItem]:
    seen = {buyer.phone_index} if buyer.phone_index else set()
    kept = []
    for lot in lots:
        owner = session.get_one(Account, lot.post.account_id)
        home = owner.phone_index or owner.id
        if home not in seen:
            seen.add(home)
            kept.append(lot)
    return kept


def _around(
    seed: PostItem, lots: Sequence[PostItem], near: dict[str, set[str]], enough: float
) -> list[PostItem]:
    chosen, held = [seed], seed.qty_left or 0.0
    for lot in lots:
        if held >= enough or len(chosen) == _MOST_MEMBERS:
            break
        if lot is not seed and all(one.area_code in near[lot.area_code] for one in chosen):
            chosen.append(lot)
            held += lot.qty_left or 0.0
    return chosen


def _drop_gone(session: Session, pool: Pool) -> None:
    """A lot that was sold or taken down meanwhile counts as a no."""
    for member in pool.members:
        item = session.get_one(PostItem, member.item_id)
        if member.agreed is not False and (not item.live or (item.qty_left or 0) <= 0):
            member.agreed = False
        elif item.qty_left is not None:
            member.qty = item.qty_left


def _close(session: Session, pool: Pool, now: datetime) -> None:
    """What is still asked about a pool is asked no more."""
    want = session.get_one(PostItem, pool.demand_item_id)
    people = [*(member.account_id for member in pool.members), want.post.account_id]
    asked = select(Question).where(
        Question.account_id.in_(people), Question.kind.in_(_KINDS), Question.state == QuestionState.OPEN
    )
    for question in session.scalars(asked):
        if question.data.get("pool") == pool.id:
            questions.close(question, now=now, state=QuestionState.REPLACED)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
