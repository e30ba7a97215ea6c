"""Questions that wait over 48 hours go to somebody by name."""

from __future__ import annotations

from farmerline.domain import advice
from jobs.context import Context

_PART = 50


def pass_on_late(context: Context) -> int:
    """Pass them on; returns how many."""
    passed = 0
    while True:
        with context.database.write() as session:
            more = advice.pass_on_late(session, now=context.now(), limit=_PART)
        passed += more
        if more < _PART:
            return passed


def has_late(context: Context) -> bool:
    """Whether one waits. Reads only."""
    with context.database.read() as session:
        return advice.has_late(session, now=context.now())
