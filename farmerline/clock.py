"""Time, from one place. Every function that needs it is handed a moment or a clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the moment, aware UTC."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class ShiftedClock:
    """The machine's time plus an offset that a demo may move; never used in production."""

    offset: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


@dataclass(slots=True)
class FixedClock:
    """Stands still until told otherwise: for tests and for replaying a past day."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def advance(self, step: timedelta) -> None:
        self.moment += step


def local(moment: datetime) -> datetime:
    """The same moment on a wall clock in China."""
    return moment.astimezone(SHANGHAI)


def noon(day: date) -> datetime:
    """A moment that lies on this day in China."""
    return datetime.combine(day, time(12), SHANGHAI)
