"""What every test may ask for: databases, a browser; and what no test may do: reach another machine."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from farmerline.db import Database
from tests import engines, factories, postgres
from tests.network import Guard, is_local

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
STARTER = ROOT / "var" / "parts" / "chromium"
_GUARD = Guard()
QUIET_BROWSER = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]

# A setting of whoever runs the tests must not change what they say.
for _name in [name for name in os.environ if name.startswith("FARMERLINE_")]:
    del os.environ[_name]
engines.share()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[Any]:
    _GUARD.tried.clear()
    _GUARD.watching = item.get_closest_marker("network") is None
    try:
        return (yield)
    finally:
        _GUARD.watching = False


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Between files: what is still there stays, and looking through it again and again would slow every test that follows."""
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[Any]:
    result = yield
    if _GUARD.tried:
        pytest.fail(f"the test tried to talk beyond this machine: {', '.join(_GUARD.tried)}")
    return result


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    """A running PostgreSQL of this test process's own."""
    found = postgres.find()
    if found is None:
        pytest.skip(postgres.MISSING)
    cluster = postgres.Cluster(found)
    yield cluster
    cluster.stop()


@pytest.fixture
def postgres_url(postgres_cluster: postgres.Cluster) -> Iterator[str]:
    """The address of an empty PostgreSQL database, for this test alone."""
    url = postgres_cluster.make_database()
    yield url
    postgres_cluster.drop_database(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of an SQLite file that does not exist yet, for this test alone."""
    return f"sqlite:///{tmp_path / 'farmerline.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database; the test runs once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, driven by Playwright; it resolves no name but localhost."""
    if not STARTER.is_file():
        pytest.skip("no Chromium: ./run parts gets it")
    if (node := STARTER.with_name("node")).is_file():
        os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(node)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=STARTER, args=QUIET_BROWSER)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page 360 px wide, Chinese, whose scripts' errors and requests beyond this machine fail the test."""
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
    page.on(
        "request", lambda request: is_ours(request.url) or wrong.append(f"beyond this machine: {request.url}")
    )
    yield page
    context.close()
    assert not wrong, wrong


def is_ours(url: str) -> bool:
    """Whether a browser's request stays on this machine."""
    parts = urlsplit(url)
    return parts.scheme in {"about", "blob", "data"} or is_local(parts.hostname or "")


@pytest.fixture(scope="session")
def postgres_tables(postgres_cluster: postgres.Cluster) -> str:
    """The address of a PostgreSQL database with all tables, which is wiped after each test."""
    url = postgres_cluster.make_database()
    factories.make_database(url).close()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with all tables, empty; the test runs once on SQLite and once on PostgreSQL. A vault is installed."""
    if request.param == "sqlite":
        database = factories.make_database(request.getfixturevalue("sqlite_url"))
        yield database
        database.close()
    else:
        url = request.getfixturevalue("postgres_tables")
        factories.install_vault()
        database = Database(url)
        yield database
        database.close()
        postgres.wipe(url)
