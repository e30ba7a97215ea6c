"""Looking at the disk: a row of the audit and a line of the log when it fills up, in good time and once for each step."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event

from farmerline.domain import disk
from jobs.context import Context

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 1.0


def look(
    context: Context, gauge: disk.Gauge | None = None, measure: Callable[[Path], float] = disk.percent
) -> int:
    """Tell of the disk where it has reached a step; returns the step that was told of, 0 for none."""
    gauge = gauge or disk.Gauge()
    step = gauge.see(measure(context.settings.home))
    if step:
        with context.database.write() as session:
            disk.note(session, step, now=context.now())
        gauge.told = step
        _log.warning("disk.filling percent=%d", step)
    return step


def loops(context: Context) -> list[Callable[[Event], None]]:
    """One loop that looks each second, until it is told to stop."""

    def loop(stop: Event) -> None:
        gauge, failed = disk.Gauge(), False
        while not stop.is_set():
            try:
                look(context, gauge)
                failed = False
            except Exception as error:  # it is full: put down as soon as there is room
                if not failed:
                    _log.error("disk.failed error=%s", type(error).__name__)
                failed = True
            stop.wait(_LOOK_SECONDS)

    return [loop]
