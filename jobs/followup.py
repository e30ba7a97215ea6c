"""Asking how it ended: both sides of a match, some days after they had each other's number."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, exists, or_, select

from farmerline.domain import deals, quiet
from farmerline.models import Match, MatchState
from jobs.context import Context

_PART = 200


def ask_outcomes(context: Context) -> int:
    """Ask about every match whose day has come; returns how many matches were asked about.

    Never in the quiet hours: the other side may not have been awake when the two agreed, and may be rung.
    """
    if _is_quiet(context):
        return 0
    asked = 0
    while True:
        with context.database.write() as session:
            more = deals.ask_due(
                session, days=context.settings.follow_up_days, now=context.now(), limit=_PART
            )
        asked += more
        if more < _PART:
            return asked


def has_due(context: Context) -> bool:
    """Whether a match's day has come, and it is no hour to sleep. Reads only."""
    if _is_quiet(context):
        return False
    now = context.now()
    come = [
        and_(Match.asked_times == times, Match.agreed_at <= now - timedelta(days=day))
        for times, day in enumerate(context.settings.follow_up_days)
    ]
    with context.database.read() as session:
        return bool(session.scalar(select(exists().where(Match.state == MatchState.AGREED, or_(*come)))))


def _is_quiet(context: Context) -> bool:
    return quiet.next_allowed(context.now(), context.settings) > context.now()
