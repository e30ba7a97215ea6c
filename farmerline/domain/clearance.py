"""Clearance: which of the due messages may leave now, asked for a whole batch at a time at the last moment.

Consent as it stands now, broadcasts that were stopped or paused, exercises and their registered list, people's hours
and their number of tips in a week, and how often a message was tried.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import alert_receipts, consent, quiet
from farmerline.domain.backlog import Due
from farmerline.domain.receipts import ATTEMPTS
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
_BARRED = ("consent", "exercise")
"""Reasons for which an alert's person is left out of its list."""


@dataclass(slots=True)
class Clearance:
    """What was decided of a batch: ``going`` with whether each may still be sent, and what becomes of the others."""

    going: list[tuple[Due, bool]] = field(default_factory=list)
    _held: list[str] = field(default_factory=list)
    _later: dict[datetime, list[str]] = field(default_factory=lambda: defaultdict(list))
    _ended: dict[tuple[DeliveryState, str], list[Due]] = field(default_factory=lambda: defaultdict(list))

    def write(self, session: Session, settings: Settings, now: datetime) -> None:
        """Put down what became of those that do not go: one statement for each kind of end."""
        if self._held:
            _set(session, self._held, state=DeliveryState.HELD)
        for moment, ids in self._later.items():
            _set(session, ids, due_at=moment)
        for (state, reason), rows in self._ended.items():
            end(session, [row.id for row in rows], state, reason, now)
            if reason in _BARRED:
                for row in rows:
                    _leave_out(session, row, settings, now)


def clear(session: Session, rows: Sequence[Due], *, settings: Settings, now: datetime) -> Clearance:
    """Look at a batch. An earlier try of unknown outcome is only looked up where consent has ended since, the broadcast
    was stopped, or it was tried often enough."""
    found = Clearance()
    states = _campaigns(session, rows)
    asked: list[Due] = []
    for row in rows:
        if row.state is DeliveryState.QUEUED and states.get(row.campaign_id) is CampaignState.PAUSED:
            found._held.append(row.id)
        else:
            asked.append(row)
    barred = dict.fromkeys(_forbidden(session, asked), "consent")
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
        .where(Delivery.id.in_(ids))
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


def _forbidden(session: Session, rows: Sequence[Due]) -> set[str]:
    """Those to whom consent, as it stands now, does not let this go."""
    asked = [row for row in rows if row.purpose is not Purpose.SERVICE]
    wanted = {row.account_id for row in asked if row.account_id}
    people: dict[str, Any] = {}
    if wanted:
        query = select(Account.id, Account.phone_index, Account.state).where(Account.id.in_(wanted))
        people = {row.id: row for row in session.execute(query)}
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
