"""New posts and who subscribed to such: found by ranges of one index, told in few texts, never at night, never twice.

A post is one row (``WatchCursor``) until its subscribers are written down, some hundreds a transaction; the cursor moves
in the same transaction. What is written down waits a few seconds for others, then is told in one message a person.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

import matching
from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import areas, quiet, subscriptions
from farmerline.ids import new_id
from farmerline.models import (
    LIVE,
    Account,
    AccountState,
    Delivery,
    Match,
    Post,
    Purpose,
    Question,
    QuestionKind,
    Subscription,
    WatchCursor,
    WatchNotice,
)

BATCH = 500
"""Subscribers written down in one transaction."""
NEAR = 0.6
"""Forms at least so near are one thing to a subscriber: raw and dried herbs, a machine and equipment."""
KEPT = timedelta(days=60)
_GAP = "|"


_VARIETIES = 6  # of the five things of a post, and any
_RANGE = (
    select(Subscription.account_id, Subscription.id)
    .where(
        Subscription.key == bindparam("key"),
        Subscription.form == bindparam("form"),
        Subscription.area_code == bindparam("area_code"),
        Subscription.ended_at.is_(None),
        or_(*(Subscription.variety == bindparam(f"said{place}") for place in range(_VARIETIES))),
        tuple_(Subscription.account_id, Subscription.id) > tuple_(bindparam("account_id"), bindparam("id")),
    )
    .order_by(Subscription.account_id, Subscription.id)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class Range:
    """One range of the index: subscriptions to one product and form, in one place ("" for any form, anywhere).

    ``varieties`` are those that are to be had: who wants another one is left out.
    """

    key: str
    form: str
    area_code: str
    varieties: tuple[str, ...] = ()


def ranges(post: Post) -> list[Range]:
    """Where the subscribers of a post stand in the index, in the order they are read."""
    lexicon = matching.Lexicon.default()
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for item in post.items:
        near = (form for form in lexicon.near_forms(item.form) if lexicon.nearness(item.form, form) >= NEAR)
        key = subscriptions.key(item.concept, item.direction)
        for place in itertools.product((key,), {"", *near}, ("", *areas.prefixes(item.area_code))):
            found[place].add(item.variety)
    return [Range(*place, varieties=tuple(sorted(found[place]))) for place in sorted(found)]


def read_range(
    session: Session, where: Range, *, after: tuple[str, str] = ("", ""), limit: int = BATCH
) -> Sequence[tuple[str, str]]:
    """The next subscribers of a range, as account and subscription: one range read of the index."""
    padded = (*where.varieties, *("",) * _VARIETIES)
    values = {f"said{place}": padded[place] for place in range(_VARIETIES)}
    place = {"key": where.key, "form": where.form, "area_code": where.area_code}
    start = {"account_id": after[0], "id": after[1], "limit": limit}
    return session.connection().execute(_RANGE, {**place, **values, **start}).tuples().all()


def spread(session: Session, *, now: datetime, limit: int = BATCH) -> int | None:
    """Write down the next subscribers of the oldest new post; how many, or None when no post waits.

    Safe to run twice at once and to be killed: the cursor moves with what is written, once for a person and a post.
    """
    oldest = select(WatchCursor).order_by(WatchCursor.at, WatchCursor.post_id).limit(1)
    cursor = session.scalars(oldest.with_for_update(skip_locked=True)).one_or_none()
    if cursor is None:
        return None
    post = session.get_one(Post, cursor.post_id)
    found: list[tuple[str, str]] = []
    if post.state in LIVE:
        for where, after in _left(post, cursor.after):
            found += read_range(session, where, after=after, limit=limit - len(found))
            if len(found) == limit:
                cursor.after = _GAP.join((where.key, where.form, where.area_code, *found[-1]))
                break
    written = _write_down(session, post, dict(found), now) if found else 0
    if len(found) < limit:
        session.delete(cursor)
    session.flush()
    return written


def has_new(session: Session) -> bool:
    """Whether a new post waits for its subscribers to be written down. Reads only."""
    return session.scalar(select(WatchCursor.post_id).limit(1)) is not None


def due(
    session: Session, *, settings: Settings, now: datetime, after: str = "", limit: int = 200
) -> tuple[list[str], str | None]:
    """People who may be told now, by id from ``after`` on, and where to go on (None at the end). Reads only."""
    if quiet.next_allowed(now, settings) > now:
        return [], None
    gathered = now - timedelta(seconds=settings.notice_gather_seconds)
    waiting = (
        select(WatchNotice.account_id)
        .where(WatchNotice.told_at.is_(None), WatchNotice.account_id > after)
        .group_by(WatchNotice.account_id)
        .having(func.min(WatchNotice.at) <= gathered)
        .order_by(WatchNotice.account_id)
    )
    found = list(session.scalars(waiting.limit(limit)))
    if not found:
        return [], None
    told = texts_today(session, found, now)
    ready = [one for one in found if told.get(one, 0) < settings.notices_a_day]
    return ready, found[-1] if len(found) == limit else None


def texts_today(session: Session, account_ids: Sequence[str], now: datetime) -> dict[str, int]:
    """How many such messages each of these people was written since midnight in China."""
    midnight = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    query = select(Delivery.account_id, func.count()).where(
        Delivery.account_id.in_(account_ids),
        Delivery.created_at >= midnight,
        Delivery.purpose == Purpose.WATCH,
    )
    return {
        account: count for account, count in session.execute(query.group_by(Delivery.account_id)) if account
    }


def next_moment(session: Session, *, settings: Settings, now: datetime) -> datetime | None:
    """When somebody may be told next: after the few seconds of gathering, else the next morning. None: nobody waits."""
    first = session.scalar(select(func.min(WatchNotice.at)).where(WatchNotice.told_at.is_(None)))
    if first is None:
        return None
    gathered = quiet.next_allowed(first + timedelta(seconds=settings.notice_gather_seconds), settings)
    tomorrow = local(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return gathered if gathered > now else quiet.next_allowed(tomorrow, settings).astimezone(now.tzinfo)


def newest(session: Session) -> str | None:
    """The newest notice: another one means that somebody has something new to hear. Reads only."""
    return session.scalar(select(func.max(WatchNotice.id)))


def forget_old(session: Session, *, now: datetime) -> int:
    """Forget what was told or dropped long ago; returns how many."""
    old = delete(WatchNotice).where(WatchNotice.told_at < now - KEPT)
    return len(session.execute(old.returning(WatchNotice.id)).all())


def met(session: Session, post_ids: Iterable[str]) -> set[tuple[str, str]]:
    """Who was asked about a match with one of these posts, as account and post: they need no notice of it."""
    ids = list(post_ids)
    query = (
        select(Question.account_id, Match.supply_post_id, Match.demand_post_id)
        .join(Match, Match.id == Question.match_id)
        .where(Question.kind == QuestionKind.MATCH)
        .where(or_(Match.supply_post_id.in_(ids), Match.demand_post_id.in_(ids)))
    )
    return {(account or "", post) for account, *both in session.execute(query) for post in both}


def _left(post: Post, cursor: str) -> Iterator[tuple[Range, tuple[str, str]]]:
    """The ranges that are not read yet, each with where to begin in it."""
    if not cursor:
        yield from ((where, ("", "")) for where in ranges(post))
        return
    key, form, area_code, account_id, subscription_id = cursor.split(_GAP)
    reached = (key, form, area_code)
    for where in ranges(post):
        place = (where.key, where.form, where.area_code)
        if place >= reached:
            yield where, (account_id, subscription_id) if place == reached else ("", "")


def _write_down(session: Session, post: Post, wanted: dict[str, str], now: datetime) -> int:
    owner = session.get_one(Account, post.account_id)
    asked = met(session, [post.id])
    verified = select(Account.id, Account.phone_index).where(
        Account.id.in_(wanted), Account.state == AccountState.VERIFIED
    )
    hearing = [
        account_id
        for account_id, phone_index in session.execute(verified)
        if account_id != owner.id
        and (phone_index is None or phone_index != owner.phone_index)
        and (account_id, post.id) not in asked
    ]
    rows = [
        {
            "id": new_id(), "account_id": one, "post_id": post.id, "subscription_id": wanted[one], "at": now,
            "dropped": "",
        }
        for one in hearing
    ]  # fmt: skip
    if rows:
        session.flush()
        insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.connection().execute(insert(WatchNotice).on_conflict_do_nothing(), rows)
    return len(rows)
