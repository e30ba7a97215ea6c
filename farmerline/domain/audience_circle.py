"""Whom an alert goes to by distance: the villages within so many kilometres of one, as the map knows them.

A circle becomes a list of villages, which is read, ticked, frozen and signed as such. It fails closed: a centre without
a position is refused, and a village without one is never taken to lie inside; it is named with its people, for whoever
writes the alert to tick by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from farmerline.domain.areas import inside
from farmerline.domain.distances import apart
from farmerline.errors import Invalid
from farmerline.models import Account, AccountState, Area, AreaLevel

WIDEST_KM = 100.0


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A village that no map knows, with how many verified people live there."""

    code: str
    name: str
    people: int


@dataclass(frozen=True, slots=True)
class Circle:
    """``villages`` lie inside; ``unplaced`` may or may not, the most people first."""

    villages: tuple[str, ...]
    unplaced: tuple[Unplaced, ...]

    @property
    def unplaced_people(self) -> int:
        return sum(one.people for one in self.unplaced)


def draw(session: Session, *, centre: str, km: float, among: Sequence[str]) -> Circle:
    """The villages of the areas ``among`` within ``km`` kilometres of the village ``centre``, itself included.

    Raises ``Invalid`` for a centre that is not there or has no position, and for a distance out of range.
    """
    if not 0 < km <= WIDEST_KM:
        raise Invalid("circle_km", "Write a distance of 1 to {most} km.", field="km", most=round(WIDEST_KM))
    middle = session.get(Area, centre)
    if middle is None or middle.level is not AreaLevel.VILLAGE:
        raise Invalid("circle_centre", "Choose the village in the middle.", field="centre")
    if middle.lat is None or middle.lon is None:
        raise Invalid(
            "circle_unplaced",
            "No map knows where {place} lies: nothing was ticked. Tick the villages by hand.",
            field="centre", place=middle.name,
        )  # fmt: skip
    here = (middle.lat, middle.lon)
    mine = or_(*(inside(Area.code, code) for code in among))
    rows = session.execute(
        select(Area.code, Area.name, Area.lat, Area.lon).where(mine, Area.level == AreaLevel.VILLAGE)
    )
    within: list[str] = []
    nowhere: dict[str, str] = {}
    for code, name, lat, lon in rows.tuples():
        if lat is None or lon is None:
            nowhere[code] = name
        elif apart(here, (lat, lon)) <= km:
            within.append(code)
    return Circle(tuple(sorted(within)), tuple(_people(session, nowhere)))


def _people(session: Session, nowhere: dict[str, str]) -> list[Unplaced]:
    query = (
        select(Account.area_code, func.count())
        .where(Account.state == AccountState.VERIFIED, Account.area_code.in_(nowhere))
        .group_by(Account.area_code)
    )
    found = [Unplaced(code, nowhere[code], count) for code, count in session.execute(query).tuples()]
    return sorted(found, key=lambda one: (-one.people, one.code))
