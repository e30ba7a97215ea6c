"""Prices for everybody: what goods fetch now, and how one of them went over 90 days."""

from __future__ import annotations

from flask import Response, render_template
from markupsafe import Markup

from farmerline.config import Module
from farmerline.queries import prices
from farmerline.queries.prices import Now
from farmerline.render import chart
from farmerline.web import format as ways
from farmerline.web.doors import allow, now, reading, settings
from farmerline.web.forms import typed
from farmerline.web.language import _, current_language
from farmerline.web.tables import as_csv


@allow("public", module=Module.PRICES)
def show_list() -> str:
    """What goods fetch now at the county's markets."""
    word = typed("q", most=20)
    with reading() as rows:
        found = prices.newest(rows, now=now(), word=word, place=settings().county)
    by_good: dict[str, list[Now]] = {}
    for one in found:
        by_good.setdefault(one.good_id, []).append(one)
    return render_template("public/prices.html", goods=list(by_good.values()), word=word, change=change_words)


@allow("public", module=Module.PRICES)
def show_one(good_id: str) -> str:
    """The chart, and its table."""
    with reading() as rows:
        name, unit = prices.title(rows, good_id)
        course = prices.course(rows, good_id, now=now())
    language = current_language()
    lines = [chart.Series(market, points) for market, points in course.markets[: chart.MOST]]
    drawn = chart.draw(
        lines, first=course.first, last=course.last, title=_("{name}: prices of 90 days", name=name),
        months=[ways.month_name(language, month) for month in range(1, 13)],
    )  # fmt: skip
    return render_template(
        "public/price.html", name=name, unit=unit, course=course, drawn=Markup(drawn),  # noqa: S704 - our own drawing
        good_id=good_id, change=change_words,
        legend=[(Markup(chart.sample(place)), line.name) for place, line in enumerate(lines)],  # noqa: S704
    )  # fmt: skip


@allow("public", module=Module.PRICES)
def download(good_id: str) -> Response:
    """The 90 days as a file for a spreadsheet."""
    with reading() as rows:
        name, unit = prices.title(rows, good_id)
        course = prices.course(rows, good_id, now=now())
    lines = [
        (day.isoformat(), market, name, ways.number(yuan), unit)
        for market, points in course.markets
        for day, yuan in points
    ]
    heads = (_("Day"), _("Market"), _("Product"), _("Price"), _("Unit"))
    return as_csv([heads, *lines], f"prices-{good_id[:8]}.csv")


def change_words(one: Now) -> str:
    """How far a price is from a week ago; "" where nobody knows."""
    change = one.change
    if change is None:
        return ""
    if not change:
        return _("as a week ago")
    amount = ways.money(current_language(), round(abs(change), 2))
    return (
        _("{amount} more than a week ago", amount=amount)
        if change > 0
        else _("{amount} less than a week ago", amount=amount)
    )
