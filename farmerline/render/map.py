"""The sightings map as SVG: values in, markup out, plain colour values (drawings do not know the style sheet).

With the bureau's own shapes (``map_shapes``) places lie where they are; without them a scheme is drawn: each town a
named block in a grid, its villages dots in it, always at the same spot.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from html import escape
from pathlib import Path

from farmerline.render.map_shapes import Point, Ring, Shapes

WIDTH = 840
_SCHEMES = Path(__file__).parents[1] / "data" / "maps"
_BLOCK_WIDTH, _BLOCK_HEIGHT, _HEAD = 120, 108, 36
_FEWEST_COLUMNS = 3
_LONGEST_NAME = 5
_HATCH = (
    '<defs><pattern id="hatch" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="10" height="10" fill="#fff4e2"/><path d="M0 0V10" stroke="#f58a00" stroke-width="4"/></pattern></defs>'
)
_PLAIN = 'fill="#f1f5ee" stroke="#7d8b80" stroke-width="1.5"'
_WARNED = 'fill="url(#hatch)" stroke="#16211a" stroke-width="3"'


class Mark(StrEnum):
    """What is known of a village's sightings: ●, ○ or ×."""

    CHECKED = "checked"
    UNCHECKED = "unchecked"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Town:
    """A town with its villages' codes, in the order of their codes."""

    code: str
    name: str
    villages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """The sightings of one village. ``in_ten``: plants of ten, 0 to 10; None where nobody said."""

    code: str
    name: str
    mark: Mark
    in_ten: float | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A map. ``schematic``: places do not lie where they are; ``missing``: villages with sightings that it has no spot for."""

    svg: str
    schematic: bool
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Canvas:
    height: int
    grounds: tuple[str, ...]
    names: tuple[tuple[str, str, Point], ...]  # code, name, middle of the text
    spots: Mapping[str, Point]


def draw(
    towns: Sequence[Town],
    spots: Sequence[Spot],
    *,
    warned: Sequence[str] = (),
    title: str,
    shapes: Shapes | None = None,
    grid: Mapping[str, tuple[int, int]] | None = None,
) -> Drawing:
    """Draw the towns and the spots; ``warned`` are the codes an alert in force covers (towns or villages, or wider).

    ``title`` says the map in words to who cannot see it. ``grid`` gives towns a column and a row of the scheme; others
    follow below in the order of their codes.
    """
    canvas = (
        _draw_shapes(towns, shapes, tuple(warned)) if shapes else _draw_grid(towns, grid or {}, tuple(warned))
    )
    told = {spot.code[:9] for spot in spots}
    body = [*canvas.grounds]
    for code, name, (x, y) in canvas.names:
        in_area = bool(warned) and code.startswith(tuple(warned))
        kind = "" if in_area or code in told else ' class="mn"'
        weight = ' font-weight="700"' if in_area else ""
        body.append(
            f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" fill="#16211a" stroke="#fff" stroke-width="4" '
            f'paint-order="stroke"{weight}{kind}>{escape(name)}</text>'
        )
    missing = tuple(spot.name for spot in spots if spot.code not in canvas.spots)
    drawn = sorted(
        (spot for spot in spots if spot.code in canvas.spots), key=lambda spot: -(spot.in_ten or 0)
    )
    body += [_mark(spot, canvas.spots[spot.code]) for spot in drawn]
    svg = (
        f'<svg class="map" viewBox="0 0 {WIDTH} {canvas.height}" width="100%" role="img" aria-label="{escape(title)}">'
        f"{_HATCH}{''.join(body)}</svg>"
    )
    return Drawing(svg, schematic=shapes is None, missing=missing)


@cache
def scheme(county: str) -> Mapping[str, tuple[int, int]]:
    """Rough columns and rows of a county's towns for the scheme; empty for a county that nobody wrote them down for."""
    file = _SCHEMES / f"scheme-{county}.tsv"
    if not file.is_file():
        return {}
    lines = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()[2:]]
    return {code: (int(column), int(row)) for code, column, row in lines}


def short_town(name: str) -> str:
    """A town's name as maps write it: 龙山镇 → 龙山, 浒山街道 → 浒山; a long one is cut."""
    for ending in ("街道", "镇", "乡"):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _mark(spot: Spot, at: Point) -> str:
    x, y = at
    size = 6 + 0.5 * min(max(spot.in_ten if spot.in_ten is not None else 2, 0), 10)
    halo = f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{size + 2.5:.1f}" fill="#fff"/>'
    label = f"<title>{escape(spot.name)}</title>"
    if spot.mark is Mark.NOT:
        cross = f"M{x - 7:.0f} {y - 7:.0f}l14 14m0-14l-14 14"
        white = f'<path d="{cross}" stroke="#fff" stroke-width="8"/>'
        return f'<g>{label}{white}<path d="{cross}" stroke="#16211a" stroke-width="3.5"/></g>'
    fill = "#16211a" if spot.mark is Mark.CHECKED else "#fff"
    ring = f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{size:.1f}" fill="{fill}" stroke="#16211a" stroke-width="3.5"/>'
    return f"<g>{label}{halo}{ring}</g>"


def _draw_grid(
    towns: Sequence[Town], grid: Mapping[str, tuple[int, int]], warned: tuple[str, ...]
) -> _Canvas:
    placed = cells([town.code for town in towns], grid)
    columns = max((column for column, _row in placed.values()), default=0) + 1
    rows = max((row for _column, row in placed.values()), default=0) + 1
    left = (WIDTH - columns * _BLOCK_WIDTH) / 2
    grounds: list[str] = []
    names: list[tuple[str, str, Point]] = []
    spots: dict[str, Point] = {}
    for town in towns:
        column, row = placed[town.code]
        x, y = left + column * _BLOCK_WIDTH + 2, row * _BLOCK_HEIGHT + 10
        look = _WARNED if _covered(town.code, warned) else _PLAIN
        grounds.append(
            f'<rect x="{x:.0f}" y="{y:.0f}" width="{_BLOCK_WIDTH - 4}" height="{_BLOCK_HEIGHT - 4}" {look}/>'
        )
        names.append((town.code, short_town(town.name), (x + _BLOCK_WIDTH / 2 - 2, y + 30)))
        dots = _spread(len(town.villages), x, y)
        spots.update(zip(town.villages, dots, strict=True))
        grounds.append(_dots(town, dots, warned))
    return _Canvas(rows * _BLOCK_HEIGHT + 12, tuple(grounds), tuple(names), spots)


def cells(codes: Sequence[str], grid: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Each town's column and row; those without one fill rows of their own below the others."""
    found = {code: grid[code] for code in codes if code in grid}
    rest = [code for code in codes if code not in found]
    most = WIDTH // _BLOCK_WIDTH
    columns = most if found else min(max(math.ceil(math.sqrt(len(rest) * 1.4)), _FEWEST_COLUMNS), most)
    below = max((row for _column, row in found.values()), default=-1) + 1
    for place, code in enumerate(rest):
        found[code] = (place % columns, below + place // columns)
    return found


def _spread(count: int, x: float, y: float) -> list[Point]:
    """Spots for so many villages inside a block, below its name."""
    if not count:
        return []
    width, height = _BLOCK_WIDTH - 24, _BLOCK_HEIGHT - _HEAD - 22
    columns = min(max(math.ceil(math.sqrt(count * width / height)), 1), count)
    rows = math.ceil(count / columns)
    return [
        (
            round(x + 10 + (place % columns + 0.5) * width / columns),
            round(y + _HEAD + 4 + (place // columns + 0.5) * height / rows),
        )
        for place in range(count)
    ]


def _dots(town: Town, dots: Sequence[Point], warned: tuple[str, ...]) -> str:
    """Every village as a small dot; one that an alert covers alone has a small hatched field of its own."""
    alone = ""
    if not _covered(town.code, warned):
        alone = "".join(_field(at) for code, at in zip(town.villages, dots, strict=True) if code in warned)
    path = "".join(f"M{x:.0f} {y:.0f}h.1" for x, y in dots)
    return f'{alone}<path d="{path}" stroke="#7d8b80" stroke-width="4" stroke-linecap="round"/>'


def _field(at: Point) -> str:
    """A small hatched field round the spot of a village that an alert covers."""
    return f'<rect x="{at[0] - 8:.0f}" y="{at[1] - 7:.0f}" width="16" height="14" {_WARNED}/>'


def _draw_shapes(towns: Sequence[Town], shapes: Shapes, warned: tuple[str, ...]) -> _Canvas:
    placed = shapes.fit(WIDTH)
    names = {town.code: short_town(town.name) for town in towns}
    grounds: list[str] = []
    for code in sorted(placed.rings, key=lambda code: (len(code), code)):
        look = _WARNED if _covered(code, warned) else _PLAIN if len(code) <= 9 else ""
        fill = look or 'fill="none" stroke="#c3cec2" stroke-width="1"'
        grounds.append(
            f'<path d="{_path(placed.rings[code])}" stroke-linejoin="round" fill-rule="evenodd" {fill}/>'
        )
    shown = [(code, names[code], placed.middles[code]) for code in names if code in placed.middles]
    spots = {code: at for code, at in placed.middles.items() if len(code) == 12}
    for town in towns:
        if (middle := placed.middles.get(town.code)) is None:
            continue
        for place, village in enumerate(town.villages):
            spots.setdefault(village, _around(middle, place))
    alone = [spots[code] for code in warned if code in spots and code not in placed.rings]
    grounds += [_field(at) for at in alone]
    return _Canvas(placed.height, tuple(grounds), tuple(shown), spots)


def _around(middle: Point, place: int) -> Point:
    """A spot near a town's middle, for a village whose own place nobody gave: on a spiral, each village its own."""
    turn, far = place * 2.39996, 18 + 5 * math.sqrt(place)
    return middle[0] + far * math.cos(turn), middle[1] + 14 + far * math.sin(turn)


def _covered(code: str, warned: tuple[str, ...]) -> bool:
    return bool(warned) and code.startswith(warned)


def _path(rings: Sequence[Ring]) -> str:
    return "".join("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in ring) + "Z" for ring in rings)
