"""Whether a page in the browser fits its screen: nothing wider, no small letters, keys high enough for a thumb."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Page

_MODES = ("lang=en&big=0", "lang=zh&big=1")
_MEASURE = """() => {
  const shown = (e) => { const r = e.getBoundingClientRect(); return r.width > 1 && r.height > 1 ? r : null; };
  const small = [], low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() && shown(e) && parseFloat(getComputedStyle(e).fontSize) < 15.99) {
      small.push(walker.currentNode.data.trim());
    }
  }
  const block = "button, .b, select, textarea, input:not([type=hidden]):not([type=checkbox]):not([type=radio])"
    + ", .nav a, .brand, .tel, .four a, .ck, .bar a";
  for (const e of document.querySelectorAll(block)) {
    const r = shown(e);
    if (r && r.height < 43.9) { low.push(e.outerHTML.slice(0, 80)); }
  }
  return {wide: document.documentElement.scrollWidth - innerWidth, small, low};
}"""


def measure(page: Page) -> dict[str, Any]:
    """What does not fit: ``wide``, pixels beyond the screen; ``small``, words in small letters; ``low``, keys."""
    found: dict[str, Any] = page.evaluate(_MEASURE)
    return found


def assert_fits(page: Page) -> None:
    """The page as it stands."""
    found = measure(page)
    assert found == {"wide": 0, "small": [], "low": []}, f"{page.url} at {page.viewport_size}"


def assert_all_fit(page: Page, site: str, addresses: Sequence[str]) -> None:
    """Each address on a phone and on a desk, in English and in Chinese with large letters."""
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        for address in addresses:
            for mode in _MODES:
                page.goto(f"{site}{address}{'&' if '?' in address else '?'}{mode}")
                assert_fits(page)
