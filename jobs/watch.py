"""New posts for who subscribed to such: written down and told within seconds; what came at night, in the morning."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event

from farmerline.domain import watch_texts, watching
from jobs.context import Context

_log = logging.getLogger(__name__)
_IDLE_SECONDS = 1.0


def watch(context: Context) -> int:
    """Write down who is concerned by new posts, and tell everybody whose time has come; returns how many messages."""
    spread(context)
    return tell(context)


def spread(context: Context) -> int:
    """Write down the subscribers of every new post; returns how many."""
    written = 0
    while _has_new(context):
        with context.database.write() as session:
            found = watching.spread(session, now=context.now())
        if found is None:  # another worker has what is left
            break
        written += found
    return written


def tell(context: Context) -> int:
    """Write the messages to everybody whose time has come; returns how many."""
    told, after = 0, ""
    while True:
        with context.database.read() as session:
            people, go_on = watching.due(session, settings=context.settings, now=context.now(), after=after)
        if people:
            with context.database.write() as session:
                told += watch_texts.tell(session, people, settings=context.settings, now=context.now())
        if go_on is None:
            return told
        after = go_on


def loops(context: Context) -> list[Callable[[Event], None]]:
    """One loop that looks each second, until it is told to stop. While nobody's time has come it only looks for what is new."""

    def loop(stop: Event) -> None:
        seen: str | None = None
        due_at: datetime | None = context.now()
        while not stop.is_set():
            try:
                spread(context)
                with context.database.read() as session:
                    newest = watching.newest(session)
                if newest != seen or (due_at is not None and due_at <= context.now()):
                    tell(context)
                    seen, due_at = newest, next_moment(context)
            except Exception as error:  # the database is away, say: the next round tries again
                _log.error("watch.failed error=%s", type(error).__name__)
            stop.wait(_IDLE_SECONDS)

    return [loop]


def next_moment(context: Context) -> datetime | None:
    """When somebody may be told next; None while nobody waits."""
    with context.database.read() as session:
        return watching.next_moment(session, settings=context.settings, now=context.now())


def _has_new(context: Context) -> bool:
    with context.database.read() as session:
        return watching.has_new(session)
