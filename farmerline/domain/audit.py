"""The audit: who did what to whose data, as rows chained by SHA-256.

Each row's digest covers its own fields and the digest of the row before it; the chain's end is a row of its own, so
that a cut tail is found as well. Details hold ids, counts and hashes, never a name or a number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from farmerline.models import AuditHead, AuditRow

_HEAD = "audit"
_START = "0" * 64
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


class Fault(StrEnum):
    """What is wrong with the chain at a row."""

    CHANGED = "changed"  # its fields do not give its digest
    MISSING = "missing"  # this number is not there
    SWAPPED = "swapped"  # it does not follow the row before it
    CUT = "cut"  # the head is further than the last row
    ADDED = "added"  # it stands behind the head
    HEAD = "head"  # the head is gone, or has another digest than the last row


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row at which the chain does not hold."""

    number: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class Head:
    """The chain's end: how many rows there are, and the last one's digest."""

    number: int
    digest: str


def record(
    session: Session,
    *,
    actor_id: str,
    act: str,
    subject: str = "",
    for_id: str = "",
    channel: str = "",
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> AuditRow:
    """Add a row to the chain; the head stays locked until the transaction ends.

    ``actor_id`` is an account's id, or ``system`` or ``cli``; ``act`` a dotted name such as ``person.verify``;
    ``subject`` is written ``table:id``; ``for_id`` is the person acted for.
    """
    before = _lock_head(session)
    row = AuditRow(
        number=before.number + 1,
        at=now.astimezone(UTC),
        actor_id=actor_id,
        for_id=for_id,
        act=act,
        subject=subject,
        channel=channel,
        detail=json.loads(json.dumps(dict(detail or {}))),
        before=before.digest,
    )
    row.digest = _digest(
        row.number,
        row.at,
        row.actor_id,
        row.for_id,
        row.act,
        row.subject,
        row.channel,
        row.detail,
        row.before,
    )
    session.add(row)
    session.flush()
    session.execute(
        update(AuditHead).where(AuditHead.name == _HEAD).values(number=row.number, digest=row.digest)
    )
    return row


def head(session: Session) -> Head:
    """The chain's end as its own row says; number 0 before the first act."""
    found = session.execute(
        select(AuditHead.number, AuditHead.digest).where(AuditHead.name == _HEAD)
    ).one_or_none()
    return Head(found.number, found.digest) if found else Head(0, _START)


def verify(session: Session) -> Broken | None:
    """The first row at which the chain is broken, or None. Rows are streamed; any length can be looked at."""
    last = end = Head(0, _START)
    query = (
        select(
            AuditHead.number, AuditHead.digest, AuditRow.number, AuditRow.at, AuditRow.actor_id, AuditRow.for_id,
            AuditRow.act, AuditRow.subject, AuditRow.channel, AuditRow.detail, AuditRow.before, AuditRow.digest,
        )
        .join(AuditHead, AuditHead.name == _HEAD, isouter=True)  # one statement: rows and head of the same moment
        .order_by(AuditRow.number)
        .execution_options(yield_per=2000)
    )  # fmt: skip
    with session.execute(query) as rows:
        for end_number, end_digest, *fields, digest in rows:
            number, before = fields[0], fields[-1]
            end = Head(end_number or 0, end_digest or _START)
            if number != last.number + 1:
                return Broken(last.number + 1, Fault.MISSING)
            if number > end.number:
                return Broken(number, Fault.ADDED if end.number else Fault.HEAD)
            if _digest(*fields) != digest:
                return Broken(number, Fault.CHANGED)
            if before != last.digest:
                return Broken(number, Fault.SWAPPED)
            last = Head(number, digest)
    if last.number == 0:
        end = head(session)
    if end.number > last.number:
        return Broken(last.number + 1, Fault.CUT)
    return None if end == last else Broken(last.number, Fault.HEAD)


def _lock_head(session: Session) -> Head:
    locked = select(AuditHead.number, AuditHead.digest).where(AuditHead.name == _HEAD).with_for_update()
    found = session.execute(locked).one_or_none()
    if found is None:
        session.execute(_first_head(session))
        found = session.execute(locked).one()
    return Head(found.number, found.digest)


def _first_head(session: Session) -> Insert:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return insert(AuditHead).values(name=_HEAD, number=0, digest=_START).on_conflict_do_nothing()


def _digest(
    number: int,
    at: datetime,
    actor_id: str,
    for_id: str,
    act: str,
    subject: str,
    channel: str,
    detail: Mapping[str, Any],
    before: str,
) -> str:
    fields = [
        number,
        at.isoformat(timespec="microseconds"),
        actor_id,
        for_id,
        act,
        subject,
        channel,
        detail,
        before,
    ]
    return sha256(_CANONICAL.encode(fields).encode()).hexdigest()
