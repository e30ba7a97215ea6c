"""What a person is subscribed to, what came of it, and the products that words may mean."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

import matching
from farmerline.domain import areas, subscriptions
from farmerline.models import LIVE, Account, Post, PostItem, Subscription, WatchNotice
from farmerline.queries import board

UNDO = timedelta(hours=24)
"""How long an end can be taken back on the page."""
_LISTED = 6
_COMMON = 60
_FOUND, _SHOWN = timedelta(days=14), 30


@dataclass(frozen=True, slots=True)
class Line:
    """A subscription as its owner sees it. ``place`` is "" for anywhere; ``wants`` is true where buyers are looked for."""

    id: str
    name: str
    wants: bool
    place: str
    channel: str
    since: datetime
    ended: bool


def lines(session: Session, account: Account, *, now: datetime) -> list[Line]:
    """What a person is subscribed to, and what they ended within a day, the newest first."""
    query = select(Subscription).where(
        Subscription.account_id == account.id,
        or_(Subscription.ended_at.is_(None), Subscription.ended_at > now - UNDO),
    )
    rows = session.scalars(query.order_by(Subscription.created_at.desc(), Subscription.id.desc())).all()
    standing = {(row.key, row.form, row.variety) for row in rows if row.ended_at is None}
    return [
        _line(session, row)
        for row in rows
        if row.ended_at is None or (row.key, row.form, row.variety) not in standing
    ]


def found(session: Session, account: Account, *, now: datetime) -> list[board.BoardRow]:
    """The open posts of the last days that a person was or will be told of, the newest first."""
    mine = select(WatchNotice.post_id).where(
        WatchNotice.account_id == account.id, WatchNotice.at > now - _FOUND, WatchNotice.dropped == ""
    )
    query = select(Post).where(Post.id.in_(mine), Post.state.in_(LIVE), Post.expires_at > now)
    posts = session.scalars(query.order_by(Post.published_at.desc(), Post.id.desc()).limit(_SHOWN))
    return board.rows_of(session, list(posts))


def places(session: Session, account: Account) -> list[tuple[str, str]]:
    """The places that a person may choose from: their town and what lies around it, the narrowest first; code and name."""
    return [
        (code, subscriptions.place_name(session, code))
        for code in areas.prefixes(account.area_code)
        if len(code) < 12
    ]


def common(session: Session, account: Account) -> list[str]:
    """Products to choose from: what the person grows, then what is most on the board."""
    posted = (
        select(PostItem.name)
        .where(PostItem.live)
        .group_by(PostItem.name)
        .order_by(func.count().desc(), PostItem.name)
        .limit(_COMMON)
    )
    return list(dict.fromkeys([*(row.concept for row in account.crops), *session.scalars(posted)]))[:_COMMON]


def suggest(said: str) -> list[str]:
    """Products of the vocabulary that words may mean: called like them, else known by such a word, else sharing two signs."""
    words = said.strip().lower()
    if not words:
        return []
    fits: list[list[str]] = [[], [], [], []]
    for word, name in _names():
        if name.startswith(words):
            fits[0].append(name)
        elif words in name:
            fits[1].append(name)
        elif words in word or (len(word) > 1 and word in words):
            fits[2].append(name)
        elif len(words) > 1 and len(word) > 1 and len(set(words) & set(word)) > 1:
            fits[3].append(name)
    shortest = (sorted(dict.fromkeys(names), key=len) for names in fits)
    return list(dict.fromkeys(itertools.chain.from_iterable(shortest)))[:_LISTED]


@cache
def _names() -> tuple[tuple[str, str], ...]:
    """Each word of the vocabulary with the plain name of what it means, short words first."""
    lexicon = matching.Lexicon.default()
    named = (
        (word, lexicon.label(sense.concept, sense.form or lexicon.default_form(sense.concept), sense.variety))
        for word, sense in lexicon.senses.items()
    )
    return tuple(sorted(named, key=lambda pair: (len(pair[0]), pair[0])))


def _line(session: Session, row: Subscription) -> Line:
    return Line(
        id=row.id, name=row.name, wants=row.direction == "demand", channel=row.channel, since=row.created_at,
        place=subscriptions.place_name(session, row.area_code), ended=row.ended_at is not None,
    )  # fmt: skip
