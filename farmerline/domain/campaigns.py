"""A broadcast of tips within an area: planned, its list frozen, started, sent, ended or stopped.

The list is fixed as of ``Campaign.created_at``, the moment it was frozen: it can be worked out again at any time, and
its hash tells whether it is still the list that was seen. Whoever said no since gets nothing; nobody is added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cache, partial
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import access, audit, ceilings, consent, mailing, outbox
from farmerline.domain.many import among, unindexed
from farmerline.domain.quiet import PROMOTIONAL
from farmerline.errors import Conflict, Invalid
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountState,
    Campaign,
    CampaignState,
    Consent,
    Delivery,
    DeliveryState,
    Priority,
    Purpose,
    Role,
)
from farmerline.words import DEFAULT_LANGUAGE, say

LONGEST = 500
"""Signs of a tip at most."""
BATCH = 2000
"""People a transaction: SQLite has one writer, and everybody else who writes waits for it meanwhile."""
_END = "~"  # sorts behind every id
_NEEDED = (
    Account.id, Account.phone_index, Account.phone_sealed, Account.state, Account.language, Account.preferred,
)  # fmt: skip
Person = Any
"""Somebody of the list: a row of those columns."""


def plan(
    session: Session,
    *,
    actor: access.Actor,
    text: str,
    area_code: str,
    now: datetime,
    purpose: Purpose = Purpose.TIPS,
) -> Campaign:
    """Write a broadcast to everybody in the area who wants tips, and freeze its list. Nothing is sent.

    Raises ``Absent`` where the actor is no publisher of the area, ``Invalid`` for an empty or overlong text.
    """
    access.authorise(actor, {Role.PUBLISHER}, area_code)
    if purpose not in PROMOTIONAL:
        raise ValueError(f"{purpose} is not broadcast here")
    if not text.strip():
        raise Invalid("text_empty", "Write what the tip says.", field="text")
    if len(text) > LONGEST:
        raise Invalid("text_long", "A tip has {longest} characters at most.", field="text", longest=LONGEST)
    campaign = Campaign(
        purpose=purpose,
        text=text.strip(),
        area_code=area_code,
        state=CampaignState.PLANNED,
        created_by=actor.account_id,
        created_at=now,
    )
    session.add(campaign)
    session.flush()
    freeze(session, campaign, actor=actor, now=now)
    return campaign


def freeze(session: Session, campaign: Campaign, *, actor: access.Actor, now: datetime) -> None:
    """Fix the list as it is now: how many people, and the hash over their ids. Raises ``Conflict`` once started."""
    _demand(session, campaign, actor, CampaignState.PLANNED)
    campaign.created_at = now
    campaign.people, campaign.list_hash = _measure(session, campaign)
    _note(session, campaign, "campaign.freeze", actor.account_id, now)


def start(
    session: Session,
    campaign: Campaign,
    *,
    actor: access.Actor,
    now: datetime,
    settings: Settings | None = None,
) -> None:
    """Let the broadcast go out, or wait for a person where it passes a ceiling of ``settings``.

    Raises ``Conflict`` when the list is empty, or is no longer the frozen one.
    """
    _demand(session, campaign, actor, CampaignState.PLANNED)
    if campaign.people == 0:
        raise Conflict("list_empty", "Nobody in this area has asked for tips: there is nobody to send to.")
    if _measure(session, campaign) != (campaign.people, campaign.list_hash):
        raise Conflict(
            "list_changed", "The list of people has changed since you saw it. Look at it again, then start."
        )
    if settings is not None:
        text = as_sent(campaign.text)
        weighed = ceilings.weigh(session, campaign, text=text, settings=settings, now=now)
        if weighed.ceiling:
            ceilings.hold(session, campaign, weighed, actor_id=actor.account_id, now=now)
            return
        ceilings.bind(session, campaign, weighed.yuan, now=now)
    campaign.state = CampaignState.SENDING
    _note(session, campaign, "campaign.start", actor.account_id, now)


def stop(session: Session, campaign: Campaign, *, actor: access.Actor, now: datetime) -> int:
    """End a broadcast at once; what has not left does not leave. Returns how many messages were held back."""
    _demand(session, campaign, actor, CampaignState.PLANNED, CampaignState.ASKING, CampaignState.SENDING)
    campaign.state = CampaignState.STOPPED
    waiting = and_(Delivery.campaign_id == campaign.id, Delivery.state == DeliveryState.QUEUED)
    held = session.scalar(select(func.count()).select_from(Delivery).where(waiting)) or 0
    ended = {"state": DeliveryState.CANCELLED, "reason": "stopped", "settled_at": now}
    session.execute(
        update(Delivery).where(waiting).values(**ended).execution_options(synchronize_session=False)
    )
    _note(session, campaign, "campaign.stop", actor.account_id, now)
    return held


def as_sent(text: str, language: str = DEFAULT_LANGUAGE) -> str:
    """A tip as it is texted: it says how to stop, unless its own words do."""
    return text if "TD" in text.upper() else text + say(language, " To stop: TD")


def unfinished(session: Session) -> list[str]:
    """Ids of the broadcasts that are going out. Reads only."""
    going = Campaign.state == CampaignState.SENDING, Campaign.purpose.in_(PROMOTIONAL)
    return list(session.scalars(select(Campaign.id).where(*going)))


def fan_out(session: Session, campaign_id: str, *, now: datetime, limit: int = BATCH) -> int:
    """Promise the next ``limit`` people of the list their message; returns how many were promised.

    Safe to run twice at once and after a crash: the cursor moves in the same transaction. Who shares a phone gets
    one message. When the whole list is through and nothing is left to send, the broadcast is done.
    """
    locked = select(Campaign).where(Campaign.id == campaign_id, Campaign.state == CampaignState.SENDING)
    campaign = session.scalars(locked.with_for_update()).one_or_none()
    if campaign is None:
        return 0
    if campaign.cursor == _END:
        _finish(session, campaign, now)
        return 0
    looked_at = _candidates(session, campaign, campaign.cursor, limit)
    campaign.cursor = looked_at[-1].id if len(looked_at) == limit else _END
    session.flush()
    people = _one_a_phone(session, campaign, _willing(session, campaign, looked_at))
    texts = cache(partial(as_sent, campaign.text))  # by language
    messages = [_addressed(session, campaign, person, texts) for person in people]
    return mailing.promise(session, messages, campaign=campaign, priority=Priority.BULK, now=now)


def _one_a_phone(session: Session, campaign: Campaign, people: Sequence[Person]) -> list[Person]:
    """Who shares a phone gets one text or call; who reads letters gets their own."""
    phones = [one.phone_index for one in people if one.phone_index]
    told = _told(session, campaign, phones)
    chosen: list[Person] = []
    for one in people:
        if outbox.channel_of(session, one) is not Channel.MAILBOX:
            if one.phone_index in told:
                continue
            told.add(one.phone_index or "")
        chosen.append(one)
    return chosen


def _told(session: Session, campaign: Campaign, phones: Sequence[str]) -> set[str]:
    """Those of the phones that an earlier part of the list has taken along: found by the phones' own index."""
    query = select(Delivery.address_index).where(
        among(Delivery.address_index, phones),
        Delivery.created_at >= campaign.created_at,
        unindexed(Delivery.campaign_id) == campaign.id,
    )
    return {phone for phone in session.scalars(query) if phone}


def _addressed(
    session: Session, campaign: Campaign, person: Person, texts: Callable[[str], str]
) -> mailing.Addressed:
    channel = outbox.channel_of(session, person)
    if channel is Channel.MAILBOX:
        return mailing.Addressed(person.id, channel, campaign.text)
    text = texts(person.language) if channel is Channel.SMS else campaign.text
    return mailing.Addressed(person.id, channel, text, person.phone_index, person.phone_sealed)


def _finish(session: Session, campaign: Campaign, now: datetime) -> None:
    left = select(Delivery.id).where(
        Delivery.campaign_id == campaign.id, Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.SENDING))
    )
    if session.scalar(left.limit(1)) is None:
        campaign.state = CampaignState.DONE
        _note(session, campaign, "campaign.done", "system", now)


def _demand(session: Session, campaign: Campaign, actor: access.Actor, *states: CampaignState) -> None:
    """Take the broadcast for one change; ``Absent`` for another area's publisher, ``Conflict`` in another state."""
    access.authorise(actor, {Role.PUBLISHER}, campaign.area_code)
    session.refresh(campaign, with_for_update=True)
    if campaign.state not in states:
        raise Conflict(
            "campaign_state", "Somebody was quicker: this broadcast has been started, stopped or finished."
        )


def _measure(session: Session, campaign: Campaign) -> tuple[int, str]:
    digest, people = sha256(), 0
    for part in _whole_list(session, campaign):
        people += len(part)
        digest.update("".join(f"{account.id}\n" for account in part).encode())
    return people, digest.hexdigest()


def _whole_list(session: Session, campaign: Campaign) -> Iterator[list[Person]]:
    after = ""
    while candidates := _candidates(session, campaign, after, BATCH):
        after = candidates[-1].id
        yield _willing(session, campaign, candidates)


def _candidates(session: Session, campaign: Campaign, after: str, limit: int) -> Sequence[Person]:
    """The area's verified people after a cursor, as of the moment the list was frozen."""
    changed_since = exists().where(
        or_(Consent.account_id == Account.id, _by_phone()),
        Consent.purpose == campaign.purpose,
        Consent.at > campaign.created_at,
        Consent.granted,
    )
    query = select(*_NEEDED).where(
        Account.area_code.startswith(campaign.area_code),
        Account.state == AccountState.VERIFIED,
        Account.created_at <= campaign.created_at,
        or_(Account.verified_at.is_(None), Account.verified_at <= campaign.created_at),
        Account.id > after,
        ~changed_since,
    )
    return session.connection().execute(query.order_by(Account.id).limit(limit)).all()


def _by_phone() -> ColumnElement[bool]:
    return and_(Consent.account_id.is_(None), Consent.phone_index == Account.phone_index)


def _willing(session: Session, campaign: Campaign, accounts: Sequence[Person]) -> list[Person]:
    """Those who said yes to this by the channel that reaches them, in order."""
    channels: dict[Channel, list[Person]] = {}
    for account in accounts:
        channels.setdefault(outbox.channel_of(session, account), []).append(account)
    willing: set[str] = set()
    for channel, group in channels.items():
        willing |= {
            one.id
            for one in consent.filter_allowed(session, group, purpose=campaign.purpose, channel=channel)
        }
    return [account for account in accounts if account.id in willing]


def _note(session: Session, campaign: Campaign, act: str, actor_id: str, now: datetime) -> None:
    session.flush()
    mine = (
        select(Delivery.state, func.count())
        .where(Delivery.campaign_id == campaign.id)
        .group_by(Delivery.state)
    )
    counts = {state.value: number for state, number in session.execute(mine)}
    detail = {"list": campaign.list_hash, "people": campaign.people, **counts}
    audit.record(
        session, actor_id=actor_id, act=act, subject=f"campaign:{campaign.id}", detail=detail, now=now
    )
