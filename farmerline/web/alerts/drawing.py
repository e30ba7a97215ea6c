"""The map for the page: the bureau's own shapes where there are any, else the scheme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from farmerline.domain import Session
from farmerline.errors import Misconfigured
from farmerline.queries import sightings_map
from farmerline.queries.sightings_map import VillageCount
from farmerline.render import map as drawn
from farmerline.render import map_shapes
from farmerline.web.language import _

_Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Map:
    """The drawing; ``missing``: villages that it has no place for; ``problem``: why the bureau's own map is not shown."""

    svg: Markup
    schematic: bool
    missing: tuple[str, ...]
    alerts: tuple[str, ...]
    problem: str


def draw(rows: Session, villages: Sequence[VillageCount], *, county: str, folder: Path | None) -> Map:
    """The county with the villages' sightings and the areas of the alerts in force."""
    spots = [drawn.Spot(one.area_code, one.place, _mark(one), one.most) for one in villages]
    title = _("Map of sightings; villages with reports: {n}", n=len(villages))
    return draw_spots(rows, spots, title=title, county=county, folder=folder)


def draw_spots(
    rows: Session, spots: Sequence[drawn.Spot], *, title: str, county: str, folder: Path | None
) -> Map:
    """The county with a mark in each of these villages, and the areas of the alerts in force."""
    shapes, problem = _shapes(folder, county)
    warned = sightings_map.warned(rows)
    made = drawn.draw(
        [drawn.Town(town.code, town.name, town.villages) for town in sightings_map.towns(rows, county)],
        spots,
        warned=sorted({code for codes in warned.values() for code in codes}),
        title=title,
        shapes=shapes,
        grid=drawn.scheme(county),
    )
    svg = Markup(made.svg)  # noqa: S704 - drawn here; the names in it are escaped
    return Map(svg, made.schematic, made.missing, tuple(warned), problem)


def _mark(one: VillageCount) -> drawn.Mark:
    if one.checked:
        return drawn.Mark.CHECKED
    return drawn.Mark.UNCHECKED if one.open else drawn.Mark.NOT


def _shapes(folder: Path | None, county: str) -> tuple[map_shapes.Shapes | None, str]:
    if folder is None:
        return None, ""
    try:
        files = sorted(folder.iterdir()) if folder.is_dir() else []
        stamp = tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
        return _read(folder, county, stamp), ""
    except (Misconfigured, OSError) as error:
        return None, str(error)


@lru_cache(maxsize=2)
def _read(folder: Path, county: str, _stamp: _Stamp) -> map_shapes.Shapes:
    """The shapes, read again only when a file of the folder changed."""
    return map_shapes.read(folder, county=county)
