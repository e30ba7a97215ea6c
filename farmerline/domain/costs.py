"""What texts and calls cost a county: by the part, by the started minute, and in a year. Money is yuan throughout."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Protocol


class Rates(Protocol):
    """A county's rates in yuan; ``Settings`` is one."""

    @property
    def sms_part_yuan(self) -> float: ...

    @property
    def call_minute_yuan(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Use:
    """What one person takes in a year for one purpose: SMS parts, calls answered, and the minutes billed for them."""

    purpose: str
    parts: float = 0.0
    calls: float = 0.0
    minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """A year of one purpose for all people: parts, calls and billed minutes in whole numbers, and their yuan."""

    purpose: str
    parts: int
    calls: int
    minutes: int
    yuan: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A year for ``people`` people, by purpose."""

    people: int
    lines: tuple[Line, ...]

    @property
    def parts(self) -> int:
        return sum(line.parts for line in self.lines)

    @property
    def calls(self) -> int:
        return sum(line.calls for line in self.lines)

    @property
    def minutes(self) -> int:
        return sum(line.minutes for line in self.lines)

    @property
    def yuan(self) -> float:
        return float(sum((Decimal(str(line.yuan)) for line in self.lines), Decimal()))


def texts(parts: int, settings: Rates) -> float:
    """Yuan for SMS parts."""
    return _yuan(settings.sms_part_yuan, parts)


def calls(seconds: Iterable[float], settings: Rates) -> float:
    """Yuan for calls that lasted so many seconds each after they were answered; an unanswered one (0) costs nothing."""
    return _yuan(settings.call_minute_yuan, sum(minutes(each) for each in seconds))


def like_calls(count: int, seconds: float, settings: Rates) -> float:
    """Yuan for ``count`` answered calls of the same length."""
    return _yuan(settings.call_minute_yuan, count * minutes(seconds))


def minutes(seconds: float) -> int:
    """The minutes that a carrier bills: every started one counts whole."""
    return ceil(seconds / 60) if seconds > 0 else 0


def estimate(people: int, *, rates: Rates, usage: Iterable[Use]) -> Estimate:
    """A year for so many people, each using ``usage``."""
    return Estimate(people, tuple(_line(people, rates, use) for use in usage))


def _line(people: int, rates: Rates, use: Use) -> Line:
    parts, answered, billed = (round(people * each) for each in (use.parts, use.calls, use.minutes))
    yuan = Decimal(str(texts(parts, rates))) + Decimal(str(_yuan(rates.call_minute_yuan, billed)))
    return Line(use.purpose, parts, answered, billed, float(yuan))


def _yuan(rate: float, count: int) -> float:
    # through decimals: 0.045 of a yuan is no binary fraction, and a thousand of them must be 45
    return float(Decimal(str(rate)) * count)
