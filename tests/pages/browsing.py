"""The county served on a port of its own, and browsers in which each role's person has signed in."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from flask import Flask
from waitress.server import create_server

from farmerline.app import create_app
from farmerline.runtime import Runtime
from tests.conftest import QUIET_BROWSER, STARTER
from tests.pages import county, table
from tests.pages.table import Page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

FONTS = county.HOME.parents[1] / "farmerline" / "render" / "fonts"
_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the county is served, and the pages of each role."""

    address: str
    app: Flask
    pages: dict[str, list[Page]]
    cookies: dict[str, dict[str, str]]

    def unreached(self) -> list[str]:
        """Addresses that no role's pages lead to."""
        met = {page.rule for pages in self.pages.values() for page in pages}
        return sorted(table.views(self.app) - met)


def parser(program: str, about: str | None) -> argparse.ArgumentParser:
    """What both commands understand."""
    made = argparse.ArgumentParser(prog=program, description=about)
    made.add_argument(
        "--role", action="append", choices=list(table.CAST), help="only this role (may be repeated)"
    )
    made.add_argument("--page", default="", help="only pages whose address holds this")
    made.add_argument("--again", action="store_true", help="the county that the last run made, not a new one")
    return made


def ready(again: bool) -> Runtime:
    """The county, made anew unless the last one is wanted again."""
    if not (again and (county.HOME / "settings.env").is_file()):
        county.make()
    runtime = county.open_county()
    runtime.prepare()
    return runtime


@contextmanager
def open_site(runtime: Runtime, wanted: argparse.Namespace) -> Iterator[Site]:
    """Serve the county as ``farmerline web`` does until the block ends."""
    app = create_app(runtime)
    app.config["RATELIMIT_ENABLED"] = False
    roles = wanted.role or list(table.CAST)
    cookies = {role: table.cookies(app, role) for role in roles}
    pages = {
        role: [page for page in table.find(app, role, cookies[role]) if wanted.page in page.rule]
        for role in roles
    }
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    site = Site(f"http://127.0.0.1:{server.effective_port}", app, pages, cookies)
    if not wanted.role and not wanted.page:
        for rule in site.unreached():
            county.say(f"nobody is led to {rule}, or it is no page")
    try:
        yield site
    finally:
        server.close()
        thread.join(5)
        runtime.database.close()


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Chromium with the font that the service itself brings."""
    from playwright.sync_api import sync_playwright

    if (node := STARTER.with_name("node")).is_file():
        os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(node)
    with sync_playwright() as driver:
        environment = {**os.environ, "FONTCONFIG_FILE": str(_font_list())}
        browser = driver.chromium.launch(executable_path=STARTER, args=QUIET_BROWSER, env=environment)
        try:
            yield browser
        finally:
            browser.close()


def context(
    browser: Browser, site: Site, role: str, *, language: str = "zh", width: int = 360, **more: Any
) -> BrowserContext:
    """A browser of this role's person."""
    made = browser.new_context(
        viewport={"width": width, "height": 740}, locale="zh-CN", timezone_id="Asia/Shanghai", **more
    )
    made.set_default_timeout(60_000)
    kept = {**site.cookies[role], "lang": language}
    made.add_cookies([{"name": name, "value": value, "url": site.address} for name, value in kept.items()])
    return made


def _font_list() -> Path:
    path = county.HOME / "fonts.conf"
    path.write_text(_FONTCONFIG.format(fonts=FONTS, cache=county.HOME / "fontcache"), encoding="utf-8")
    return path
