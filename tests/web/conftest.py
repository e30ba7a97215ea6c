"""The service that page tests run on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service import Service, make_template, open_service


@pytest.fixture(scope="session")
def template_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled database file, made once and copied for each test."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def service(template_database: Path, tmp_path: Path) -> Iterator[Service]:
    """A small real service of this test's own."""
    yield from open_service(template_database, tmp_path)
