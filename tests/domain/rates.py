"""Rates in yuan that stand by themselves, for tests of what things cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fees:
    """A county's rates."""

    sms_part_yuan: float
    call_minute_yuan: float
