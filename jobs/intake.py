"""Words on record that nobody acted on: a crash came between storing and handling."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from farmerline.domain import intake, pieces
from jobs.context import Context

_log = logging.getLogger(__name__)


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
