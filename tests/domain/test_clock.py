"""A clock that jumps is not believed until it has stayed there for ten minutes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from farmerline.clock import SystemClock, proof_clock

TEN = datetime(2026, 11, 20, 2, tzinfo=UTC)


@dataclass
class Machine:
    """A machine whose wall clock can be set, and whose steady count cannot."""

    offset: float = 0.0
    passed: float = 100.0

    def wall(self) -> datetime:
        return TEN + timedelta(seconds=self.passed - 100 + self.offset)

    def count(self) -> float:
        return self.passed


@pytest.mark.parametrize("offset", [3600, -3600, 86400, -86400, 357_000_000])
def test_a_jump_is_passed_over_until_it_has_lasted(offset: float) -> None:
    machine = Machine()
    clock = SystemClock(machine.wall, machine.count)
    assert clock.now() == TEN
    machine.offset = offset
    for seconds in (5, 300, 590):
        machine.passed = 100 + seconds
        assert clock.now() == TEN + timedelta(seconds=seconds)
    machine.passed += 20
    assert clock.now() == machine.wall()


def test_jumps_to_and_fro_are_never_believed() -> None:
    """R-12."""
    machine = Machine()
    clock = SystemClock(machine.wall, machine.count)
    clock.now()
    for number in range(400):
        machine.passed += 5
        machine.offset = (3600, -3600, 86400, 0, 357_000_000)[number % 5]
        assert clock.now() == TEN + timedelta(seconds=5 * (number + 1))


def test_a_leap_second_and_small_corrections_are_taken_as_they_come() -> None:
    machine = Machine()
    clock = SystemClock(machine.wall, machine.count)
    clock.now()
    for offset in (-1.0, 0.5, 3.0):
        machine.offset = offset
        assert clock.now() == machine.wall()


def test_a_proof_takes_its_time_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text(json.dumps({"began": TEN.timestamp(), "rate": 10, "offset": 7}))
    clock = proof_clock(file)
    wall = TEN + (datetime.now(UTC) - TEN) * 10 + timedelta(seconds=7)
    assert abs(clock.now() - wall) < timedelta(seconds=5)
    before = clock.steady()
    file.write_text(json.dumps({"began": TEN.timestamp(), "rate": 10, "offset": 86400}))
    assert abs(clock.now() - wall) < timedelta(seconds=10)
    assert 0 <= clock.steady() - before < 10
