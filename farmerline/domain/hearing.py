"""That somebody of the staff listened to what a caller had said."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import audit
from farmerline.domain.access import Actor
from farmerline.models import AuditRow, Recording


def note(session: Session, *, actor: Actor, recording: Recording, for_id: str, now: datetime) -> None:
    """Put on record (once in ten minutes) that somebody of the staff heard a recording."""
    subject = f"recording:{recording.id}"
    last = session.scalar(
        select(AuditRow.at)
        .where(
            AuditRow.subject == subject,
            AuditRow.actor_id == actor.account_id,
            AuditRow.act == "recording.hear",
        )
        .order_by(AuditRow.number.desc())
        .limit(1)
    )
    if last is None or (now - last).total_seconds() > 600:
        audit.record(
            session,
            actor_id=actor.account_id,
            for_id=for_id,
            act="recording.hear",
            subject=subject,
            now=now,
        )
