"""What callers said, written down by the county's own recogniser and read back to them; nothing is published before their yes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event

from channels.contract import Heard, NotHeard
from farmerline.domain import recognised
from jobs.context import Context

_log = logging.getLogger(__name__)
_IDLE_SECONDS = 1.0
_AWAY_SECONDS = 20.0


def recognise(context: Context) -> int:
    """Write down what waits, and read back what can be; returns how many callers were asked."""
    while _listen(context):
        pass
    return _read_back(context)


def loops(context: Context) -> list[Callable[[Event], None]]:
    """One loop that listens, until it is told to stop; none where the county has no recogniser of its own."""

    def loop(stop: Event) -> None:
        ear = context.bell.ear("recognise")
        while not stop.is_set():
            try:
                heard = _listen(context)
                _read_back(context)
                if heard is None:
                    stop.wait(_AWAY_SECONDS)
                elif not heard:
                    ear.rest(_IDLE_SECONDS)
            except Exception as error:  # the database is away, say: the next round tries again
                _log.error("recognise.failed error=%s", type(error).__name__)
                stop.wait(_IDLE_SECONDS)

    return [loop] if context.recogniser is not None else []


def _listen(context: Context) -> bool | None:
    """Have one recording written down; whether there was one, None where the recogniser is away."""
    if context.recogniser is None or context.understand is None or not _has_work(context):
        return False
    with context.database.write() as session:
        given = recognised.give(session, now=context.now())
    if given is None:
        return False
    try:
        heard = context.recogniser.hear(given.sound, given.language)
    except NotHeard as error:
        _log.warning("recognise.not_heard case=%s why=%s", given.case_id, error.why)
        if error.later:
            with context.database.write() as session:
                recognised.give_back(session, given)
            return None
        heard = Heard("")
    context.understand(heard.text, frozenset())  # the reading is remembered: the write below stays short
    with context.database.write() as session:
        recognised.take(
            session, given, text=heard.text, sureness=heard.sureness, understand=context.understand,
            settings=context.settings, now=context.now(),
        )  # fmt: skip
    return True


def _read_back(context: Context) -> int:
    """Text or ring those who are not in a call about it any more; returns how many."""
    understand = context.understand
    if context.recogniser is None or understand is None or not _has_work(context):
        return 0
    with context.database.read() as session:
        waiting = recognised.ready(session, now=context.now())
    told = 0
    for case_id in waiting:
        with context.database.write() as session:
            told += recognised.send_back(
                session, case_id, understand=understand, settings=context.settings, now=context.now()
            )
    return told


def _has_work(context: Context) -> bool:
    with context.database.read() as session:
        return recognised.has_work(session, now=context.now())
