"""When people are asked how it ended: in the days after, and never at night."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from jobs import followup
from tests.domain.conftest import sqlite_village as sqlite_village
from tests.domain.talking import Village
from tests.domain.test_deals import agreed


def test_nobody_is_asked_at_night_how_it_ended(sqlite_village: Village) -> None:
    sqlite_village.wait(hours=13)  # 23:00 in China
    agreed(sqlite_village)
    sqlite_village.wait(days=3, minutes=1)
    context: Any = SimpleNamespace(
        database=sqlite_village.database, settings=sqlite_village.settings, now=lambda: sqlite_village.now
    )
    assert not followup.has_due(context) and followup.ask_outcomes(context) == 0
    sqlite_village.wait(hours=9)
    assert followup.has_due(context) and followup.ask_outcomes(context) == 1
