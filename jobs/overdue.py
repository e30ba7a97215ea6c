"""Urgent letters whose text brought no receipt in time: the phone rings, at most a second late."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event

from farmerline.domain import second_channel
from jobs.context import Context

_log = logging.getLogger(__name__)
_IDLE_SECONDS = 1.0
_BATCH = 200


def ring(context: Context) -> int:
    """Promise the calls that are due; returns how many."""
    rung = 0
    while _has_due(context):
        with context.database.write() as session:
            rung += second_channel.ring_overdue(session, now=context.now(), limit=_BATCH)
    return rung


def loops(context: Context) -> list[Callable[[Event], None]]:
    """One loop that looks each second, until it is told to stop."""

    def loop(stop: Event) -> None:
        while not stop.is_set():
            try:
                ring(context)
            except Exception as error:  # the database is away, say: the next round tries again
                _log.error("ring_overdue.failed error=%s", type(error).__name__)
            stop.wait(_IDLE_SECONDS)

    return [loop]


def _has_due(context: Context) -> bool:
    with context.database.read() as session:
        return second_channel.has_overdue(session, now=context.now())
