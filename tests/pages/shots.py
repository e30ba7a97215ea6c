"""``./run shots``: a picture of every page in every role, 360 and 1280 px wide, in var/shots with an index page."""

from __future__ import annotations

import shutil
import sys
from html import escape
from pathlib import Path

from tests.pages import browsing, county
from tests.pages.table import Page

OUT = county.HOME.parent / "shots"
WIDTHS = (360, 1280)


def main(arguments: list[str]) -> int:
    """Take them all, or those of some roles and pages."""
    parser = browsing.parser("./run shots", __doc__)
    parser.add_argument("--lang", default="zh", choices=("zh", "en"))
    wanted = parser.parse_args(arguments)
    runtime = browsing.ready(wanted.again)
    shutil.rmtree(OUT, ignore_errors=True)
    with browsing.open_site(runtime, wanted) as site, browsing.open_browser() as browser:
        for role, pages in site.pages.items():
            (OUT / role).mkdir(parents=True)
            for width in WIDTHS:
                kept = browsing.context(browser, site, role, language=wanted.lang, width=width)
                tab = kept.new_page()
                for page in pages:
                    tab.goto(site.address + page.address)
                    tab.screenshot(path=OUT / file(page, width), full_page=True)
                kept.close()
            county.say(f"{role}: {len(pages)} pages")
        taken = [page for pages in site.pages.values() for page in pages]
    (OUT / "index.html").write_text(index(taken), encoding="utf-8")
    print(OUT / "index.html")
    return 0


def file(page: Page, width: int) -> Path:
    return Path(page.role) / f"{page.slug}-{width}.png"


def index(pages: list[Page]) -> str:
    """All pictures on one page, those of one address beside each other."""
    rows = []
    for rule in sorted({page.rule for page in pages}):
        shown = "".join(
            f'<figure><a href="{file(page, width)}"><img src="{file(page, width)}" width="{width // 4}" alt="" loading="lazy"></a>'
            f"<figcaption>{page.role} {width}</figcaption></figure>"
            for page in pages if page.rule == rule for width in WIDTHS
        )  # fmt: skip
        rows.append(f"<h2>{escape(rule)}</h2><div>{shown}</div>")
    style = "body{font:16px sans-serif}div{display:flex;flex-wrap:wrap;gap:8px}figure{margin:0}img{border:1px solid #ccc}"
    return f'<!doctype html><meta charset="utf-8"><title>Pages</title><style>{style}</style>{"".join(rows)}'


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
