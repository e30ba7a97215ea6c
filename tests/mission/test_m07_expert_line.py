"""M07, the staffed expert line: a call reaches the expert on duty, and is a case with who, when and how it ended."""

from __future__ import annotations

from farmerline.models import Case
from tests.domain.conftest import sqlite_village
from tests.domain.talking import Village
from tests.domain.test_hotline import dialled, ended, expert, keep, pick_up

__all__ = ["sqlite_village"]


def test_a_caller_speaks_with_the_expert_on_duty_and_it_is_a_case(sqlite_village: Village) -> None:
    """M07."""
    adviser, caller = expert(sqlite_village, "励志明"), sqlite_village.person("胡秀珍")
    keep(sqlite_village, adviser)
    line = sqlite_village.ring(caller)
    line.press("0")
    assert dialled(line).to == adviser.phone
    pick_up(sqlite_village, line, "1")
    ended(line, "answered", 74)
    (case,) = sqlite_village.cases()
    assert sqlite_village.get(Case, case.id).assigned_to == adviser.id
