"""Who is told of a day's seller: people who are likely to buy, by their record. Never everybody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

import matching
from farmerline.config import Settings
from farmerline.domain import consent, outbox, quiet
from farmerline.domain.candidates import offer_of
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountCrop,
    AccountKind,
    AccountState,
    Deal,
    Delivery,
    Match,
    MatchState,
    Organisation,
    Post,
    PostItem,
    Priority,
    Purpose,
    Subscription,
)

BUYING = ("buyer", "broker", "market", "firm")
"""Kinds of people and firms whose crops are what they buy, not what they grow."""
_WANTED_DAYS = 180
_CHUNK = 500


def likely(
    session: Session, item: PostItem, seller: Account, *, settings: Settings, now: datetime
) -> list[Account]:
    """The likely buyers of a lot who want the digest and may have it today, the likeliest first.

    Who bought the same before, who looked for it in the last 180 days, who subscribed to it, and traders whose record
    names it. Never the seller's household or firm, nobody who knows the post by a match, one person of a phone.
    """
    order = {
        account_id: -place for place, account_id in enumerate(dict.fromkeys(_by_record(session, item, now)))
    }
    met = set(
        session.scalars(
            select(Post.account_id)
            .join(Match, Match.demand_post_id == Post.id)
            .where(Match.supply_post_id == item.post_id, Match.state != MatchState.LAPSED)
        )
    )
    ids = [account_id for account_id in order if account_id not in met and account_id != seller.id]
    found = [one for one in _verified(session, ids) if not _is_near(one, seller)]
    found.sort(key=lambda one: -order[one.id])
    return _free(session, _willing(session, found), settings=settings, now=now)[: settings.digest_readers]


def deliveries(
    session: Session, accounts: Sequence[Account], texts: dict[str, str], now: datetime
) -> list[Delivery]:
    """The message for each person, in their language, not yet promised."""
    made = []
    for account in accounts:
        channel, address = outbox.reach(session, account)
        made.append(
            outbox.prepare(
                session, channel=channel, address=address, text=texts[account.language], purpose=Purpose.DIGEST, now=now,
                account=account, priority=Priority.DIGEST,
            )
        )  # fmt: skip
    return made


def _by_record(session: Session, item: PostItem, now: datetime) -> Iterator[str]:
    """Account ids by how much speaks for them; the same one may come again."""
    wanted = matching.keys(offer_of(item), item.direction)
    bought = (
        select(Post.account_id)
        .join(Match, Match.demand_post_id == Post.id)
        .join(Deal, Deal.match_id == Match.id)
        .where(Deal.concept == item.concept, Deal.form == item.form)
        .order_by(Deal.at.desc())
    )
    looked = (
        select(Post.account_id)
        .join(PostItem, PostItem.post_id == Post.id)
        .where(PostItem.key.in_(wanted), Post.published_at >= now - timedelta(days=_WANTED_DAYS))
        .order_by(Post.published_at.desc())
    )
    subscribed = select(Subscription.account_id).where(
        Subscription.key == f"{item.concept}·{item.direction}",
        Subscription.ended_at.is_(None),
        Subscription.form.in_(("", item.form)),
        Subscription.variety.in_(("", item.variety)),
        Subscription.area_code.in_(_around(item.area_code)),
    )
    for query in (bought, looked, subscribed.order_by(Subscription.created_at.desc())):
        yield from session.scalars(query)
    if item.form == matching.Lexicon.default().default_form(item.concept):
        yield from session.scalars(_traders(item))


def _traders(item: PostItem) -> Select[tuple[str]]:
    """Traders and processors whose record names the crop."""
    kinds = select(AccountKind.account_id).where(AccountKind.kind.in_(BUYING))
    firms = select(Organisation.id).where(Organisation.kind.in_(BUYING))
    return (
        select(AccountCrop.account_id)
        .join(Account, Account.id == AccountCrop.account_id)
        .where(AccountCrop.concept == item.concept)
        .where(or_(Account.id.in_(kinds), Account.organisation_id.in_(firms)))
        .order_by(AccountCrop.account_id)
    )


def _around(area_code: str) -> tuple[str, ...]:
    """Areas of a subscription that hold a place: anywhere, its province, city, county, town, village."""
    return "", *(area_code[:length] for length in (2, 4, 6, 9, 12) if len(area_code) >= length)


def _verified(session: Session, ids: Sequence[str]) -> Iterator[Account]:
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        yield from session.scalars(
            select(Account).where(Account.id.in_(part), Account.state == AccountState.VERIFIED)
        )


def _is_near(one: Account, seller: Account) -> bool:
    """Of the seller's household, or of the seller's firm."""
    same_phone = seller.phone_index is not None and one.phone_index == seller.phone_index
    return same_phone or (
        seller.organisation_id is not None and one.organisation_id == seller.organisation_id
    )


def _willing(session: Session, accounts: Sequence[Account]) -> list[Account]:
    """Those who asked for the digest by the channel that reaches them, one of each phone, in order."""
    channels: dict[Channel, list[Account]] = {}
    for account in accounts:
        channels.setdefault(outbox.channel_of(session, account), []).append(account)
    willing = {
        one.id
        for channel, group in channels.items()
        for one in consent.filter_allowed(session, group, purpose=Purpose.DIGEST, channel=channel)
    }
    by_phone: dict[str, Account] = {}
    for account in accounts:
        if account.id in willing:
            by_phone.setdefault(account.phone_index or account.id, account)
    return list(by_phone.values())


def _free(
    session: Session, accounts: Sequence[Account], *, settings: Settings, now: datetime
) -> list[Account]:
    """Those who had fewer tips and digests in seven days than they may have: the digest is of today or not at all."""
    free: list[Account] = []
    for start in range(0, len(accounts), _CHUNK):
        part = list(accounts[start : start + _CHUNK])
        rows = deliveries(session, part, dict.fromkeys(("zh", "en"), ""), now)
        late = quiet.waits(session, rows, settings=settings, now=now)
        free.extend(one for one, row in zip(part, rows, strict=True) if row.id not in late)
    return free
