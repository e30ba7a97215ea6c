"""What one channel did not bring, another does: an unanswered call becomes a text, a text without a receipt a call."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from farmerline.domain import missed_calls, outbox
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    Campaign,
    Delivery,
    DeliveryState,
    Inbound,
    Letter,
    Priority,
    Question,
    QuestionKind,
)
from farmerline.words import say

RING_AFTER = timedelta(minutes=10)
"""How long an urgent letter's text waits for its receipt before the phone rings."""
_ARRIVED = (DeliveryState.DELIVERED, DeliveryState.CANCELLED)


def text_instead(session: Session, failed: Delivery, *, now: datetime) -> Delivery | None:
    """Promise a failed call's words as a text to the same phone; None for other channels, broadcasts, callouts, ring-backs.

    A broadcast has its own steps for people it did not reach; who is called out was texted beside the call; who only rang
    wanted to listen, and can ring again.
    """
    if failed.channel is not Channel.VOICE or failed.campaign_id is not None:
        return None
    question = session.get(Question, failed.question_id) if failed.question_id else None
    if question is not None and question.kind is QuestionKind.CALLOUT:  # texted beside the call
        return None
    if missed_calls.is_ring_back(session, failed):
        return None
    return outbox.queue(
        session,
        channel=Channel.SMS,
        address=failed.address,
        text=failed.text,
        purpose=failed.purpose,
        now=now,
        account=session.get(Account, failed.account_id) if failed.account_id else None,
        priority=failed.priority,
        question=question,
        inbound=session.get(Inbound, failed.inbound_id) if failed.inbound_id else None,
        letter=session.get(Letter, failed.letter_id) if failed.letter_id else None,
    )


def ring_overdue(session: Session, *, now: datetime, limit: int = 200) -> int:
    """Ring for each urgent text whose receipt has not come by its ``ring_at``; returns how many calls were promised.

    Once for each text; not where the letter has been read meanwhile, nor in a county without a voice line.
    """
    due = select(Delivery).where(Delivery.ring_at <= now).order_by(Delivery.ring_at, Delivery.id).limit(limit)
    has_line = outbox.gateway_of(session, Channel.VOICE) is not None
    rung = 0
    for row in session.scalars(due.with_for_update()).all():
        row.ring_at = None
        letter = session.get(Letter, row.letter_id) if row.letter_id else None
        if letter is not None and letter.read_at is None and row.state not in _ARRIVED and has_line:
            rung += _ring(session, row, letter, now)
    session.flush()
    return rung


def next_overdue(session: Session) -> datetime | None:
    """When the next text that still lacks its receipt becomes a call; None while none does."""
    waiting = select(func.min(Delivery.ring_at)).join(Letter, Letter.id == Delivery.letter_id)
    return session.scalar(waiting.where(_lacks_receipt(), Letter.read_at.is_(None)))


def has_overdue(session: Session, *, now: datetime) -> bool:
    """Whether ``ring_overdue`` has anything to look at. Reads only."""
    return session.scalar(select(Delivery.id).where(Delivery.ring_at <= now).limit(1)) is not None


def _lacks_receipt() -> ColumnElement[bool]:
    return Delivery.ring_at.is_not(None) & Delivery.state.not_in(_ARRIVED)


def _ring(session: Session, text: Delivery, letter: Letter, now: datetime) -> int:
    reader = session.get_one(Account, letter.to_id)
    call = outbox.queue(
        session,
        channel=Channel.VOICE,
        address=text.address,
        text=spoken(session, letter, reader.language),
        purpose=text.purpose,
        now=now,
        account=reader,
        priority=Priority.URGENT,
        letter=letter,
        campaign=session.get(Campaign, text.campaign_id) if text.campaign_id else None,
    )
    return int(call is not None)


def spoken(session: Session, letter: Letter, language: str) -> str:
    """An urgent letter as a call says it."""
    return say(
        language,
        "An urgent letter from {name}: {subject}. {body}",
        name=session.get_one(Account, letter.from_id).name,
        subject=letter.subject,
        body=letter.body,
    )
