"""Areas: loading the places, finding one by what people type, and saying where something is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    and_,
    case,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from farmerline.errors import Invalid
from farmerline.models import CODE_LENGTH, Area, AreaLevel
from farmerline.places import PlaceRow, search_key, short_name

_CHUNK = 2000
_LISTED = 4
_LATIN = re.compile(r"[a-z ']+")

__all__ = [
    "AreaLevel", "Loaded", "VillageFinder", "children", "get", "inside", "inside_any", "load", "names", "path_name", "prefixes",
    "resolve_village", "search",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many places a load added, gave another name, and found as they were."""

    added: int
    renamed: int
    same: int


def load(
    session: Session, rows: Iterable[PlaceRow], *, tell: Callable[[int], object] | None = None
) -> Loaded:
    """Put the places into the database; a repeat changes nothing. ``tell`` hears how many rows are done since the last time."""
    known = {code: name for code, name in session.execute(select(Area.code, Area.name))}  # noqa: C416 (dict() takes it for a mapping)
    fresh: list[dict[str, object]] = []
    added = renamed = same = 0
    for done, row in enumerate(sorted(rows, key=lambda row: len(row.code)), start=1):
        if known.get(row.code) == row.name:
            same += 1
        else:
            values = _values(row)
            if row.code in known:
                session.execute(update(Area).where(Area.code == row.code).values(values))
                renamed += 1
            else:
                fresh.append(values)
                added += 1
            known[row.code] = row.name
        if len(fresh) == _CHUNK:
            session.execute(insert(Area), fresh)
            fresh.clear()
        if tell is not None and done % _CHUNK == 0:
            tell(_CHUNK)
    if fresh:
        session.execute(insert(Area), fresh)
    if tell is not None:
        tell((added + renamed + same) % _CHUNK)
    return Loaded(added, renamed, same)


def put_positions(session: Session, positions: Mapping[str, tuple[float, float]]) -> int:
    """Write down where places lie: latitude and longitude in degrees (WGS 84) by code; returns how many were changed.

    Raises ``Invalid``, and changes nothing, for a place that is not there or a point that is none.
    """
    known = {row.code: row for row in session.scalars(select(Area).where(Area.code.in_(positions)))}
    changed = 0
    for code, (lat, lon) in positions.items():
        if code not in known:
            raise Invalid("area_unknown", "There is no area {area}.", field="areas", area=code)
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise Invalid(
                "position", "{area}: {lat}, {lon} is no point on the earth.", area=code, lat=lat, lon=lon
            )
        row = known[code]
        changed += (row.lat, row.lon) != (lat, lon)
        row.lat, row.lon = lat, lon
    session.flush()
    return changed


def get(session: Session, code: str) -> Area | None:
    """The place of a code, or None."""
    return session.get(Area, code)


def search(
    session: Session, text: str, *, within: str = "", level: AreaLevel | None = None, limit: int = 20
) -> list[Area]:
    """Places whose name holds the characters, or begins with the pinyin or initials; the best first.

    杨高, yanggao and yg all find 杨高村. ``within`` is a code: only places inside it.
    """
    said = _plain(text)
    if not said:
        return []
    if _LATIN.fullmatch(said):
        letters = said.replace(" ", "").replace("'", "")
        fits = or_(Area.pinyin.startswith(letters), Area.initials.startswith(letters))
        rank = case(
            (or_(Area.pinyin == letters, Area.initials == letters), 0),
            (Area.pinyin.startswith(letters), 1),
            else_=2,
        )
    else:
        fits = Area.name.contains(said, autoescape=True)
        rank = case((Area.name == said, 0), (Area.name.startswith(said, autoescape=True), 1), else_=2)
    query = select(Area).where(fits, inside(Area.code, within))
    if level is not None:
        query = query.where(Area.level == level)
    return list(session.scalars(query.order_by(rank, func.length(Area.code), Area.code).limit(limit)))


def children(session: Session, code: str) -> list[Area]:
    """The places one level below, in the order of their codes; the provinces for an empty code."""
    return list(session.scalars(select(Area).where(Area.parent_code == (code or None)).order_by(Area.code)))


def path_name(session: Session, code: str, start: AreaLevel = AreaLevel.TOWN) -> str:
    """Where it is, from ``start`` downwards: 庵东镇杨高村. A place above ``start`` is its own name; an unknown code is ""."""
    found = {area.code: area for area in session.scalars(select(Area).where(Area.code.in_(prefixes(code))))}
    if code not in found:
        return ""
    wanted = [
        found[part] for part in sorted(found, key=len) if len(part) >= CODE_LENGTH[start] and part != code
    ]
    shown = [area.name for area in wanted if area.name not in ("市辖区", "县")]
    return "".join([*shown, _shown(found[code])])


def names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Each known code with its own short name: 330282107219 → 杨高村."""
    wanted = sorted(set(codes))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), 500):
        rows = session.scalars(select(Area).where(Area.code.in_(wanted[start : start + 500])))
        found.update((area.code, _shown(area)) for area in rows)
    return found


def prefixes(code: str) -> list[str]:
    """A code and the codes of all places around it, the narrowest first."""
    return [code[:length] for length in (12, 9, 6, 4, 2) if length <= len(code)]


def inside(column: SQLColumnExpression[str], area_code: str) -> ColumnElement[bool]:
    """True for the area itself and every place in it; an empty code means everywhere. Uses an index on the column."""
    if not area_code:
        return true()
    return and_(column >= area_code, column < str(int(area_code) + 1))


def inside_any(column: SQLColumnExpression[str], codes: Iterable[str]) -> ColumnElement[bool]:
    """True within any of the areas; nowhere when there are none."""
    return or_(false(), *(inside(column, code) for code in codes))


def covers(column: SQLColumnExpression[str], place: str) -> ColumnElement[bool]:
    """Areas that hold the place, or lie within it."""
    return or_(literal(place).startswith(column), func.substr(column, 1, len(place)) == place)


def resolve_village(session: Session, text: str, *, county: str) -> Area:
    """The one village of the county that the words mean: 杨高, 杨高村, 龙山镇杨高村, yanggao, or a code.

    Raises ``Invalid`` when none fits, and when several do (the sentence then lists them with their towns).
    """
    return VillageFinder(session, county=county).find(text)


class VillageFinder:
    """The villages of a county (or town), read once, to find many by what people call them."""

    def __init__(self, session: Session, *, county: str) -> None:
        found = list(session.scalars(select(Area).where(inside(Area.code, county)).order_by(Area.code)))
        self._wider = [
            (area.code, {area.name, short_name(area.name)})
            for area in found
            if area.level is not AreaLevel.VILLAGE
        ]
        self._town = {area.code: area.name for area in found if area.level is AreaLevel.TOWN}
        self._villages = [_Village(area, _shown(area)) for area in found if area.level is AreaLevel.VILLAGE]
        self._known = {
            text: self._exact(text)
            for village in self._villages
            for text in (village.shown, village.area.name)
        }

    def find(self, text: str) -> Area:
        """As ``resolve_village``; the same words are looked up once."""
        said = _plain(text).replace(" ", "")
        if not said:
            raise Invalid("village_missing", "Write your village too, like 杨高村.", field="village")
        if said not in self._known:
            self._known[said] = (
                [village for village in self._villages if village.area.code == said]
                if said.isdigit()
                else self._meant(said, self._villages)
            )
        found = self._known[said]
        if len(found) == 1:
            return found[0].area
        if not found:
            raise Invalid(
                "village_unknown", "We know no village {said} here. Check the name, or write the town before it.",
                field="village", said=text.strip()[:20],
            )  # fmt: skip
        choices = "、".join(
            self._town.get(village.area.code[:9], "") + village.shown for village in found[:_LISTED]
        )
        raise Invalid(
            "village_several", "Several villages are called {said}: {choices}. Write the town before the village.",
            field="village", said=text.strip()[:20], choices=choices,
        )  # fmt: skip

    def _exact(self, said: str) -> list[_Village]:
        return [village for village in self._villages if said in (village.shown, village.area.name)]

    def _meant(self, said: str, villages: list[_Village]) -> list[_Village]:
        """The villages of the best way in which any fits; a town (or the county) in front narrows the choice."""
        if exact := [village for village in villages if said in (village.shown, village.area.name)]:
            return exact
        for code, called in self._wider:
            for name in called:
                if said.startswith(name) and len(said) > len(name):
                    narrower = [village for village in villages if village.area.code.startswith(code)]
                    if len(narrower) < len(villages) or len(code) == 6:
                        if found := self._meant(said.removeprefix(name), narrower):
                            return found
        letters = "".join(sign for sign in said if sign.isalpha()) if _LATIN.fullmatch(said) else ""
        sound = letters or search_key(said)[0]
        base = said.removesuffix("村")
        ways: list[Callable[[_Village], bool]] = [
            lambda village: village.shown.removesuffix("村") == base,
            lambda village: village.shown.startswith(base),
            lambda village: village.area.pinyin in (sound, sound + "cun"),
            lambda village: bool(letters) and village.area.initials in (letters, letters + "c"),
            lambda village: len(base) > 1 and base in village.shown,
            lambda village: len(sound) > 3 and village.area.pinyin.startswith(sound),
        ]
        return next(
            (found for way in ways if (found := [village for village in villages if way(village)])), []
        )


@dataclass(frozen=True, slots=True)
class _Village:
    area: Area
    shown: str


def _shown(area: Area) -> str:
    return short_name(area.name) if area.level is AreaLevel.VILLAGE else area.name


def _values(row: PlaceRow) -> dict[str, object]:
    pinyin, initials = search_key(row.name)
    return {
        "code": row.code,
        "parent_code": row.parent_code,
        "name": row.name,
        "level": AreaLevel(row.level.value),
        "pinyin": pinyin[:200],
        "initials": initials[:40],
    }


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\0", "").strip().lower()
