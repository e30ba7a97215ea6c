"""Subscriptions: what a person wants to be told of as soon as somebody posts it. Noted, listed, ended, brought back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

import matching
from farmerline.config import Settings
from farmerline.domain import areas, consent, outbox
from farmerline.errors import Absent, Conflict
from farmerline.models import Account, AreaLevel, Post, Purpose, Subscription, WatchCursor

SEPARATOR = "·"
_PROVINCE = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to be told of. ``direction`` is that of the posts: supply, or demand.

    ``form`` and ``variety`` are "" where any will do. ``area_code`` is "" for anywhere, None where no place was said.
    """

    concept: str
    name: str
    direction: str = "supply"
    form: str = ""
    variety: str = ""
    area_code: str | None = None

    @property
    def key(self) -> str:
        return key(self.concept, self.direction)


def key(concept: str, direction: str) -> str:
    """The string under which subscriptions to a product are stored."""
    return f"{concept}{SEPARATOR}{direction}"


def subscribe(
    session: Session,
    person: Account,
    wanted: Wanted,
    *,
    channel: str,
    proof: str,
    settings: Settings,
    now: datetime,
    by_id: str | None = None,
) -> tuple[Subscription, bool]:
    """Note what a person wants to be told of: the subscription, and whether it is new. It is a yes to these messages.

    A place inside or around one that stands for the same thing takes its place; without a place it is the one that stands,
    else the person's province. Raises ``Conflict`` when the person has as many as one may have.
    """
    _take_turns(session, person)
    standing = held(session, [person])
    same = [row for row in standing if _same_thing(row, wanted)]
    area = wanted.area_code
    known = next((row for row in same if area is None or row.area_code == area), None)
    _say_yes(session, person, proof, now, by_id)
    if known is not None:
        return known, False
    place = home_area(person, settings) if area is None else area
    for row in same:
        if row.area_code.startswith(place) or place.startswith(row.area_code):
            row.ended_at = now
            standing.remove(row)
    if len(standing) >= settings.subscriptions_each:
        raise Conflict(
            "subscriptions_full",
            "You have {most} subscriptions already. End one first: TD and its name.",
            most=settings.subscriptions_each,
        )
    row = Subscription(
        account_id=person.id, key=wanted.key, concept=wanted.concept, direction=wanted.direction, form=wanted.form,
        variety=wanted.variety[:40], area_code=place, name=wanted.name[:60], channel=channel[:8], created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row, True


def held(session: Session, people: Sequence[Account]) -> list[Subscription]:
    """What these people are subscribed to, the oldest first."""
    mine = select(Subscription).where(
        Subscription.account_id.in_([one.id for one in people]), Subscription.ended_at.is_(None)
    )
    return list(session.scalars(mine.order_by(Subscription.created_at, Subscription.id)))


def own(session: Session, person: Account, subscription_id: str) -> Subscription:
    """A person's own subscription, ended or not; ``Absent`` for anybody else's."""
    row = session.get(Subscription, subscription_id)
    if row is None or row.account_id != person.id:
        raise Absent
    return row


def meant(
    rows: Iterable[Subscription],
    *,
    concept: str,
    form: str | None = None,
    variety: str = "",
    direction: str | None = None,
) -> list[Subscription]:
    """Of these, the ones that words about a product mean; what was not said may be anything.

    Without a form, those of the form it is mostly traded in, where there is one: 葡萄 ends the grapes, not the seedlings.
    """
    found = [row for row in rows if row.concept == concept and direction in (None, row.direction)]
    found = [row for row in found if not variety or row.variety == variety]
    if form is not None:
        return [row for row in found if row.form == form] or [row for row in found if not row.form]
    return [row for row in found if is_usual(concept, row.form)] or found


def is_usual(concept: str, form: str) -> bool:
    """Whether this is the form a product is mostly traded in, which its bare name means; "" is any form."""
    return form in ("", matching.Lexicon.default().default_form(concept))


def end(row: Subscription, *, now: datetime) -> None:
    """End a subscription; what waits because of it is told no more."""
    row.ended_at = row.ended_at or now


def end_all(session: Session, person: Account, *, now: datetime) -> None:
    """End everything that somebody who leaves is subscribed to."""
    for row in held(session, [person]):
        end(row, now=now)
    session.flush()


def bring_back(session: Session, row: Subscription, *, proof: str, settings: Settings, now: datetime) -> None:
    """Take an end back. Raises ``Conflict`` as ``subscribe``."""
    if row.ended_at is None:
        return
    person = session.get_one(Account, row.account_id)
    wanted = Wanted(row.concept, row.name, row.direction, row.form, row.variety, row.area_code)
    subscribe(session, person, wanted, channel=row.channel, proof=proof, settings=settings, now=now)


def is_stopped(session: Session, person: Account) -> bool:
    """Whether this person said no to being told, so that what is subscribed rests."""
    channel = outbox.channel_of(session, person)
    return not consent.allows(session, account=person, purpose=Purpose.WATCH, channel=channel)


def home_area(person: Account, settings: Settings) -> str:
    """Where a person wants it from who said no place: their province; anywhere for who lives in another than the county."""
    province = person.area_code[:_PROVINCE]
    return province if settings.county.startswith(province) else ""


def place_name(session: Session, code: str) -> str:
    """A place as a subscription names it, "" for anywhere: 浙江省, 慈溪市, 龙山镇杨高村."""
    if not code:
        return ""
    known = areas.path_name(session, code, start=AreaLevel.TOWN)
    place = matching.Gazetteer.default().place(code)
    return known or place.county or place.city or place.province


def note_post(session: Session, post: Post, now: datetime) -> None:
    """Put a new post down for its subscribers: one row, whoever they are. The job ``watch`` tells them."""
    if post.items and session.get(WatchCursor, post.id) is None:
        session.add(WatchCursor(post_id=post.id, at=now))
        session.flush()


def _same_thing(row: Subscription, wanted: Wanted) -> bool:
    return (row.key, row.form, row.variety) == (wanted.key, wanted.form, wanted.variety)


def _say_yes(session: Session, person: Account, proof: str, now: datetime, by_id: str | None) -> None:
    if is_stopped(session, person):
        consent.grant(session, person, purposes=[Purpose.WATCH], proof=proof, now=now, by_id=by_id)


def _take_turns(session: Session, person: Account) -> None:
    """One after the other: the same wish, sent twice at once, is one subscription."""
    session.execute(select(Account.id).where(Account.id == person.id).with_for_update(key_share=True))
