"""Words on record: a carrier's texts are acted on as they come; what a crash left between storing and handling, later."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Event

from farmerline.domain import intake, pieces
from jobs.context import Context

_log = logging.getLogger(__name__)
_IDLE_SECONDS = 0.5
_PART = 20


def handle_new(context: Context) -> int:
    """Act on the texts that came, in their order, until there are none; returns how many were acted on."""
    handled = 0
    while context.understand is not None:
        with context.database.read() as session:
            found = intake.fresh(session)
        if not found:
            break
        handled += act_on(context, found)
    return handled


def loops(context: Context) -> list[Callable[[Event], None]]:
    """One loop that acts on texts as they come, until it is told to stop."""

    def loop(stop: Event) -> None:
        ear = context.bell.ear("hear")
        while not stop.is_set():
            try:
                with context.database.read() as session:
                    found = intake.fresh(session, limit=_PART)
                if found and context.understand is not None:
                    act_on(context, found)
                else:
                    ear.rest(_IDLE_SECONDS)
            except Exception as error:  # the database is away, say: the next round tries again
                _log.error("hear.failed error=%s", type(error).__name__)
                stop.wait(1.0)

    return [loop]


def handle_waiting(context: Context) -> int:
    """Act on what still waits, and on texts whose other pieces do not come; what fails again and again goes to a person.

    Returns how many were handled.
    """
    if context.understand is None:
        return 0
    with context.database.read() as session:
        overdue = pieces.has_overdue(session, now=context.now())
    if overdue:
        with context.database.write() as session:
            pieces.take_overdue(session, now=context.now())
    with context.database.read() as session:
        waiting = intake.waiting(session, now=context.now())
    return act_on(context, waiting)


def act_on(context: Context, inbound_ids: Sequence[str]) -> int:
    """Act on these messages, each in a transaction of its own. Returns how many were handled."""
    understand = context.understand
    if understand is None:
        return 0
    handled = 0
    for inbound_id in inbound_ids:
        try:
            with context.database.read() as session:
                words = intake.to_read(session, inbound_id)
            if words is None:
                continue
            understand(*words)  # the reading is remembered: the write below stays short
            with context.database.write() as session:
                intake.handle(
                    session,
                    inbound_id=inbound_id,
                    understand=understand,
                    settings=context.settings,
                    now=context.now(),
                )
            handled += 1
        except Exception as error:  # one message must not hold up the others
            _log.error("intake.failed inbound=%s error=%s", inbound_id, type(error).__name__)
            with context.database.write() as session:
                intake.give_up(
                    session, inbound_id=inbound_id, now=context.now(), county=context.settings.county
                )
    return handled


def has_waiting(context: Context) -> bool:
    """Whether words wait. Reads only."""
    with context.database.read() as session:
        now = context.now()
        return bool(intake.waiting(session, now=now, limit=1)) or pieces.has_overdue(session, now=now)
