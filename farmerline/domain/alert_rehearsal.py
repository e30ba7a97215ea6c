"""A dry run: what an alert would send to whom, worked out person by person and written down nowhere.

Only reading sessions are needed, so nothing can leave by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from farmerline import parts
from farmerline.config import Module, Settings
from farmerline.domain import alert_reached, areas, audience, keys
from farmerline.domain.alert_words import as_letter, as_sent, as_spoken
from farmerline.domain.audience import PERSON, RINGING, Choice, Listed, Overview
from farmerline.errors import Invalid
from farmerline.messages import Channel
from farmerline.models import Account, Alert, AlertState
from farmerline.words import say

SAMPLE = 10
_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Sampled:
    """One person of the list with the exact words: ``text`` as the phone shows it, ``said`` as the call begins, ``letter``
    as it stands in the mailbox; "" for what they do not get."""

    name: str
    village: str
    channel: str
    text: str = ""
    said: str = ""
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """``texts`` in ``parts``, ``letters``, ``calls`` of the first round, ``visits``: people on the contact point's list from
    the start. ``overview`` has the money and the time at the connections' real rates. ``refusal``: why it would be refused."""

    people: int
    excluded: int
    list_hash: str
    texts: int = 0
    parts: int = 0
    letters: int = 0
    calls: int = 0
    visits: int = 0
    overview: Overview | None = None
    sample: tuple[Sampled, ...] = ()
    refusal: Invalid | None = None


def rehearse(session: Session, alert: Alert, *, settings: Settings) -> Rehearsal:
    """Plan the whole alert as it stands: its frozen list, or for a draft the list as it would be frozen now."""
    try:
        listed = _list(session, alert, settings)
    except Invalid as refusal:
        return Rehearsal(0, 0, audience.hash_of(()), refusal=refusal)
    count: Counter[str] = Counter()
    for one, account in _people(session, [one for one in listed if not one.excluded]):
        count += _messages(alert, one, account, settings)
    overview = audience.overview_of(
        session, listed, text=as_sent(alert), colour=alert.colour, voice_seconds=alert.voice_seconds or 20.0,
        settings=settings,
    )  # fmt: skip
    return Rehearsal(
        people=len(listed), excluded=sum(bool(one.excluded) for one in listed), list_hash=overview.list_hash,
        texts=count["texts"], parts=count["parts"], letters=count["letters"], calls=count["calls"],
        visits=count["visits"], overview=overview, sample=tuple(_sample(session, alert, listed, settings)),
    )  # fmt: skip


def _list(session: Session, alert: Alert, settings: Settings) -> list[Listed]:
    if alert.state is not AlertState.DRAFT:
        return audience.frozen(session, alert)
    if alert.parent_id:
        return alert_reached.so_far(session, session.get_one(Alert, alert.parent_id))
    return audience.resolve(session, Choice.of(alert), settings=settings)


def _people(session: Session, listed: Sequence[Listed]) -> Iterator[tuple[Listed, Account]]:
    for start in range(0, len(listed), _CHUNK):
        part = listed[start : start + _CHUNK]
        wanted = select(Account).where(Account.id.in_([one.account_id for one in part]))
        found = {row.id: row for row in session.scalars(wanted.options(lazyload("*")))}
        yield from ((one, found[one.account_id]) for one in part)


def _messages(alert: Alert, one: Listed, account: Account, settings: Settings) -> Counter[str]:
    lead = one.lead_id == one.account_id
    said: Counter[str] = Counter()
    if one.channel == PERSON:
        said["visits"] = 1
    if one.channel == Channel.SMS and lead:
        said["texts"] = 1
        said["parts"] = max(1, parts.count(as_sent(alert, account.language), settings.sms_signature).parts)
    if _gets_letter(one, account, settings):
        said["letters"] = 1
    if lead and settings.has(Module.VOICE) and _is_rung(alert, one):
        said["calls"] = 1
    return said


def _gets_letter(one: Listed, account: Account, settings: Settings) -> bool:
    reads = settings.has(Module.MAILBOX) and account.preferred is Channel.MAILBOX
    return one.channel == Channel.MAILBOX or (reads and one.channel != PERSON)


def _is_rung(alert: Alert, one: Listed) -> bool:
    return one.channel == Channel.VOICE or (
        one.channel == Channel.SMS and alert.colour in RINGING and alert.asks_answer
    )


def _sample(
    session: Session, alert: Alert, listed: Sequence[Listed], settings: Settings
) -> Iterator[Sampled]:
    """Ten people as chance would have it, the same ten each time, with one of each way among them."""
    told = sorted(
        (one for one in listed if not one.excluded), key=lambda one: sha256(one.account_id.encode()).digest()
    )
    firsts = {one.channel: one for one in reversed(told)}
    chosen = list(firsts.values())
    chosen += [one for one in told if one not in chosen][: max(0, SAMPLE - len(chosen))]
    names = areas.names(session, {one.area_code for one in chosen})
    for one, account in _people(session, chosen):
        text = parts.with_signature(as_sent(alert, account.language), settings.sms_signature)
        rung = settings.has(Module.VOICE) and _is_rung(alert, one)
        yield Sampled(
            name=account.name,
            village=names.get(one.area_code, one.area_code),
            channel=one.channel,
            text=text if one.channel == Channel.SMS else "",
            said=f"{as_spoken(alert)}{say('zh', keys.RING_HEARD)}" if rung else "",
            letter=as_letter(alert, account.language) if _gets_letter(one, account, settings) else "",
        )
