"""Links 三农: pages elsewhere, with what became of the last look."""

from __future__ import annotations

from flask import render_template

from farmerline.domain import links
from farmerline.web.doors import allow, reading


@allow("public")
def show() -> str:
    with reading() as rows:
        return render_template("public/links.html", headings=links.listed(rows))
