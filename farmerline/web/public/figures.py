"""Honest figures for everybody: how fast, how many reached and confirmed, what is out of order, how many deals."""

from __future__ import annotations

from flask import render_template

from farmerline.clock import local
from farmerline.queries import figures
from farmerline.web.doors import allow, now, reading
from farmerline.web.language import _


@allow("public")
def show() -> str:
    """Sums of daily rows: nothing is counted here."""
    today = local(now()).date()
    with reading() as rows:
        return render_template(
            "public/figures.html",
            sums=figures.figures(rows, today=today),
            months=figures.months(rows, today=today),
            counted=[_(sentence) for sentence in figures.COUNTED],
        )
