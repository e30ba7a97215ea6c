"""How figures went from day to day, as SVG: values in, markup out, plain colour values, told apart without colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

WIDTH, HEIGHT = 840, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 92, 14, 24, 62
_LINES = (
    ("", "#17603a", "5"),
    ("14 8", "#16211a", "4"),
    ("3 7", "#47544b", "5"),
    ("22 6 3 6", "#7d8b80", "4"),
)
"""Each line's dashes, colour and width: whole, dashed, dotted, both."""
MOST = len(_LINES)
_GAP = timedelta(days=10)
"""A longer silence breaks a line."""


@dataclass(frozen=True, slots=True)
class Series:
    """A named line: its days and values, the oldest first."""

    name: str
    points: Sequence[tuple[date, float]]


def draw(lines: Sequence[Series], *, first: date, last: date, title: str, months: Sequence[str]) -> str:
    """The lines between two days; ``title`` says them in words to who cannot see, ``months`` are the twelve names."""
    values = [value for line in lines for _, value in line.points]
    if not values:
        return ""
    ticks = _ticks(min(values), max(values))
    low, high = ticks[0], ticks[-1]

    def x(day: date) -> float:
        return _LEFT + (day - first).days / max((last - first).days, 1) * (WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return HEIGHT - _BOTTOM - (value - low) / (high - low) * (HEIGHT - _TOP - _BOTTOM)

    body = []
    for tick in ticks:
        body.append(
            f'<path d="M{_LEFT} {y(tick):.1f}H{WIDTH - _RIGHT}" stroke="#c3cec2" stroke-width="1.5"/>'
        )
        body.append(
            f'<text x="{_LEFT - 12}" y="{y(tick) + 8:.1f}" text-anchor="end" fill="#16211a">{tick:g}</text>'
        )
    for month in _months(first, last):
        body.append(f'<path d="M{x(month):.1f} {HEIGHT - _BOTTOM}v10" stroke="#16211a" stroke-width="2"/>')
        if x(month) < WIDTH - 90:
            body.append(
                f'<text x="{x(month) + 4:.1f}" y="{HEIGHT - 16}" fill="#16211a">{escape(months[month.month - 1])}</text>'
            )
    body.append(f'<path d="M{_LEFT} {HEIGHT - _BOTTOM}H{WIDTH - _RIGHT}" stroke="#16211a" stroke-width="3"/>')
    for place, line in enumerate(lines[:MOST]):
        path, before = "", None
        for day, value in line.points:
            path += f"{'L' if before and day - before <= _GAP else 'M'}{x(day):.1f} {y(value):.1f}"
            before = day
        end, value = line.points[-1]
        body.append(f'<path d="{path}" fill="none" {_stroke(place)}/>')
        body.append(f'<circle cx="{x(end):.1f}" cy="{y(value):.1f}" r="7" fill="{_LINES[place][1]}"/>')
    return (
        f'<svg class="map" viewBox="0 0 {WIDTH} {HEIGHT}" width="100%" role="img" aria-label="{escape(title)}">'
        f"{''.join(body)}</svg>"
    )


def sample(place: int) -> str:
    """A short piece of the line of that place, for the words that explain it."""
    return f'<svg viewBox="0 0 60 16" width="60" height="16" aria-hidden="true"><path d="M2 8H58" {_stroke(place)}/></svg>'


def _stroke(place: int) -> str:
    dashes, colour, width = _LINES[place % MOST]
    return f'stroke="{colour}" stroke-width="{width}"' + (f' stroke-dasharray="{dashes}"' if dashes else "")


def _ticks(low: float, high: float) -> list[float]:
    """Three to six round values around the lowest and the highest."""
    span = max(high - low, high * 0.2, 0.1)
    size = 10 ** math.floor(math.log10(span / 3))
    step = next(size * times for times in (1, 2, 5, 10) if span / (size * times) <= 4)
    start = math.floor(low / step)
    return [round(step * place, 6) for place in range(start, math.ceil(high / step + 1e-9) + 1)]


def _months(first: date, last: date) -> list[date]:
    """The first days of months between two days."""
    found, day = [], date(first.year, first.month, 1)
    while day <= last:
        if day >= first:
            found.append(day)
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return found
