"""What subscribers are told: all that waits for a person in one message, three posts at most, none that is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, lazyload

import matching
from farmerline import parts
from farmerline.config import Settings
from farmerline.domain import areas, consent, outbox, quiet, watching
from farmerline.messages import Channel
from farmerline.models import (
    LIVE,
    Account,
    AreaLevel,
    Delivery,
    Post,
    PostItem,
    Priority,
    Purpose,
    Subscription,
    WatchNotice,
)
from farmerline.words import say

AT_MOST = 3
"""Posts in one message: a small trusted set instead of a flood."""
_ONE_TEXT, _TWO_TEXTS = 1, 2


@dataclass(frozen=True, slots=True)
class Find:
    """One post that somebody shall hear of, because of one of their subscriptions."""

    notice: WatchNotice
    post: Post
    item: PostItem
    subscription: Subscription


def tell(session: Session, account_ids: Sequence[str], *, settings: Settings, now: datetime) -> int:
    """Tell these people, and who shares their phones, what waits for them, where their time has come; how many messages.

    Safe to run twice at once: people are taken in turn, and a notice is settled with the message that tells it.
    """
    if quiet.next_allowed(now, settings) > now:
        return 0
    people = _take_turns(session, account_ids)
    finds = _finds(session, people, now)
    told = watching.texts_today(session, list(finds), now)
    heard = _heard(session, people, finds)
    gathered = now - timedelta(seconds=settings.notice_gather_seconds)
    written = 0
    for person in _willing(session, people, finds, now):
        mine = finds[person.id]
        if (
            told.get(person.id, 0) >= settings.notices_a_day
            or min(find.notice.at for find in mine) > gathered
        ):
            continue
        known = heard[person.phone_index or person.id]
        fresh = [find for find in mine if find.post.id not in known]
        _drop([find for find in mine if find.post.id in known], "household", now)
        if not fresh:
            continue
        delivery = _write(session, person, fresh, settings, now)
        for find in fresh:
            find.notice.told_at, find.notice.delivery_id = now, delivery.id
        known.update(find.post.id for find in fresh)
        written += 1
    session.flush()
    return written


def words(
    session: Session, person: Account, finds: Sequence[Find], *, signature: str, spoken: bool = False
) -> str:
    """The message: the nearest and newest three, in as many words as one text holds (two for several posts)."""
    chosen = sorted(finds, key=lambda find: (-_nearness(person, find.post), -(find.post.number or 0)))[
        :AT_MOST
    ]
    language, more = person.language, len(finds) - len(chosen)

    def listed(start: AreaLevel | None) -> str:
        return "\n".join(line(session, find, language, start=start) for find in chosen)

    forms: list[Callable[[], str]] = []
    if spoken:
        forms = [lambda: say(language, "What you subscribed to: {lines}", lines=listed(AreaLevel.TOWN))]
    elif len(finds) == 1:
        name = finds[0].subscription.name
        hint = (
            say(language, "To buy reply BUY {name} and how many.", name=finds[0].item.name)
            if finds[0].item.direction == "supply"
            else say(language, "To sell reply SELL {name} and how many.", name=finds[0].item.name)
        )
        end = say(language, "To end: TD {name}", name=name)
        with_hint = "You subscribed: {lines}. {hint} {end}"
        forms = [
            lambda: say(language, with_hint, lines=listed(AreaLevel.TOWN), hint=hint, end=end),
            lambda: say(language, with_hint, lines=listed(AreaLevel.VILLAGE), hint=hint, end=end),
            lambda: say(language, "You subscribed: {lines}. {end}", lines=listed(AreaLevel.TOWN), end=end),
            lambda: say(language, "You subscribed: {lines}. {end}", lines=listed(None), end=end),
        ]
    else:
        rest = say(language, "{more} more on the page.", more=more) if more else ""
        lead = "You subscribed, {count} new:\n{lines}\n{rest}To end: TD and the name"

        def told(start: AreaLevel | None) -> str:
            return say(language, lead, count=len(finds), lines=listed(start), rest=rest)

        forms = [partial(told, start) for start in (AreaLevel.TOWN, AreaLevel.VILLAGE, None)]
    most = _ONE_TEXT if len(finds) == 1 else _TWO_TEXTS
    made = [form() for form in forms]
    return next((text for text in made if spoken or parts.count(text, signature).parts <= most), made[-1])


def line(session: Session, find: Find, language: str, *, start: AreaLevel | None = AreaLevel.TOWN) -> str:
    """One post: its number, what, how much, the price, where (from ``start`` downwards; None leaves it out)."""
    item = find.item
    verb = say(language, "sell" if item.direction == "supply" else "buy")
    what = f"{verb}{item.name}" if language == "zh" else f"{verb} {item.name}"
    place = areas.path_name(session, item.area_code, start=start) if start else ""
    return " ".join(
        part for part in (str(find.post.number), what, item.said_qty, item.said_price, place) if part
    )


def item_meant(post: Post, subscription: Subscription) -> PostItem | None:
    """The thing of a post that a subscription is about; None where it is not to be had any more."""
    lexicon = matching.Lexicon.default()
    nearest, found = 0.0, None
    for item in post.items:
        if not item.live or (item.concept, item.direction) != (subscription.concept, subscription.direction):
            continue
        near = lexicon.nearness(subscription.form, item.form) if subscription.form else 1.0
        if near >= watching.NEAR and near > nearest:
            nearest, found = near, item
    return found


def _take_turns(session: Session, account_ids: Sequence[str]) -> list[Account]:
    """These people and who shares their phones, each household held by one worker at a time."""
    phones = select(Account.phone_index).where(Account.id.in_(account_ids), Account.phone_index.is_not(None))
    whole = or_(Account.id.in_(account_ids), Account.phone_index.in_(phones))
    query = select(Account).where(whole).options(lazyload("*"))
    return list(session.scalars(query.order_by(Account.id).with_for_update(key_share=True)))


def _finds(session: Session, people: Sequence[Account], now: datetime) -> dict[str, list[Find]]:
    """What waits for each of these people; what is over meanwhile is dropped."""
    query = (
        select(WatchNotice, Post, Subscription)
        .join(Post, Post.id == WatchNotice.post_id)
        .join(Subscription, Subscription.id == WatchNotice.subscription_id)
        .where(WatchNotice.told_at.is_(None), WatchNotice.account_id.in_([one.id for one in people]))
        .order_by(WatchNotice.at, WatchNotice.id)
        .execution_options(populate_existing=True)
    )
    rows = session.execute(query).tuples().all()
    asked = watching.met(session, {post.id for _notice, post, _subscription in rows})
    finds: dict[str, list[Find]] = defaultdict(list)
    for notice, post, subscription in rows:
        open_now = post.state in LIVE and (post.expires_at is None or post.expires_at > now)
        item = item_meant(post, subscription) if open_now else None
        if subscription.ended_at is not None or item is None:
            notice.dropped, notice.told_at = "ended" if subscription.ended_at is not None else "over", now
        elif (notice.account_id, post.id) in asked:
            notice.dropped, notice.told_at = "matched", now
        else:
            finds[notice.account_id].append(Find(notice, post, item, subscription))
    return finds


def _heard(session: Session, people: Sequence[Account], finds: dict[str, list[Find]]) -> dict[str, set[str]]:
    """By phone (or person without one), the posts that were told there already."""
    phone = {one.id: one.phone_index or one.id for one in people}
    waiting = {find.post.id for mine in finds.values() for find in mine}
    query = select(WatchNotice.account_id, WatchNotice.post_id).where(
        WatchNotice.account_id.in_(phone),
        WatchNotice.post_id.in_(waiting),
        WatchNotice.delivery_id.is_not(None),
    )
    heard: dict[str, set[str]] = defaultdict(set)
    for account_id, post_id in session.execute(query):
        heard[phone[account_id]].add(post_id)
    return heard


def _willing(
    session: Session, people: Sequence[Account], finds: dict[str, list[Find]], now: datetime
) -> list[Account]:
    """Who has something to hear and still says yes to it, by the channel they are told things; the rest is dropped."""
    by_channel: dict[Channel, list[Account]] = defaultdict(list)
    for person in people:
        if finds.get(person.id):
            by_channel[outbox.channel_of(session, person)].append(person)
    willing: list[Account] = []
    for channel, some in by_channel.items():
        allowed = consent.filter_allowed(session, some, purpose=Purpose.WATCH, channel=channel)
        willing += allowed
        for person in some:
            if person not in allowed:
                _drop(finds[person.id], "consent", now)
    return sorted(willing, key=lambda person: person.id)


def _drop(finds: Sequence[Find], why: str, now: datetime) -> None:
    for find in finds:
        find.notice.dropped, find.notice.told_at = why, now


def _write(
    session: Session, person: Account, finds: Sequence[Find], settings: Settings, now: datetime
) -> Delivery:
    channel, address = outbox.reach(session, person)
    text = words(session, person, finds, signature=settings.sms_signature, spoken=channel is not Channel.SMS)
    row = outbox.prepare(
        session, channel=channel, address=address, text=text, purpose=Purpose.WATCH, now=now, account=person,
        priority=Priority.BULK,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _nearness(person: Account, post: Post) -> int:
    """How many levels of the area tree two places share, as digits of their codes."""
    return next(
        (len(code) for code in areas.prefixes(person.area_code) if post.area_code.startswith(code)), 0
    )
