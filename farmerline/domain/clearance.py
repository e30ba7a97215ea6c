"""Clearance: which of the due messages may leave now, asked for a whole batch at a time at the last moment.

Consent as it stands now, broadcasts that were stopped or paused, exercises and their registered list, people's hours
and their number of tips in a week, phones that a household's other message has reached, the channel by which a person
is told things by now, and how often a message was tried.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import alert_receipts, consent, outbox, quiet
from farmerline.domain.backlog import Due
from farmerline.domain.many import among, words
from farmerline.domain.receipts import ATTEMPTS
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    Alert,
    Campaign,
    CampaignState,
    Delivery,
    DeliveryState,
    DrillMember,
    Priority,
    Purpose,
)

_LOOKS = 3
_OTHER_WAY = "other_way"
_ON_THE_WAY = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.DELIVERED)
_FANNED_OUT_WITHIN = timedelta(hours=1)
_PAUSED_AGAIN = timedelta(seconds=60)
_TOLD = select(Delivery.campaign_id, Delivery.address_index).where(
    among(Delivery.address_index, words("phones")),
    Delivery.created_at >= bindparam("since", type_=Delivery.created_at.type),
    Delivery.campaign_id.is_not(None),
    Delivery.state.in_(_ON_THE_WAY),
)
"""Made once: it is asked of every batch of a broadcast."""
_BARRED = ("consent", "exercise")
"""Reasons for which an alert's person is left out of its list."""


@dataclass(slots=True)
class Clearance:
    """What was decided of a batch: ``going`` with whether each may still be sent, and what becomes of the others."""

    going: list[tuple[Due, bool]] = field(default_factory=list)
    _held: list[str] = field(default_factory=list)
    _unasked: list[str] = field(default_factory=list)
    _later: dict[datetime, list[str]] = field(default_factory=lambda: defaultdict(list))
    _ended: dict[tuple[DeliveryState, str], list[Due]] = field(default_factory=lambda: defaultdict(list))

    def write(self, session: Session, settings: Settings, now: datetime) -> None:
        """Put down what became of those that do not go: one statement for each kind of end."""
        if self._held:
            _set(session, self._held, state=DeliveryState.HELD)
        if self._unasked:
            _set(session, self._unasked, lease_until=now + _PAUSED_AGAIN)
        for moment, ids in self._later.items():
            _set(session, ids, due_at=moment)
        for (state, reason), rows in self._ended.items():
            end(session, [row.id for row in rows], state, reason, now)
            for row in rows:
                if reason in _BARRED:
                    _leave_out(session, row, settings, now)
                elif reason == _OTHER_WAY:
                    _plan_anew(session, row, now)


def clear(session: Session, rows: Sequence[Due], *, settings: Settings, now: datetime) -> Clearance:
    """Look at a batch. An earlier try of unknown outcome is only looked up where consent has ended since, the broadcast
    was stopped, or it was tried often enough."""
    found = Clearance()
    states = _campaigns(session, rows)
    asked: list[Due] = []
    for row in rows:
        if states.get(row.campaign_id) is CampaignState.PAUSED:
            # of unknown outcome: neither sent while it is paused, nor given up
            (found._held if row.state is DeliveryState.QUEUED else found._unasked).append(row.id)
        else:
            asked.append(row)
    people = _people(session, asked)
    sent_to_many = _broadcast(asked)
    barred = dict.fromkeys(_other_way(session, sent_to_many, people), _OTHER_WAY)
    barred |= dict.fromkeys(_told_already(session, sent_to_many), "household")
    barred |= dict.fromkeys(_forbidden(session, asked, people), "consent")
    barred |= {row.id: "stopped" for row in asked if states.get(row.campaign_id) is CampaignState.STOPPED}
    barred |= dict.fromkeys(_outside_exercise(session, asked), "exercise")
    waiting = quiet.waits(session, [row for row in asked if row.id not in barred], settings=settings, now=now)
    for row in asked:
        unknown = row.state is DeliveryState.SENDING
        if unknown and row.attempts < ATTEMPTS + _LOOKS:
            found.going.append((row, row.attempts < ATTEMPTS and row.id not in barred))
        elif row.attempts >= ATTEMPTS:
            found._ended[DeliveryState.DEAD, row.reason or "attempts"].append(row)
        elif row.id in barred:
            found._ended[DeliveryState.CANCELLED, barred[row.id]].append(row)
        elif row.id not in waiting:
            found.going.append((row, True))
        elif (moment := waiting[row.id]) is None:
            found._ended[DeliveryState.CANCELLED, "over_cap"].append(row)
        else:
            found._later[moment].append(row.id)
    return found


def end(session: Session, ids: Sequence[str], state: DeliveryState, reason: str, now: datetime) -> None:
    """These messages go no further."""
    _set(session, ids, state=state, reason=reason, settled_at=now, claimed_by=None, lease_until=None)


def put_off_tips(session: Session, gateway: str, settings: Settings, now: datetime) -> None:
    """Move everything of a connection that keeps to the hours of the day to when these begin."""
    session.execute(
        update(Delivery)
        .where(
            Delivery.gateway == gateway,
            Delivery.state == DeliveryState.QUEUED,
            Delivery.priority.in_(list(Priority)),
            Delivery.due_at <= now,
            Delivery.purpose.in_(quiet.NOT_AT_NIGHT),
        )
        .values(due_at=quiet.next_allowed(now, settings))
        .execution_options(synchronize_session=False)
    )


def _set(session: Session, ids: Sequence[str], **values: Any) -> None:
    session.execute(
        update(Delivery)
        .where(among(Delivery.id, ids))
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _campaigns(session: Session, rows: Sequence[Due]) -> dict[str | None, CampaignState]:
    """How the broadcasts stand that these belong to: a few, however many rows."""
    ids = {row.campaign_id for row in rows if row.campaign_id}
    if not ids:
        return {}
    found = session.execute(select(Campaign.id, Campaign.state).where(Campaign.id.in_(ids)))
    return dict(found.tuples().all())


def _people(session: Session, rows: Sequence[Due]) -> dict[str, Any]:
    """Whom these messages are for, where it matters: of each the columns that consent and channel ask for."""
    wanted = {row.account_id for row in rows if row.account_id and row.purpose is not Purpose.SERVICE}
    if not wanted:
        return {}
    columns = (Account.id, Account.phone_index, Account.state, Account.preferred)
    query = select(*columns).where(among(Account.id, wanted))
    return {row.id: row for row in session.connection().execute(query)}


def _broadcast(rows: Sequence[Due]) -> list[Due]:
    """Messages of broadcasts that have not been tried: alerts have steps of their own for each person."""
    return [
        row
        for row in rows
        if row.campaign_id and row.purpose in quiet.PROMOTIONAL and row.state is DeliveryState.QUEUED
    ]


def _other_way(session: Session, rows: Sequence[Due], people: dict[str, Any]) -> set[str]:
    """Those whose person is told things by another channel by now."""
    found: set[str] = set()
    for row in rows:
        person = people.get(row.account_id)
        if person is None or (person.preferred is row.channel and (person.phone_index or _is_letter(row))):
            continue
        if outbox.channel_of(session, person) is not row.channel:
            found.add(row.id)
    return found


def _is_letter(row: Due) -> bool:
    return row.channel is Channel.MAILBOX


def _told_already(session: Session, rows: Sequence[Due]) -> set[str]:
    """Those whose phone has another message of the same broadcast: who shares a phone shares it, also since today."""
    asked = [row for row in rows if row.address_index]
    if not asked:
        return set()
    given = {
        "phones": [row.address_index for row in asked],
        "since": min(row.created_at for row in asked) - _FANNED_OUT_WITHIN,
    }
    seen = {tuple(found) for found in session.connection().execute(_TOLD, given)}
    found: set[str] = set()
    for row in asked:
        phone = (row.campaign_id, row.address_index)
        if phone in seen:
            found.add(row.id)
        seen.add(phone)
    return found


def _forbidden(session: Session, rows: Sequence[Due], people: dict[str, Any]) -> set[str]:
    """Those to whom consent, as it stands now, does not let this go."""
    asked = [row for row in rows if row.purpose is not Purpose.SERVICE]
    kinds = defaultdict(list)
    for row in asked:
        kinds[row.purpose, row.channel].append(row)
    refused: set[str] = set()
    for (purpose, channel), mine in kinds.items():
        accounts = [people[row.account_id] for row in mine if row.account_id]
        allowed = {
            one.id for one in consent.filter_allowed(session, accounts, purpose=purpose, channel=channel)
        }
        for row in mine:
            if row.account_id:
                may = row.account_id in allowed
            else:
                may = consent.allows(session, phone_index=row.address_index, purpose=purpose, channel=channel)
            if not may:
                refused.add(row.id)
    return refused


def _outside_exercise(session: Session, rows: Sequence[Due]) -> set[str]:
    """Those of an exercise to somebody who is not on the registered list: they never leave."""
    campaigns = {row.campaign_id for row in rows if row.campaign_id and row.purpose is Purpose.ALERT}
    if not campaigns:
        return set()
    drills = set(
        session.scalars(select(Alert.campaign_id).where(Alert.campaign_id.in_(campaigns), Alert.exercise))
    )
    members = set(session.scalars(select(DrillMember.account_id))) if drills else set()
    return {row.id for row in rows if row.campaign_id in drills and row.account_id not in members}


def _leave_out(session: Session, row: Due, settings: Settings, now: datetime) -> None:
    if row.purpose is Purpose.ALERT:
        delivery = session.get_one(Delivery, row.id, populate_existing=True)
        alert_receipts.note_refusal(session, delivery, settings=settings, now=now)


def _plan_anew(session: Session, row: Due, now: datetime) -> None:
    """The same words by the channel that the person is told things by now; asked about once more when they leave."""
    account, old = session.get_one(Account, row.account_id), session.get_one(Delivery, row.id)
    channel, address = outbox.reach(session, account)
    mine = select(func.max(Delivery.round)).where(
        Delivery.campaign_id == row.campaign_id,
        Delivery.account_id == account.id,
        Delivery.channel == channel,
    )
    newest = session.scalar(mine)
    again = outbox.prepare(
        session, channel=channel, address=address, text=old.text, purpose=row.purpose, now=now, account=account,
        priority=row.priority, campaign=session.get_one(Campaign, row.campaign_id),
    )  # fmt: skip
    again.round = 0 if newest is None else newest + 1
    session.add(again)
    session.flush()
