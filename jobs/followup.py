"""Asking how it ended: both sides of a match, some days after they had each other's number."""

from __future__ import annotations

from farmerline.domain import deals
from jobs.context import Context

_PART = 200


def ask_outcomes(context: Context) -> int:
    """Ask about every match whose day has come; returns how many matches were asked about."""
    asked = 0
    while True:
        with context.database.write() as session:
            more = deals.ask_due(session, days=context.settings.follow_up_days, now=context.now(), limit=_PART)
        asked += more
        if more < _PART:
            return asked
