"""The county's towns as shapes on a picture, those under an alert filled: what the map on a page says, for television.

With the bureau's own shapes places lie where they are; without them each town is a block of the scheme.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from PIL import ImageDraw

from farmerline.render.map import Town, cells, short_town
from farmerline.render.map_shapes import Point, Ring, Shapes

_INK, _LAND, _EDGE = "#16211a", "#f1f5ee", "#7d8b80"
_VILLAGE, _MARKS = 8, 5  # half the side of a village's mark, and how many a town shows
_GAP = 4


@dataclass(frozen=True, slots=True)
class Chart:
    """``warned`` are codes of places (towns, villages, or wider) with the name of their alert's colour, the most urgent first.

    ``grid`` gives towns a column and a row where there are no ``shapes``.
    """

    towns: Sequence[Town]
    warned: Sequence[tuple[str, str]]
    shapes: Shapes | None = None
    grid: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Outline:
    rings: tuple[Ring, ...]
    middle: Point
    width: float


def paint(
    pen: ImageDraw.ImageDraw,
    chart: Chart,
    box: tuple[float, float, float, float],
    *,
    fills: Mapping[str, str],
    write: Callable[[str, Point, float], None],
) -> None:
    """Draw it into the box (left, top, right, bottom). ``fills`` are the colours by name; ``write`` puts words around a point
    into a width."""
    placed = _place(chart, box)
    under = {town.code: _colour(town.code, chart) for town in chart.towns}
    for code in sorted(placed, key=lambda code: code in under and bool(under[code])):
        for ring in placed[code].rings:
            warned = under.get(code)
            pen.polygon(
                list(ring),
                fill=fills[warned] if warned else _LAND,
                outline=_INK if warned else _EDGE,
                width=4 if warned else 2,
            )
    for town in chart.towns:
        if (outline := placed.get(town.code)) is None:
            continue
        marked = not under[town.code] and _mark_villages(pen, town, outline, chart, fills)
        x, y = outline.middle
        write(short_town(town.name), (x, y - _VILLAGE - 2 if marked else y), outline.width)


def _mark_villages(
    pen: ImageDraw.ImageDraw, town: Town, outline: _Outline, chart: Chart, fills: Mapping[str, str]
) -> bool:
    """A small square below the town's name for each of its villages that an alert covers alone; whether there are any."""
    alone = [colour for code, colour in chart.warned if len(code) == 12 and code.startswith(town.code)][
        :_MARKS
    ]
    x, y = outline.middle
    for place, colour in enumerate(alone):
        middle = x + (place - (len(alone) - 1) / 2) * 3 * _VILLAGE
        square = (middle - _VILLAGE, y + _VILLAGE, middle + _VILLAGE, y + 3 * _VILLAGE)
        pen.rectangle(square, fill=fills[colour], outline=_INK, width=3)
    return bool(alone)


def _place(chart: Chart, box: tuple[float, float, float, float]) -> dict[str, _Outline]:
    left, top, right, bottom = box
    if chart.shapes is None:
        return _blocks(chart, box)
    width = round(right - left)
    fitted = chart.shapes.fit(width)
    scale = min(1.0, (bottom - top) / fitted.height)
    shift = (right - left - width * scale) / 2

    def at(point: Point) -> Point:
        return left + shift + point[0] * scale, top + point[1] * scale

    towns = {town.code for town in chart.towns}
    return {
        code: _outline(tuple(tuple(map(at, ring)) for ring in rings), at(fitted.middles[code]))
        for code, rings in fitted.rings.items()
        if code in towns
    }


def _outline(rings: tuple[Ring, ...], middle: Point) -> _Outline:
    across = [x for ring in rings for x, _y in ring]
    return _Outline(rings, middle, max(across) - min(across))


def _blocks(chart: Chart, box: tuple[float, float, float, float]) -> dict[str, _Outline]:
    left, top, right, bottom = box
    spots = cells([town.code for town in chart.towns], chart.grid)
    wide = (right - left) / (max((column for column, _row in spots.values()), default=0) + 1)
    high = min((bottom - top) / (max((row for _column, row in spots.values()), default=0) + 1), wide)
    found = {}
    for code, (column, row) in spots.items():
        x, y = left + column * wide, top + row * high
        far, low = x + wide - _GAP, y + high - _GAP
        found[code] = _Outline(
            (((x, y), (far, y), (far, low), (x, low)),), ((x + far) / 2, (y + low) / 2), far - x
        )
    return found


def _colour(code: str, chart: Chart) -> str:
    """The colour of the most urgent alert that covers a town; "" for none."""
    return next((colour for area, colour in chart.warned if code.startswith(area)), "")
