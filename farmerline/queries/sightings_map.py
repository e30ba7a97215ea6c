"""The sightings of some days by village, as the map shows them, and the county's towns to draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import areas as places
from farmerline.domain.areas import inside_any
from farmerline.models import IN_FORCE, Alert, AlertKind, Area, AreaLevel, Photo, Sighting, Verdict

CHECKED = frozenset({Verdict.CONFIRMED, Verdict.OTHER})
"""Verdicts that say: there is something."""


@dataclass(frozen=True, slots=True)
class VillageCount:
    """What was reported in one village: how many reports by verdict, and the most plants in ten (None where nobody said)."""

    area_code: str
    place: str
    reports: int
    checked: int
    open: int
    nothing: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """All reports that fit: by village (the most reports first), and what else there is to choose, the most frequent first.

    ``open`` counts those without a verdict or that somebody has to look at in the field.
    """

    reports: int
    checked: int
    open: int
    nothing: int
    villages: tuple[VillageCount, ...]
    crops: tuple[tuple[str, int], ...]
    pests: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class TownPlace:
    """A town and its villages' codes."""

    code: str
    name: str
    villages: tuple[str, ...]


def overview(
    session: Session,
    *,
    areas: Sequence[str],
    since: datetime,
    crop: str | None = None,
    pest: str | None = None,
    verdict: Verdict | None = None,
) -> Overview:
    """The reports in these areas since then; ``crop`` and ``pest`` None mean any, "" those that were not named."""
    columns = (Sighting.area_code, Sighting.crop, Sighting.pest, Sighting.verdict, Sighting.in_ten)
    query = select(*columns).where(inside_any(Sighting.area_code, areas), Sighting.reported_at > since)
    every = session.execute(query).all()
    rows = [
        row
        for row in every
        if crop in (None, row.crop) and pest in (None, row.pest) and verdict in (None, row.verdict)
    ]
    by_village: dict[str, list[tuple[Verdict, int | None]]] = {}
    for row in rows:
        by_village.setdefault(row.area_code, []).append((row.verdict, row.in_ten))
    counts = [
        _count(code, places.path_name(session, code), found) for code, found in sorted(by_village.items())
    ]
    return Overview(
        reports=len(rows),
        checked=sum(one.checked for one in counts),
        open=sum(one.open for one in counts),
        nothing=sum(one.nothing for one in counts),
        villages=tuple(sorted(counts, key=lambda one: -one.reports)),
        crops=tuple(Counter(row.crop for row in every).most_common()),
        pests=tuple(Counter(row.pest for row in every if crop in (None, row.crop)).most_common()),
    )


def towns(session: Session, county: str) -> list[TownPlace]:
    """The county's towns with their villages, in the order of their codes."""
    query = select(Area.code, Area.name, Area.level).where(places.inside(Area.code, county))
    found = session.execute(query.order_by(Area.code)).all()
    by_town: dict[str, list[str]] = {}
    for row in found:
        if row.level is AreaLevel.VILLAGE:
            by_town.setdefault(row.code[:9], []).append(row.code)
    return [
        TownPlace(row.code, row.name, tuple(by_town.get(row.code, ())))
        for row in found
        if row.level is AreaLevel.TOWN
    ]


def warned(session: Session) -> dict[str, tuple[str, ...]]:
    """The number of each alert in force (no exercises), with the codes of its areas."""
    query = (
        select(Alert)
        .where(Alert.state.in_(IN_FORCE), Alert.exercise.is_(False))
        .where(Alert.kind.not_in((AlertKind.CANCEL, AlertKind.ALL_CLEAR)))  # these say that nothing is there
        .order_by(Alert.issued_at)
    )
    return {alert.number: tuple(area.area_code for area in alert.areas) for alert in session.scalars(query)}


def photo(session: Session, photo_id: str, *, areas: Sequence[str]) -> tuple[str, bytes] | None:
    """The media type and the bytes of a picture that a report of these areas carries; else None."""
    query = select(Photo).join(Sighting, Sighting.photo_id == Photo.id)
    query = query.where(inside_any(Sighting.area_code, areas), Photo.id == photo_id)
    found = session.scalars(query.limit(1)).first()
    return (found.kind, found.body) if found else None


def _count(code: str, place: str, found: Sequence[tuple[Verdict, int | None]]) -> VillageCount:
    return VillageCount(
        area_code=code,
        place=place,
        reports=len(found),
        checked=sum(verdict in CHECKED for verdict, _in_ten in found),
        open=sum(verdict in (Verdict.OPEN, Verdict.UNCLEAR) for verdict, _in_ten in found),
        nothing=sum(verdict is Verdict.NOTHING for verdict, _in_ten in found),
        most=max((in_ten for _verdict, in_ten in found if in_ten is not None), default=None),
    )
