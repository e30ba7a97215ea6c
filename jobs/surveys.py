"""Asking the people of open surveys, a few at a time, and ending the ones whose time is over."""

from __future__ import annotations

from farmerline.domain import surveys
from jobs.context import Context

_PART = 200


def ask(context: Context) -> int:
    """Ask whoever is to be asked now; returns how many."""
    asked = 0
    with context.database.write() as session:
        surveys.close_over(session, now=context.now())
    while has_work(context):
        with context.database.write() as session:
            part = surveys.ask_due(session, settings=context.settings, now=context.now(), limit=_PART)
        asked += part
        if part < _PART:
            break
    return asked


def has_work(context: Context) -> bool:
    """Whether somebody is to be asked, or a survey is over. Reads only."""
    with context.database.read() as session:
        return surveys.has_work(session, settings=context.settings, now=context.now())
