"""What is new for a contact point's villages: alerts and articles since a moment, and when the wall sheet was printed last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.domain import alert_words
from farmerline.models import AuditRow
from farmerline.queries import articles

PRINTED = "sheet.print"
"""The act that is on record when a wall sheet is printed."""


@dataclass(frozen=True, slots=True)
class New:
    """An alert (``words`` are its short text) or an article (its title), with its public number."""

    alert: bool
    number: str
    words: str
    at: datetime


def since(session: Session, place: str, moment: datetime, *, now: datetime) -> list[New]:
    """What was issued for a place after the moment and still holds: alerts first, then the newest."""
    found = [
        New(True, one.number, one.short_text, one.issued_at)
        for one in alert_words.in_force_at(session, place, now=now)
        if one.issued_at is not None and one.issued_at > moment
    ]
    found += [
        New(False, str(one.number), one.title, one.issued_at)
        for one in articles.in_force(session, place=place, now=now)
        if one.issued_at is not None and one.issued_at > moment
    ]
    return sorted(found, key=lambda one: (one.alert, one.at), reverse=True)


def printed_at(session: Session, account_id: str) -> datetime | None:
    """When this contact point printed a wall sheet last."""
    mine = select(func.max(AuditRow.at)).where(AuditRow.actor_id == account_id, AuditRow.act == PRINTED)
    return session.scalar(mine)
