"""What happens next to who has not confirmed: by colour, step by step, until somebody goes there.

Blue and yellow are texts; a text that fails puts its person on the contact point's list. Orange is a text, and a ring
after thirty minutes without an answer; red rings at once beside the text. A ring that nobody hears to its end is tried
again 2, 5 and 10 minutes after the first call; then the contact point's list, then the town's. The list comes by the
clock: where the lines are too few for the redials, their people are on it all the same, and are rung meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from farmerline.config import Settings
from farmerline.domain import access, areas, outbox, people, quiet, reach_log
from farmerline.domain.alert_words import COLOURS, DRILL
from farmerline.domain.audience import PERSON, RINGING
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    Alert,
    AlertState,
    Colour,
    Delivery,
    DeliveryState,
    DrillMember,
    Priority,
    Purpose,
    Reach,
    ReachStep,
    Role,
    Settled,
)
from farmerline.words import say

RINGS_AFTER = {Colour.ORANGE: timedelta(minutes=30), Colour.RED: timedelta(0)}
"""When who has not answered is rung, counted from the text."""
REDIALS = (timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=10))
"""When it is tried again, counted from the first call."""
NO_PHONE = "no_phone"
"""Why somebody is on the list from the start."""
LIST_AFTER = timedelta(minutes=15)
TOWN_AFTER = timedelta(minutes=60)
"""When the contact point's list and the town's come, counted from the first call (red's own clock: its start)."""
BATCH = 250
"""People a transaction: whoever else writes waits for it."""
_TOWN = 9  # digits of a town's code
_LOOK_AGAIN = timedelta(seconds=15)
_LOOK_AT_LEAST = timedelta(minutes=10)
_LONGEST_CALL = timedelta(minutes=3)
_ON_ITS_WAY = frozenset({DeliveryState.QUEUED, DeliveryState.HELD, DeliveryState.SENDING, DeliveryState.SENT})
Ring = Callable[[Session, Alert, Reach], Delivery]


def begin(alert: Alert, row: Reach, *, due_at: datetime) -> None:
    """Set a person's first step once their messages are promised; ``due_at`` is when these go out."""
    row.step, row.next_at = first_step(alert, row.channel, row.lead, due_at)
    if row.channel == PERSON:
        row.failed_why = NO_PHONE


def first_step(alert: Alert, channel: str, lead: bool, due_at: datetime) -> tuple[ReachStep, datetime | None]:
    """What is done first for a person who is reached by this channel, and when it is looked at again."""
    if channel == PERSON:
        return ReachStep.LIST, due_at
    if lead and channel == Channel.VOICE:
        return ReachStep.RING, due_at
    if not lead or not alert.asks_answer:
        return ReachStep.TEXT, None
    if channel == Channel.MAILBOX:  # no phone: the list comes next
        return ReachStep.TEXT, due_at + RINGS_AFTER[Colour.ORANGE]
    step = ReachStep.RING if alert.colour is Colour.RED else ReachStep.TEXT
    return step, due_at + RINGS_AFTER[alert.colour]


def hasten(failed: Delivery, alert: Alert, row: Reach, *, now: datetime) -> None:
    """A text or call did not arrive: the next step comes now, where one would follow a failure."""
    row.failed_why = failed.reason
    if row.settled is not Settled.OPEN or failed.channel is not Channel.SMS or row.step is not ReachStep.TEXT:
        return
    row.step = ReachStep.RING if alert.colour in RINGING else ReachStep.LIST
    row.next_at = now


def step(session: Session, *, settings: Settings, ring: Ring, now: datetime, limit: int = BATCH) -> int:
    """Do what is due; returns for how many people something was done."""
    due = (
        select(Reach, Alert)
        .join(Alert, Alert.id == Reach.alert_id)
        .where(Reach.next_at <= now, Alert.state == AlertState.RUNNING)
        .order_by(Reach.next_at, Reach.account_id)
        .limit(limit)
    )
    rows = session.execute(due.with_for_update(of=Reach, skip_locked=True)).tuples().all()
    calls = _last_calls(session, [(alert, row) for row, alert in rows if row.rings])
    homes = _households(session, [row for row, _ in rows if row.step is ReachStep.LIST or _is_late(row, now)])
    known = _people(session, [row for row, _ in rows])  # held, so that each ring finds its person there
    places = Places(session)
    listed: dict[tuple[str, str], list[Reach]] = defaultdict(list)
    towned: dict[str, list[str]] = defaultdict(list)
    with session.no_autoflush:
        for row, alert in rows:
            if row.next_at is None or row.next_at > now:  # taken along by its household
                continue
            if row.settled is not Settled.OPEN or row.excluded:
                row.step, row.next_at = ReachStep.DONE, None
            elif _waited_for_town(row, now):
                _hand_to_town(places, row, now)
                towned[alert.id].append(row.account_id)
            elif row.step is ReachStep.LIST:
                others = homes.get((row.alert_id, row.lead_id), [])
                listed[alert.id, row.area_code] += _put_on_list(places, row, others, now)
            else:
                mine = calls.get((row.alert_id, row.account_id), [])
                _ring_or_list(session, alert, row, mine, settings, ring, now)
                if _is_late(row, now):
                    others = homes.get((row.alert_id, row.lead_id), [])
                    listed[alert.id, row.area_code] += _list_and_go_on(places, row, others, now)
    session.flush()
    del known
    for alert_id, ids in towned.items():
        reach_log.note(session, alert_id, ids, state="town", source=reach_log.CLOCK, now=now)
    for (alert_id, area_code), members in listed.items():
        people_listed = [one.account_id for one in members]
        reach_log.note(session, alert_id, people_listed, state="listed", source=reach_log.CLOCK, now=now)
        _tell_contact(session, session.get_one(Alert, alert_id), area_code, members, now)
    return len(rows)


def _ring_or_list(
    session: Session,
    alert: Alert,
    row: Reach,
    calls: list[Delivery],
    settings: Settings,
    ring: Ring,
    now: datetime,
) -> None:
    """Place the next call, wait for the present one, or give the person to the contact point."""
    allowed = quiet.alert_time(now, alert.colour, settings)
    if allowed > now:
        row.next_at = allowed
        return
    if row.phone_index is None or not _rings(alert, row):
        row.step, row.next_at = ReachStep.LIST, now
        return
    row.step = ReachStep.RING
    last = calls[-1] if calls else None
    if calls:
        row.first_ring_at = calls[0].sent_at or calls[0].settled_at or row.first_ring_at or now
    if last is not None and last.state in _ON_ITS_WAY and now < (last.sent_at or now) + _LONGEST_CALL:
        first = row.first_ring_at or now
        waited = now - first  # the line is busy with others, or stands still: look ever more rarely
        row.next_at = now + max(_LOOK_AGAIN, min(waited / 4, _LOOK_AT_LEAST))
        if now < first + LIST_AFTER:
            row.next_at = min(row.next_at, first + LIST_AFTER)
        return
    if row.rings > len(REDIALS):
        row.step = ReachStep.LIST
        row.next_at = (row.first_ring_at or now) + LIST_AFTER
        return
    redial_at = row.first_ring_at + REDIALS[row.rings - 1] if row.rings and row.first_ring_at else now
    if redial_at > now:
        row.next_at = redial_at
        return
    row.first_ring_at = row.first_ring_at or now
    ring(session, alert, row)
    more = row.rings <= len(REDIALS)
    row.next_at = max(row.first_ring_at + (REDIALS[row.rings - 1] if more else LIST_AFTER), now + _LOOK_AGAIN)
    if not more:
        row.step = ReachStep.LIST


def _rings(alert: Alert, row: Reach) -> bool:
    return alert.colour in RINGING or row.channel == Channel.VOICE


@dataclass
class Places:
    """Who looks after each place, asked once a batch."""

    session: Session
    _contacts: dict[str, str | None] = field(default_factory=dict)
    _towns: dict[str, str | None] = field(default_factory=dict)

    def contact(self, area_code: str) -> str | None:
        """The account id of a village's contact point."""
        if area_code not in self._contacts:
            found = people.contact_of(self.session, area_code)
            self._contacts[area_code] = found.id if found else None
        return self._contacts[area_code]

    def town(self, area_code: str) -> str | None:
        """The account id of the contact point of a village's town."""
        code = area_code[:_TOWN]
        if code not in self._towns:
            holders = access.holders(self.session, Role.CONTACT, code) if len(code) == _TOWN else []
            self._towns[code] = holders[0].id if holders else None
        return self._towns[code]


def _households(session: Session, rows: Sequence[Reach]) -> dict[tuple[str, str], list[Reach]]:
    """The members of these people's phones who are on no list yet, by alert and lead."""
    found: dict[tuple[str, str], list[Reach]] = defaultdict(list)
    by_alert: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.phone_index:
            by_alert[row.alert_id].append(row.lead_id)
    for alert_id, ids in by_alert.items():
        others = select(Reach).where(
            Reach.alert_id == alert_id,
            Reach.lead_id.in_(ids),
            Reach.settled == Settled.OPEN,
            Reach.excluded == "",
            Reach.listed_at.is_(None),
        )
        for one in session.scalars(others):
            found[alert_id, one.lead_id].append(one)
    return found


def _people(session: Session, rows: Sequence[Reach]) -> list[Account]:
    rung = [row.account_id for row in rows if row.step in (ReachStep.TEXT, ReachStep.RING)]
    return list(session.scalars(select(Account).where(Account.id.in_(rung)).options(lazyload("*"))))


def _is_late(row: Reach, now: datetime) -> bool:
    """Whether the list's time has come while calls are still to be placed: the lines are busy with others."""
    if row.step is not ReachStep.RING or row.first_ring_at is None:
        return False
    due = row.first_ring_at + LIST_AFTER
    return now >= due and (row.listed_at is None or row.listed_at < due)


def _list_and_go_on(places: Places, row: Reach, members: list[Reach], now: datetime) -> list[Reach]:
    """On the list by the clock, and rung again as it was promised."""
    rings_at = row.next_at
    fresh = _put_on_list(places, row, members, now)
    if rings_at is not None:
        row.step, row.next_at = ReachStep.RING, rings_at
    return fresh


def _put_on_list(places: Places, row: Reach, members: list[Reach], now: datetime) -> list[Reach]:
    """The person, and all others of the household, on the contact point's list; returns who is new there."""
    household = [row, *(one for one in members if one is not row)]
    fresh = [one for one in household if one.listed_at is None]
    contact = places.contact(row.area_code)
    for one in household:
        one.step, one.listed_at = ReachStep.LIST, one.listed_at or now
        one.failed_why = one.failed_why or row.failed_why or "no_answer"
        one.going_id = one.going_id or contact
        one.next_at = max((row.first_ring_at or now) + TOWN_AFTER, now + _LOOK_AGAIN)
    return fresh


def _waited_for_town(row: Reach, now: datetime) -> bool:
    """Whether the list had its time; somebody may have been sent there before the list's turn came."""
    return row.listed_at is not None and now >= (row.first_ring_at or row.listed_at) + TOWN_AFTER


def _hand_to_town(places: Places, row: Reach, now: datetime) -> None:
    row.step, row.town_at, row.next_at = ReachStep.TOWN, now, None
    row.going_id = row.going_id or places.town(row.area_code)


def _tell_contact(
    session: Session, alert: Alert, area_code: str, members: Iterable[Reach], now: datetime
) -> None:
    """One message to the contact point for the first people of a place; later ones stand on the page.

    An exercise texts a contact point that practises, and no other.
    """
    fresh = {one.account_id for one in members}
    earlier = select(Reach.account_id).where(
        Reach.alert_id == alert.id,
        Reach.area_code == area_code,
        Reach.listed_at.is_not(None),
        Reach.account_id.not_in(fresh),
    )
    contact = people.contact_of(session, area_code) if fresh else None
    if contact is None or session.scalar(earlier.limit(1)) is not None:
        return
    if alert.exercise and session.get(DrillMember, contact.id) is None:
        return
    text = say(
        contact.language,
        "{drill}{colour} alert No. {serial}: {count} people of {place} were not reached. "
        "Please go and tell them; the list is on your page.",
        drill=DRILL if alert.exercise else "",
        colour=say(contact.language, COLOURS[alert.colour]),
        serial=alert.serial,
        count=len(fresh),
        place=areas.names(session, [area_code]).get(area_code, ""),
    )
    channel, address = (Channel.SMS, contact.phone) if contact.phone else (Channel.MAILBOX, contact.id)
    outbox.queue(
        session,
        channel=channel,
        address=address,
        text=text,
        purpose=Purpose.SERVICE,
        now=now,
        account=contact,
        priority=Priority.URGENT,
    )


def _last_calls(session: Session, rung: list[tuple[Alert, Reach]]) -> dict[tuple[str, str], list[Delivery]]:
    """The calls placed to these people for these alerts, in order."""
    found: dict[tuple[str, str], list[Delivery]] = defaultdict(list)
    by_campaign: dict[str, tuple[str, list[str]]] = {}
    for alert, row in rung:
        by_campaign.setdefault(alert.campaign_id or "", (alert.id, []))[1].append(row.account_id)
    for campaign_id, (alert_id, ids) in by_campaign.items():
        calls = select(Delivery).where(
            Delivery.campaign_id == campaign_id,
            Delivery.channel == Channel.VOICE,
            Delivery.account_id.in_(ids),
        )
        for delivery in session.scalars(calls.order_by(Delivery.round)):
            found[alert_id, delivery.account_id or ""].append(delivery)
    return found
