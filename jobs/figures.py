"""Counting the day's figures for the public page, at night, and anew for the days in which more was told."""

from __future__ import annotations

from datetime import timedelta

from farmerline.clock import local
from farmerline.queries import figures
from jobs.context import Context


def count_days(context: Context) -> int:
    """Count yesterday and the days before it whose people and deals may have changed; returns how many days."""
    now = context.now()
    today = local(now).date()
    for back in range(1, figures.SETTLES + 1):
        with context.database.read() as session:
            row = figures.count_day(session, today - timedelta(days=back), now=now)
        with context.database.write() as session:
            session.merge(row)
    return figures.SETTLES
