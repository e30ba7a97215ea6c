from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.domain.alerting import Bureau, open_bureau
from tests.jobs.conftest import county, sqlite_county, sqlite_village, village

__all__ = ["bureau", "county", "sqlite_bureau", "sqlite_county", "sqlite_village", "village"]


@pytest.fixture
def bureau(database_url: str, tmp_path: Path) -> Iterator[Bureau]:
    """An alert bureau, on each database."""
    with open_bureau(database_url, tmp_path) as made:
        yield made


@pytest.fixture
def sqlite_bureau(sqlite_url: str, tmp_path: Path) -> Iterator[Bureau]:
    """The same where the database makes no difference."""
    with open_bureau(sqlite_url, tmp_path) as made:
        yield made
