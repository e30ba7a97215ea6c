"""A worker whose timetable is five hundred things to do, each at its own minute: ``python -m bench.chaos.clockwork FOLDER``.

Each writes a line when it begins and one when it has ended, to a file of this process's own.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

from farmerline.cli import opening
from farmerline.clock import local
from jobs.context import Context
from jobs.runner import Runner
from jobs.schedule import Daily, Job, Missed

ITEMS, EACH_MINUTE = 500, 8
WORK_SECONDS = 0.05


def timetable(first: datetime, note: Callable[[str], None]) -> tuple[Job, ...]:
    """The things to do, so many a minute from the first minute on."""

    def work(name: str) -> Callable[[Context], str]:
        def run(_context: Context) -> str:
            note(f"begin {name}")
            time.sleep(WORK_SECONDS)
            note(f"end {name}")
            return "done"

        return run

    return tuple(
        Job(name, Daily(f"{local(moment(first, number)):%H:%M}"), work(name), name, Missed.EACH)
        for number in range(ITEMS)
        for name in [f"item-{number:03d}"]
    )


def moment(first: datetime, number: int) -> datetime:
    """When a thing is to be done."""
    return first + timedelta(minutes=number // EACH_MINUTE)


def main(folder: str) -> None:
    """Say that we are ready, wait until somebody says when the first thing is to be done, work until killed."""
    runtime = opening.open_runtime()
    file = os.open(Path(folder) / f"{os.getpid()}.did", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    write(file, "ready")
    told = Path(folder) / "first"
    while not told.exists():
        time.sleep(0.05)
    jobs = timetable(datetime.fromisoformat(told.read_text()), lambda line: write(file, line))
    Runner(runtime.context, jobs).start()
    Event().wait()


def write(file: int, line: str) -> None:
    """One whole line at once: a kill leaves no half of one."""
    os.write(file, f"{line}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
