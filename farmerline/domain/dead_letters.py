"""What did not arrive, sent again because a person said so: a new round, with everything asked anew.

A text whose fate nobody knows may have arrived: it is sent again one at a time only, never with the rest of a broadcast.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.domain import access, audit, consent, outbox
from farmerline.domain.access import Actor
from farmerline.domain.quiet import PROMOTIONAL
from farmerline.errors import Absent, Conflict, Refusal
from farmerline.messages import Channel
from farmerline.models import (
    FAILED_ONES,
    Account,
    AccountState,
    Campaign,
    CampaignState,
    Delivery,
    DeliveryState,
    Inbound,
    Letter,
    Purpose,
    Question,
    QuestionState,
    Role,
)

READERS = (Role.ADMIN, Role.PUBLISHER)
"""Who sees what did not arrive: publishers what was broadcast, administrators everything, in their areas."""
UNKNOWN = frozenset({"unreachable", "unresolved", "error", "attempts", "carrier_changed"})
"""Reasons that leave open whether the carrier had the message."""
TOGETHER = 500
"""Messages of a broadcast that are sent again by one press at most."""
NOTHING_MORE = "-"
_ENDED = (DeliveryState.DEAD, DeliveryState.FAILED)


@dataclass(frozen=True, slots=True)
class Resent:
    """How many of a broadcast were sent again, may not be any more, and are left for another press."""

    sent: int
    refused: int
    left: int


def resend(session: Session, delivery_id: str, *, actor: Actor, county: str, now: datetime) -> Delivery:
    """Send one message again; returns the new one. Raises ``Absent`` outside the actor's areas and purposes, and
    ``Conflict`` where it arrived, was sent again already, or may not be sent any more."""
    row = session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise Absent
    authorise(session, row, actor, county)
    if row.state not in _ENDED or row.resent_as:
        raise Conflict("resend_done", "Somebody was quicker: this was sent again, or has arrived.")
    again = _again(session, row, now)
    audit.record(
        session, actor_id=actor.account_id, act="delivery.resend", subject=f"delivery:{row.id}", for_id=row.account_id or "",
        detail={"as": again.id, "reason": row.reason}, now=now,
    )  # fmt: skip
    return again


def resend_failed(session: Session, campaign_id: str, *, actor: Actor, now: datetime) -> Resent:
    """Send a broadcast again to those alone whom it did not reach, 500 a press. Raises ``Absent`` outside the actor's
    areas, ``Conflict`` for a broadcast that was stopped and for an alert."""
    campaign = session.get(Campaign, campaign_id, with_for_update=True, populate_existing=True)
    if campaign is None:
        raise Absent
    access.authorise(actor, _roles(campaign.purpose), campaign.area_code)
    _demand_going(campaign.purpose, campaign)
    mine = (
        FAILED_ONES,
        Delivery.campaign_id == campaign.id,
        Delivery.resent_as.is_(None),
        Delivery.reason.not_in(UNKNOWN),
    )
    whole = session.scalar(select(func.count()).select_from(Delivery).where(*mine)) or 0
    rows = session.scalars(select(Delivery).where(*mine).order_by(Delivery.id).limit(TOGETHER)).all()
    sent = refused = 0
    for row in rows:
        try:
            _again(session, row, now)
            sent += 1
        except Refusal:
            row.resent_as = NOTHING_MORE
            refused += 1
    session.flush()
    audit.record(
        session, actor_id=actor.account_id, act="campaign.resend", subject=f"campaign:{campaign.id}",
        detail={"sent": sent, "refused": refused, "left": whole - len(rows)}, now=now,
    )  # fmt: skip
    return Resent(sent, refused, whole - len(rows))


def authorise(session: Session, row: Delivery, actor: Actor, county: str) -> None:
    """Let pass who may see this message; else ``Absent``. What went to a number alone is the whole county's."""
    account = session.get(Account, row.account_id) if row.account_id else None
    place = account.area_code if account and account.area_code.startswith(county) else county
    access.authorise(actor, _roles(row.purpose), place)


def _roles(purpose: Purpose) -> frozenset[Role]:
    return frozenset(READERS) if purpose in PROMOTIONAL else frozenset({Role.ADMIN})


def _again(session: Session, row: Delivery, now: datetime) -> Delivery:
    campaign = session.get(Campaign, row.campaign_id) if row.campaign_id else None
    question = session.get(Question, row.question_id) if row.question_id else None
    account = session.get(Account, row.account_id) if row.account_id else None
    _demand_going(row.purpose, campaign)
    if question is not None and question.state is not QuestionState.OPEN:
        raise Conflict("resend_over", "What it asks was settled meanwhile: there is nothing to send.")
    again = outbox.prepare(
        session,
        channel=row.channel,
        address=_address(row, account),
        text=row.text,
        purpose=row.purpose,
        now=now,
        account=account,
        priority=row.priority,
        question=question,
        inbound=session.get(Inbound, row.inbound_id) if row.inbound_id else None,
        letter=session.get(Letter, row.letter_id) if row.letter_id else None,
        campaign=campaign,
    )
    may = consent.allows(
        session, account=account, phone_index=again.address_index, purpose=row.purpose, channel=row.channel
    )
    if not may or (account is not None and account.state is AccountState.LEFT):
        raise Conflict("resend_consent", "This person may not be written to about this any more.")
    again.round = _next_round(session, row)
    row.resent_as = again.id
    session.add(again)
    session.flush()
    return again


def _demand_going(purpose: Purpose, campaign: Campaign | None) -> None:
    if purpose is Purpose.ALERT:
        raise Conflict("resend_alert", "An alert is sent again on its own page.")
    if campaign is not None and campaign.state is CampaignState.STOPPED:
        raise Conflict("resend_stopped", "This broadcast was stopped: nothing of it is sent.")


def _address(row: Delivery, account: Account | None) -> str:
    """Where the person is reached now: the number may have been what was wrong."""
    if account is not None and row.channel in (Channel.SMS, Channel.VOICE) and account.phone:
        return str(account.phone)
    if not row.address:
        raise Conflict("resend_erased", "The number of this message is kept no longer.")
    return str(row.address)


def _next_round(session: Session, row: Delivery) -> int:
    if row.campaign_id is None:
        return row.round + 1
    mine = select(func.max(Delivery.round)).where(
        Delivery.campaign_id == row.campaign_id,
        Delivery.account_id == row.account_id,
        Delivery.channel == row.channel,
    )
    return (session.scalar(mine) or 0) + 1
