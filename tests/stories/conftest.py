"""The demo county for tests: built once, copied for each story."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from farmerline.app import create_app
from farmerline.config import PREFIX, read_settings
from farmerline.demo import clock as demo_clock
from farmerline.demo import county, player
from farmerline.demo.stage import Stage
from farmerline.migrations import upgrade
from farmerline.runtime import Runtime, open_runtime

MakeStage = Callable[[str], Stage]


@pytest.fixture(scope="session")
def county_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo county's folder with its settings and its database, before any story."""
    folder = tmp_path_factory.mktemp("county") / "demo"
    runtime = _open(county.write_settings(folder))
    _fill(runtime)
    runtime.database.close()
    return folder


@pytest.fixture
def stage(county_folder: Path, tmp_path: Path) -> Iterator[MakeStage]:
    """Makes the stage of a story in a fresh copy of the county, thirty days before now, at nine in the morning."""
    folder = tmp_path / "demo"
    shutil.copytree(county_folder, folder)
    settings = folder / "settings.env"
    settings.write_text(settings.read_text("utf-8").replace(str(county_folder), str(folder)), "utf-8")
    runtime = _open(settings)
    yield lambda story: _begin(runtime, story)
    runtime.database.close()


@pytest.fixture
def postgres_stage(postgres_url: str, tmp_path: Path) -> Iterator[MakeStage]:
    """The same on PostgreSQL, where one variable points the demo's settings."""
    settings = county.write_settings(tmp_path / "demo")
    runtime = _open(settings, {PREFIX + "DATABASE_URL": postgres_url})
    _fill(runtime)
    yield lambda story: _begin(runtime, story)
    runtime.database.close()


def _open(settings: Path, more: dict[str, str] | None = None) -> Runtime:
    return open_runtime(read_settings({PREFIX + "SETTINGS": str(settings), **(more or {})}))


def _fill(runtime: Runtime) -> None:
    upgrade(runtime.database)
    county.build(runtime.database, runtime.settings, now=runtime.now() - player.SPAN)
    runtime.prepare()


def _begin(runtime: Runtime, story: str) -> Stage:
    demo_clock.set_back(runtime, player.days_back(runtime.now()))
    return Stage(runtime, create_app(runtime), story, tell=lambda line: None)
