"""How far apart two places are: by the map where it knows them, else reckoned from the tree of areas."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain.areas import prefixes
from farmerline.models import Area

RECKONED = {9: 5.0, 6: 20.0, 4: 60.0, 2: 200.0, 0: 800.0}
"""Kilometres between two places by how much of their codes they share: the town, county, city, province, the country."""

_EARTH_KM = 6371.0
_COUNTY = 6
_MANY = 5000


@dataclass(frozen=True, slots=True)
class Distance:
    """Kilometres between two places. ``measured`` is false where no map knows one of them and the tree alone was asked."""

    km: float
    measured: bool


def distances(session: Session, centre: str, codes: Collection[str]) -> dict[str, Distance]:
    """How far each place is from ``centre``. A place without a position of its own stands where its town, else its county
    stands, unless that is the same for both."""
    points = _points(session, {centre, *codes})
    here = _stand(points, centre)
    found: dict[str, Distance] = {}
    for code in codes:
        there = _stand(points, code)
        if code == centre:
            found[code] = Distance(0.0, True)
        elif here is None or there is None or here == there:
            found[code] = Distance(reckon(centre, code), False)
        else:
            found[code] = Distance(apart(points[here], points[there]), True)
    return found


def reckon(centre: str, code: str) -> float:
    """Kilometres by the tree of areas alone; what lies inside ``centre`` is where it is."""
    if code.startswith(centre):
        return 0.0
    for length, km in RECKONED.items():
        if code[:length] == centre[:length] and len(code) >= length <= len(centre):
            return km
    return RECKONED[0]


def _points(session: Session, codes: set[str]) -> dict[str, tuple[float, float]]:
    wanted = sorted({part for code in codes for part in prefixes(code) if len(part) >= _COUNTY})
    known = select(Area.code, Area.lat, Area.lon).where(Area.lat.is_not(None), Area.lon.is_not(None))
    if len(wanted) <= _MANY:
        known = known.where(Area.code.in_(wanted))
    return {
        code: (lat, lon)
        for code, lat, lon in session.execute(known).tuples()
        if lat is not None and lon is not None
    }


def _stand(points: dict[str, tuple[float, float]], code: str) -> str | None:
    return next((part for part in prefixes(code) if part in points), None)


def apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres between two points, each latitude and longitude in degrees."""
    south, north = radians(one[0]), radians(other[0])
    across = sin((north - south) / 2) ** 2
    along = cos(south) * cos(north) * sin(radians(other[1] - one[1]) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(min(1.0, across + along)))
