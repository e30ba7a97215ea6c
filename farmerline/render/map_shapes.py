"""The bureau's own map: GeoJSON files whose features carry a town's or village's code, read and made small.

Each feature is a Polygon, MultiPolygon or Point in degrees (longitude first) with a property ``code``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from farmerline.errors import Invalid, Misconfigured
from farmerline.places import normalise_code

Point = tuple[float, float]
Ring = tuple[Point, ...]
_LARGEST_FILE = 40_000_000
_ENDINGS = (".geojson", ".json")
_TOLERANCE = 1.2  # of the drawing's units: what is nearer to a straight line is left out
_MARGIN = 14


class _Unusable(Exception):
    """A feature that is not what it should be; its words say how."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Shapes in a drawing's units: outlines by code, and the middle of each."""

    height: int
    rings: Mapping[str, tuple[Ring, ...]]
    middles: Mapping[str, Point]


@dataclass(frozen=True, slots=True)
class Shapes:
    """Outlines and points by code, in degrees."""

    rings: Mapping[str, tuple[Ring, ...]]
    points: Mapping[str, Point]

    def fit(self, width: int) -> Placed:
        """The shapes in a drawing so wide, north up, with needless points left out."""
        every = [at for rings in self.rings.values() for ring in rings for at in ring] + list(
            self.points.values()
        )
        west, east = min(x for x, _y in every), max(x for x, _y in every)
        south, north = min(y for _x, y in every), max(y for _x, y in every)
        narrow = math.cos(math.radians((south + north) / 2)) or 1.0
        scale = (width - 2 * _MARGIN) / max((east - west) * narrow, (north - south) / 2, 1e-6)
        left = (width - (east - west) * narrow * scale) / 2

        def place(at: Point) -> Point:
            return round(left + (at[0] - west) * narrow * scale, 1), round(
                _MARGIN + (north - at[1]) * scale, 1
            )

        placed = {
            code: tuple(_thin(tuple(place(at) for at in ring)) for ring in rings)
            for code, rings in self.rings.items()
        }
        middles = {code: _middle(max(rings, key=_size)) for code, rings in placed.items()}
        middles |= {code: place(at) for code, at in self.points.items()}
        return Placed(round((north - south) * scale) + 2 * _MARGIN, placed, middles)


def read(folder: Path, *, county: str) -> Shapes:
    """The county's shapes in a folder's ``.geojson`` and ``.json`` files; features of other places are passed over.

    Raises ``Misconfigured`` with one line that names the file and the feature that cannot be used.
    """
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() in _ENDINGS)
    except OSError as error:
        raise Misconfigured(f"FARMERLINE_MAP_FOLDER: {folder} cannot be read.") from error
    if not files:
        raise Misconfigured(f"FARMERLINE_MAP_FOLDER: {folder} holds no .geojson file.")
    rings: dict[str, tuple[Ring, ...]] = {}
    points: dict[str, Point] = {}
    for path in files:
        for code, kind, found in _features(path):
            if not code.startswith(county) or len(code) < 9:
                continue
            if kind == "Point":
                points[code] = found[0][0]
            else:
                rings[code] = rings.get(code, ()) + found
    if not rings and not points:
        raise Misconfigured(f"FARMERLINE_MAP_FOLDER: no town or village of {county} is in {folder}.")
    return Shapes(rings, points)


def _features(path: Path) -> Iterator[tuple[str, str, tuple[Ring, ...]]]:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise Misconfigured(
                f"FARMERLINE_MAP_FOLDER: {path.name} is larger than 40 MB; simplify it first."
            )
        held: Any = json.loads(path.read_bytes().decode("utf-8-sig"))
        features = held["features"]
        if held["type"] != "FeatureCollection" or not isinstance(features, list):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Misconfigured(f"FARMERLINE_MAP_FOLDER: {path.name} is no GeoJSON FeatureCollection.") from error
    for number, feature in enumerate(features, start=1):
        try:
            yield _feature(feature)
        except _Unusable as error:
            raise Misconfigured(f"FARMERLINE_MAP_FOLDER: {path.name}, feature {number} {error}.") from error


def _feature(feature: Any) -> tuple[str, str, tuple[Ring, ...]]:
    """Its code, its kind and its rings (of a Point: one ring of one point)."""
    try:
        code = normalise_code(str(feature["properties"]["code"]))
    except (KeyError, TypeError, Invalid) as error:
        raise _Unusable('has no "code" of a town or village') from error
    try:
        kind, held = feature["geometry"]["type"], feature["geometry"]["coordinates"]
        if kind == "Point":
            return code, kind, ((_point(held),),)
        polygons = {"Polygon": [held], "MultiPolygon": held}[kind]
        rings = tuple(tuple(_point(at) for at in ring) for polygon in polygons for ring in polygon)
        if not rings or any(len(ring) < 4 for ring in rings):
            raise ValueError
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise _Unusable("is no Polygon, MultiPolygon or Point in degrees") from error
    return code, kind, rings


def _point(held: Any) -> Point:
    x, y = float(held[0]), float(held[1])
    if not (-180 <= x <= 180 and -90 < y < 90):
        raise ValueError
    return x, y


def _thin(ring: Ring) -> Ring:
    """The ring without the points that lie almost on the line between their neighbours (Douglas and Peucker)."""
    far = max(range(len(ring)), key=lambda place: math.dist(ring[0], ring[place]))
    keep, spans = {0, far, len(ring) - 1}, [(0, far), (far, len(ring) - 1)]
    while spans:
        first, last = spans.pop()
        worst, most = first, _TOLERANCE
        for place in range(first + 1, last):
            off = _distance(ring[place], ring[first], ring[last])
            if off > most:
                worst, most = place, off
        if worst != first:
            keep.add(worst)
            spans += [(first, worst), (worst, last)]
    return tuple(ring[place] for place in sorted(keep))


def _distance(at: Point, start: Point, end: Point) -> float:
    long = math.dist(start, end)
    if long == 0:
        return math.dist(at, start)
    return abs((end[0] - start[0]) * (start[1] - at[1]) - (start[0] - at[0]) * (end[1] - start[1])) / long


def _size(ring: Ring) -> float:
    return abs(_doubled_area(ring))


def _doubled_area(ring: Ring) -> float:
    return sum(x * y2 - x2 * y for (x, y), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True))


def _middle(ring: Ring) -> Point:
    """The centre of gravity; of a shape without area the mean of its points."""
    area = _doubled_area(ring)
    if abs(area) < 1e-9:
        return sum(x for x, _y in ring) / len(ring), sum(y for _x, y in ring) / len(ring)
    x_sum = y_sum = 0.0
    for (x, y), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        cross = x * y2 - x2 * y
        x_sum += (x + x2) * cross
        y_sum += (y + y2) * cross
    return x_sum / (3 * area), y_sum / (3 * area)
