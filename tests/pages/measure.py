"""``./run pages --json``: every page in every role, one object a line, measured in Chromium 360 px wide.

``kb`` is what crosses the wire, gzipped, without pictures, for a browser that has seen nothing yet; ``requests`` counts the
same. ``ttfb_ms`` is the 95th of a hundred waits for the first byte, in a county of 20,000 people, 100,000 posts and 1,000,000
messages. ``axe_serious`` counts rules of axe-core broken seriously or critically, ``low_contrast`` the places that are hard to
read, ``small_targets`` controls under 44 px, ``untranslated`` sentences of ours in the other language, on the Chinese page and
on the English one. ``works_without_js``: without scripts the page has every link, form and button that it has with them.
Exit 1 where a page misses what is promised; what it misses goes to stderr, with the place.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from farmerline.words import sentences
from tests.pages import browsing, county
from tests.pages.browsing import Site
from tests.pages.table import Page
from tests.parts import node
from tests.web.fit import measure as measure_fit

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab
    from playwright.sync_api import Request

PEOPLE, POSTS, DELIVERIES = 20_000, 100_000, 1_000_000
MOST: dict[str, float] = {
    "kb": 50, "requests": 3, "ttfb_ms": 300, "axe_serious": 0, "small_targets": 0, "low_contrast": 0, "untranslated": 0,
}  # fmt: skip
_AXE = node.PACKAGES / "axe-core" / "axe.min.js"
_PICTURES = ("image/", "audio/", "video/")
_SERIOUS = frozenset({"serious", "critical"})
_ENGLISH = re.compile(r"^[^\u4e00-\u9fff]*[A-Za-z]{2,} [a-z]{2,}[^\u4e00-\u9fff]*$")
_RUN_AXE = "() => axe.run(document, {resultTypes: ['violations'], elementRef: false})"
_WORDS = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, around = text.parentElement;
    const own = around.closest("[lang]");
    if (text.data.trim() && own === document.documentElement && !around.closest("script,style,noscript,textarea,svg title,[translate=no]")) {
      found.push(text.data.trim().replace(/\\s+/g, " "));
    }
  }
  for (const e of document.querySelectorAll("[aria-label],[title],[alt]")) {
    found.push(...["aria-label", "title", "alt"].map(name => e.getAttribute(name)).filter(Boolean));
  }
  return found;
}"""
_CONTROLS = """() => [
  ...[...document.querySelectorAll("a[href]")].map(e => "a " + new URL(e.href).pathname),
  ...[...document.querySelectorAll("form")].map(e => "form " + new URL(e.getAttribute("action") || "", location).pathname),
  ...[...document.querySelectorAll("button, input, select, textarea")].filter(e => e.getClientRects().length)
    .map(e => e.tagName + " " + e.type + " " + e.name),
]"""


@dataclass
class Figures:
    """What was measured of one page; ``places`` says where something is amiss."""

    page: Page
    values: dict[str, Any] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)

    def missed(self) -> list[str]:
        late = [f"{name} {self.values[name]}" for name, most in MOST.items() if self.values[name] > most]
        return late + ([] if self.values["works_without_js"] else ["does not work without scripts"])


def main(arguments: list[str]) -> int:
    """Measure them all, or those of some roles and pages."""
    parser = browsing.parser("./run pages", __doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object a line (else words)")
    parser.add_argument("--times", type=int, default=100, help="how often each page is asked for")
    parser.add_argument(
        "--small", action="store_true", help="the demo county as it is, without the many rows"
    )
    wanted = parser.parse_args(arguments)
    if not _AXE.is_file():
        parser.error("axe-core is missing: ./run parts gets it")
    runtime = browsing.ready(wanted.again)
    if not wanted.small:
        county.fill(runtime, people=PEOPLE, posts=POSTS, deliveries=DELIVERIES)
    amiss = 0
    with browsing.open_site(runtime, wanted) as site:
        for figures in measure(site, wanted.times):
            line = {"page": figures.page.rule, "role": figures.page.role, **figures.values}
            print(json.dumps(line, ensure_ascii=False) if wanted.json else _in_words(line), flush=True)
            if missed := figures.missed():
                amiss += 1
                county.say(f"{figures.page.role} {figures.page.address}: {', '.join(missed)}")
                for place in figures.places[:8]:
                    county.say(f"    {place}")
    county.say(f"{sum(map(len, site.pages.values()))} pages, {amiss} of them miss something")
    return int(bool(amiss))


def measure(site: Site, times: int) -> Iterator[Figures]:
    """The figures of each page."""
    with browsing.open_browser() as browser:
        for role, pages in site.pages.items():
            usual = browsing.context(browser, site, role, bypass_csp=True)
            bare = browsing.context(browser, site, role, language="en", java_script_enabled=False)
            tabs = usual.new_page(), bare.new_page()
            for page in pages:
                figures = Figures(page)
                _look(figures, site, *tabs)
                figures.values["ttfb_ms"] = _wait(site, page, times)
                yield figures
            usual.close()
            bare.close()


def _look(figures: Figures, site: Site, tab: Tab, bare: Tab) -> None:
    """Everything that a browser tells."""
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    tab.on("requestfinished", note)
    answer = tab.goto(site.address + figures.page.address, wait_until="networkidle")
    assert answer is not None and answer.status == 200, f"{figures.page}: {answer and answer.status}"
    tab.remove_listener("requestfinished", note)
    told = [answer.headers for one in asked if (answer := one.response()) is not None]
    words = [one for one in told if not one.get("content-type", "").startswith(_PICTURES)]
    figures.values["kb"] = round(sum(int(one.get("content-length", 0)) for one in words) / 1000, 1)
    figures.values["requests"] = len(words)
    fits = measure_fit(tab)
    figures.places += [f"small: {one}" for one in fits["low"]]
    chinese, controls = tab.evaluate(_WORDS), tab.evaluate(_CONTROLS)
    tab.evaluate(_AXE.read_text(encoding="utf-8"))
    broken = [one for one in tab.evaluate(_RUN_AXE)["violations"] if one["impact"] in _SERIOUS]
    figures.places += [f"{one['id']}: {spot['html'][:110]}" for one in broken for spot in one["nodes"][:2]]
    bare.goto(site.address + figures.page.address)
    without = set(bare.evaluate(_CONTROLS))
    lost = [one for one in controls if one not in without]
    figures.places += [f"only with scripts: {one}" for one in lost]
    untold = [one for one in chinese if _ENGLISH.search(one)] + [
        one for one in bare.evaluate(_WORDS) if one in _ours()
    ]
    figures.places += [f"untranslated: {one[:80]}" for one in untold]
    figures.values |= {
        "ttfb_ms": 0, "axe_serious": len(broken), "small_targets": len(fits["low"]),
        "low_contrast": sum(len(one["nodes"]) for one in broken if one["id"] == "color-contrast"),
        "untranslated": len(untold), "works_without_js": not lost,
    }  # fmt: skip


def _wait(site: Site, page: Page, times: int) -> float:
    """The 95th of a hundred waits, in milliseconds, over one connection that is kept."""
    kept = "; ".join(f"{name}={value}" for name, value in site.cookies[page.role].items())
    line = HTTPConnection(urlsplit(site.address).netloc, timeout=60)
    waits = []
    for _ in range(max(times, 1)):
        began = time.perf_counter()
        line.request("GET", page.address, headers={"Cookie": kept, "Accept-Encoding": "gzip"})
        answer = line.getresponse()
        waits.append((time.perf_counter() - began) * 1000)
        answer.read()
    line.close()
    return round(sorted(waits)[int(len(waits) * 0.95) - (len(waits) >= 20)], 1)


def _ours() -> frozenset[str]:
    """Chinese sentences of ours that have words of their own in English."""
    return frozenset(
        said for english, said in sentences().items() if "{" not in said and said != english and len(said) > 2
    )


def _in_words(line: dict[str, Any]) -> str:
    return "  ".join(
        str(value) if name in ("page", "role") else f"{name} {value}" for name, value in line.items()
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
