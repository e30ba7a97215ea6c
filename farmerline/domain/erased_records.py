"""What is left of erased people in the record of messages: it keeps the number as long as the law asks, then loses it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from farmerline.domain import erasure
from farmerline.models import Account, Call, Case, Delivery, Inbound, Question, Recording

_DAYS_A_MONTH = 31
# the column of each table that points to a phone, and the moment a row counts from
_INDEXED: dict[type[Any], tuple[Any, Any]] = {
    Delivery: (Delivery.address_index, Delivery.created_at),
    Inbound: (Inbound.sender_index, Inbound.received_at),
    Call: (Call.caller_index, Call.started_at),
    Case: (Case.phone_index, Case.opened_at),
    Question: (Question.phone_index, Question.asked_at),
}


def strip(session: Session, *, months: int, now: datetime) -> int:
    """Take numbers, what carriers wrote around them, and voices off erased people's records older than ``months``.

    Rows of the same phone that name no account are theirs too, unless somebody else has that phone now. Returns how many
    rows were changed; the words themselves stay sealed.
    """
    before = now - timedelta(days=_DAYS_A_MONTH * months)
    done = 0
    for account in erasure.erased_accounts(session):
        phones = _phones(session, account)
        for table, (index, at) in _INDEXED.items():
            mine: list[ColumnElement[bool]] = [(table.account_id == account.id) & index.is_not(None)]
            if phones:
                mine.append(table.account_id.is_(None) & index.in_(phones))
            for row in session.scalars(select(table).where(or_(*mine), at < before)):
                _forget(row)
                done += 1
        voices = select(Recording).where(Recording.account_id == account.id, Recording.at < before)
        for voice in session.scalars(voices.where(Recording.seconds > 0)):
            voice.sound, voice.seconds = b"", 0
            done += 1
    session.flush()
    return done


def _phones(session: Session, account: Account) -> Sequence[str]:
    """The phones that the person's own rows name and that nobody has now."""
    found: set[str] = set()
    for table, (index, _at) in _INDEXED.items():
        rows = select(index).where(table.account_id == account.id, index.is_not(None)).distinct()
        found |= set(session.scalars(rows))
    if not found:
        return ()
    held = set(session.scalars(select(Account.phone_index).where(Account.phone_index.in_(found))))
    return sorted(found - held)


def _forget(row: Any) -> None:
    if isinstance(row, Delivery):
        row.address, row.address_index = "", None
    elif isinstance(row, Inbound):
        row.sender, row.sender_index, row.raw = "", None, ""
    elif isinstance(row, Call):
        row.caller, row.caller_index = "", None
        row.data = {key: value for key, value in row.data.items() if key != "said"}
    elif isinstance(row, Case):
        row.phone, row.phone_index = None, None
    else:
        row.phone_index = None
