"""Moving shares of the traffic between carriers: down at once where one fails, up again step by step."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event

from farmerline.domain import gateway_health
from jobs.context import Context

_log = logging.getLogger(__name__)
_IDLE_SECONDS = 2.0


def move(context: Context) -> int:
    """Move the shares that are due to move; returns how many."""
    with context.database.read() as session:
        if not gateway_health.needs_step(session, now=context.now()):
            return 0
    with context.database.write() as session:
        moved = gateway_health.step(session, now=context.now())
    for name in moved:
        _log.warning("share.moved gateway=%s", name)
    return len(moved)


def loops(context: Context) -> list[Callable[[Event], None]]:
    """One loop that looks every other second, until it is told to stop."""

    def loop(stop: Event) -> None:
        while not stop.is_set():
            try:
                move(context)
            except Exception as error:  # the database is away, say: the next round tries again
                _log.error("shares.failed error=%s", type(error).__name__)
            stop.wait(_IDLE_SECONDS)

    return [loop]
