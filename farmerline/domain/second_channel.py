"""A call that nobody answered becomes a text: what was to be said is not lost."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from farmerline.domain import outbox
from farmerline.messages import Channel
from farmerline.models import Account, Delivery, Inbound, Letter, Question


def text_instead(session: Session, failed: Delivery, *, now: datetime) -> Delivery | None:
    """Promise a failed call's words as a text to the same phone; None for other channels and for broadcasts.

    A broadcast has its own steps for people it did not reach.
    """
    if failed.channel is not Channel.VOICE or failed.campaign_id is not None:
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
        question=session.get(Question, failed.question_id) if failed.question_id else None,
        inbound=session.get(Inbound, failed.inbound_id) if failed.inbound_id else None,
        letter=session.get(Letter, failed.letter_id) if failed.letter_id else None,
    )
