"""Time, from one place. Every function that needs it is handed a moment or a clock."""

from __future__ import annotations

import json
import logging
import time as machine
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

_log = logging.getLogger(__name__)

SHANGHAI = ZoneInfo("Asia/Shanghai")
_NO_JUMP = timedelta(seconds=5)
_PATIENCE = 600.0


class Clock(Protocol):
    """Tells the moment, aware UTC; ``steady`` counts seconds for spans that must not depend on it."""

    def now(self) -> datetime: ...
    def steady(self) -> float: ...


def _wall() -> datetime:
    return datetime.now(UTC)


def _since_boot() -> float:
    """Seconds that count a machine's sleep too, where the system can tell them."""
    return machine.clock_gettime(getattr(machine, "CLOCK_BOOTTIME", machine.CLOCK_MONOTONIC))


class _Seen(NamedTuple):
    """A wall time that was believed, when that was, and a jump that was not: how far it went, and when it was seen."""

    wall: datetime
    at: float
    jump: timedelta = timedelta()
    jumped_at: float = 0.0


@dataclass(slots=True)
class SystemClock:
    """The machine's own time, which is not believed at once when it jumps.

    A step of over 5 s against the steady count is passed over until it has lasted 10 minutes: a clock that was set
    wrong for a moment ends no lease, fires no job and makes no code live longer.
    """

    wall: Callable[[], datetime] = _wall
    count: Callable[[], float] = _since_boot
    patience: float = _PATIENCE
    _seen: _Seen | None = None

    def now(self) -> datetime:
        wall, at, seen = self.wall(), self.count(), self._seen
        if seen is None:
            self._seen = _Seen(wall, at)
            return wall
        due = seen.wall + timedelta(seconds=at - seen.at)
        jump = wall - due
        if abs(jump) <= _NO_JUMP:
            self._seen = _Seen(wall, at)
            return wall
        if not seen.jump or abs(jump - seen.jump) > _NO_JUMP:
            _log.error("clock.jumped seconds=%.0f", jump.total_seconds())
            self._seen = seen._replace(jump=jump, jumped_at=at)
        elif at - seen.jumped_at >= self.patience:
            _log.error("clock.believed seconds=%.0f", jump.total_seconds())
            self._seen = _Seen(wall, at)
            return wall
        return due

    def steady(self) -> float:
        return self.count()


@dataclass(frozen=True, slots=True)
class ClockFile:
    """A wall clock for proofs: JSON ``{"began", "rate", "offset"}``. From ``began`` (Unix seconds) time runs ``rate``
    times as fast, and stands ``offset`` seconds off; whoever writes the file makes it jump."""

    path: Path

    def __call__(self) -> datetime:
        said = self._read()
        wall = said["began"] + (machine.time() - said["began"]) * said["rate"] + said["offset"]
        return datetime.fromtimestamp(wall, UTC)

    def count(self) -> float:
        """The steady count, just as fast."""
        return _since_boot() * self._read()["rate"]

    def _read(self) -> dict[str, float]:
        said: dict[str, float] = json.loads(self.path.read_text())
        return said


def proof_clock(path: Path) -> SystemClock:
    """The clock of a proof, which takes a file for the machine's time."""
    file = ClockFile(path)
    return SystemClock(file, file.count)


@dataclass(slots=True)
class ShiftedClock:
    """The machine's time plus an offset that a demo may move; never used in production."""

    offset: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def steady(self) -> float:
        return _since_boot()


@dataclass(slots=True)
class FixedClock:
    """Stands still until told otherwise: for tests and for replaying a past day."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def steady(self) -> float:
        return _since_boot()

    def advance(self, step: timedelta) -> None:
        self.moment += step


def local(moment: datetime) -> datetime:
    """The same moment on a wall clock in China."""
    return moment.astimezone(SHANGHAI)


def noon(day: date) -> datetime:
    """A moment that lies on this day in China."""
    return datetime.combine(day, time(12), SHANGHAI)
