"""The places a reader of the board may choose: the own county town by town, what lies in the chosen place, the provinces."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from farmerline.domain import areas
from farmerline.models import Area, AreaLevel
from farmerline.places import short_name

_MOST = 80


@dataclass(frozen=True, slots=True)
class Places:
    """Codes and names. ``around``: the chosen place and those round it, the widest first; ``inside``: the places in it."""

    county: tuple[tuple[str, str], ...]
    around: tuple[tuple[str, str], ...]
    inside: tuple[tuple[str, str], ...]
    provinces: tuple[tuple[str, str], ...]


def places(session: Session, *, county: str, chosen: str) -> Places:
    """What can be chosen, the own county first."""
    known = {code: areas.get(session, code) for code in areas.prefixes(chosen)}
    around = [area for _code, area in sorted(known.items()) if area is not None]
    inside = areas.children(session, chosen) if chosen and chosen != county else []
    own = areas.get(session, county)
    towns = [area for area in areas.children(session, county) if area.level is AreaLevel.TOWN]
    return Places(
        county=_named([*([own] if own else []), *towns]),
        around=_named([area for area in around if not (area.code == county or area.code in county)]),
        inside=_named(inside[:_MOST]),
        provinces=_named([area for area in areas.children(session, "") if area.code != county[:2]]),
    )


def _named(found: list[Area]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (area.code, short_name(area.name) if area.level is AreaLevel.VILLAGE else area.name)
        for area in found
        if area.name not in ("市辖区", "县")
    )
