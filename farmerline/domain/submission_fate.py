"""What became of what was sent in: its sender is told when it is used, and why where it is not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import outbox
from farmerline.models import Account, AccountState, Article, Purpose, Submission, SubmissionState
from farmerline.words import say

_GONE_IN = (SubmissionState.TAKEN, SubmissionState.MERGED)


def tell_used(session: Session, article: Article, *, now: datetime) -> int:
    """Mark what went into an issued article as used, and tell who sent it; returns how many. Nobody is told twice."""
    waiting = select(Submission).where(
        Submission.article_id == article.id, Submission.state.in_(_GONE_IN), Submission.used_at.is_(None)
    )
    found = session.scalars(waiting).all()
    for row in found:
        row.used_at = now
        _tell(
            session,
            row,
            "Your news {number} is used: article {article}, “{title}”. Thank you.",
            now,
            article=article.number,
            title=article.title[:16],
        )
    session.flush()
    return len(found)


def tell_returned(session: Session, row: Submission, *, now: datetime) -> None:
    """Tell who sent it why it is not used."""
    _tell(session, row, "Your news {number} is not used: {why}", now, why=row.why)


def _tell(session: Session, row: Submission, sentence: str, now: datetime, **values: object) -> None:
    sender = session.get(Account, row.account_id) if row.account_id else None
    if sender is not None and sender.state is AccountState.VERIFIED:
        text = say(sender.language, sentence, number=f"B{row.number}", **values)
        outbox.tell(session, account=sender, text=text, purpose=Purpose.SERVICE, now=now)
