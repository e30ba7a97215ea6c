from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.domain.talking import Village, open_village
from tests.jobs.carrier import County, open_county


@pytest.fixture
def county(database_url: str, tmp_path: Path) -> Iterator[County]:
    """A county with carriers in memory, on each database."""
    with open_county(database_url, tmp_path) as made:
        yield made


@pytest.fixture
def sqlite_county(sqlite_url: str, tmp_path: Path) -> Iterator[County]:
    """The same where the database makes no difference."""
    with open_county(sqlite_url, tmp_path) as made:
        yield made


@pytest.fixture
def village(database_url: str, tmp_path: Path) -> Iterator[Village]:
    """A county that can be spoken to, on each database."""
    with open_village(database_url, tmp_path) as made:
        yield made


@pytest.fixture
def sqlite_village(sqlite_url: str, tmp_path: Path) -> Iterator[Village]:
    """The same where the database makes no difference."""
    with open_village(sqlite_url, tmp_path) as made:
        yield made
