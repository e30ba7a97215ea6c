"""How far two places are from each other."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

from farmerline.models import Area

_EARTH_KM = 6371.0


def kilometres(one: Area, other: Area) -> float | None:
    """Kilometres as the crow flies between two places whose coordinates are known; None where they are not."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    north, south = radians(one.lat), radians(other.lat)
    half = (
        sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(radians(other.lon - one.lon) / 2) ** 2
    )
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))


def are_near(one: Area, other: Area, km: float) -> bool:
    """Whether two places lie within ``km`` of each other; without coordinates, whether they are in one town."""
    known = kilometres(one, other)
    return one.code[:9] == other.code[:9] if known is None else known <= km
