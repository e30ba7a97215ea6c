"""The audit as it is read: who did what, when, to what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain.people import names_of
from farmerline.models import AuditRow


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One act. ``actor`` and ``acted_for`` are names where the ids are people's, else the ids."""

    number: int
    at: datetime
    actor: str
    acted_for: str
    act: str
    subject: str
    channel: str
    detail: Mapping[str, Any]


def recent(
    session: Session,
    *,
    before: int | None = None,
    act: str = "",
    subject: str = "",
    person_id: str = "",
    limit: int = 50,
) -> list[AuditLine]:
    """The latest acts, the newest first; ``before`` is the last line's number of the page before.

    ``act`` takes a whole name or its beginning (``person.``); ``person_id`` what a person did, or what was done for them.
    """
    query = select(AuditRow)
    if before is not None:
        query = query.where(AuditRow.number < before)
    if act:
        query = query.where(AuditRow.act.startswith(act, autoescape=True))
    if subject:
        query = query.where(AuditRow.subject == subject)
    if person_id:
        query = query.where(
            (AuditRow.actor_id == person_id)
            | (AuditRow.for_id == person_id)
            | (AuditRow.subject == f"account:{person_id}")
        )
    rows = session.scalars(query.order_by(AuditRow.number.desc()).limit(limit)).all()
    ids = {row.actor_id for row in rows} | {row.for_id for row in rows}
    names = names_of(session, ids)
    return [
        AuditLine(
            number=row.number,
            at=row.at,
            actor=names.get(row.actor_id, row.actor_id),
            acted_for=names.get(row.for_id, row.for_id),
            act=row.act,
            subject=row.subject,
            channel=row.channel,
            detail=row.detail,
        )
        for row in rows
    ]


def acts(session: Session) -> list[str]:
    """The names of acts that there are, in order: for a choice on the page."""
    return list(session.scalars(select(AuditRow.act).distinct().order_by(AuditRow.act)))
