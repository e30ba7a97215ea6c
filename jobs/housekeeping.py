"""Keeping the house in order: sessions that ended, old firings, notices and recordings, erased people's rests, lost receipts."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import aliased

from farmerline.domain import erased_records, recordings, signin, watching
from farmerline.models import ReceiptRow, ScheduleRun, WebSession
from jobs.context import Context

_RUNS_KEPT = timedelta(days=30)
_RECEIPT_WAITS = timedelta(hours=24)


def clean_sessions(context: Context) -> int:
    """Take away browser sessions whose time is over; returns how many."""
    with context.database.write() as session:
        return signin.remove_ended(session, now=context.now())


def has_sessions(context: Context) -> bool:
    """Whether anybody is signed in at all. Reads only."""
    with context.database.read() as session:
        return bool(session.scalar(select(exists().where(WebSession.id.is_not(None)))))


def tidy(context: Context) -> int:
    """Forget firings older than 30 days but each job's last, old notices of subscriptions, and the numbers in erased people's
    old messages.

    Returns how many receipts found no message within a day.
    """
    now = context.now()
    later = aliased(ScheduleRun)
    with context.database.write() as session:
        old = delete(ScheduleRun).where(
            ScheduleRun.fire_at < now - _RUNS_KEPT,
            exists().where(later.name == ScheduleRun.name, later.fire_at > ScheduleRun.fire_at),
        )
        session.execute(old.execution_options(synchronize_session=False))
        watching.forget_old(session, now=now)
        erased_records.strip(session, months=context.settings.erased_months, now=now)
        lost = (
            select(func.count())
            .select_from(ReceiptRow)
            .where(ReceiptRow.delivery_id.is_(None), ReceiptRow.at < now - _RECEIPT_WAITS)
        )
        return session.scalar(lost) or 0


def forget_recordings(context: Context) -> int:
    """Take away the sound of what callers said once its days are over; returns how much."""
    days, taken = context.settings.recording_days, 0
    while has_recordings(context):
        with context.database.write() as session:
            part = recordings.forget_old(session, days=days, now=context.now())
        if not part:  # what is left belongs to open cases
            break
        taken += part
    return taken


def has_recordings(context: Context) -> bool:
    """Whether sound is kept beyond its days. Reads only."""
    with context.database.read() as session:
        return recordings.has_old(session, days=context.settings.recording_days, now=context.now())
