"""Drafting the farm work of the season."""

from __future__ import annotations

from farmerline.domain import farm_calendar
from jobs.context import Context


def propose(context: Context) -> int:
    """Draft what is due and not drafted yet; returns how many."""
    with context.database.write() as session:
        return farm_calendar.propose(session, settings=context.settings, now=context.now())
