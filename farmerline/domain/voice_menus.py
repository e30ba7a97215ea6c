"""What the line offers in an area and a season: who edits it stays within the one table of keys and within its lengths.

A key leads where it always leads. What changes with place and season is what is heard first on answer, in which order
the boxes under 5 are spoken and which of them, and own words at the head of a box (the week's prices, the weather).
Each version is kept; the narrowest area that has one holds, there the season's before the whole year's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import access, areas, audit, keys, seasons
from farmerline.domain.spoken import seconds_of
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.models import Role, VoiceMenu
from farmerline.words import say

SEASONS = {"": "All the year", "spring": "Spring", "summer": "Summer", "autumn": "Autumn", "winter": "Winter"}
"""Each begins with its own solar term (立春, 立夏, 立秋, 立冬)."""
LONGEST_OPENING, LONGEST_MENU, LONGEST_ITEM = 20, 20, 45
"""Seconds: what is longer is not heard to its end, a menu that is longer is hung up on."""
_TERMS_A_SEASON = 6


@dataclass(frozen=True, slots=True)
class Box:
    """A box under 5, by its name in ``keys.LISTEN``; ``words`` are heard first in it, "" for none."""

    name: str
    spoken: bool = True
    words: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """``opening`` is heard first on answer, "" for the season's own sentence; ``boxes`` in the order they are spoken."""

    opening: str = ""
    boxes: tuple[Box, ...] = tuple(Box(name) for name, _module in keys.LISTEN.values())

    def words(self, name: str) -> str:
        """What is heard first in a box."""
        return next((box.words for box in self.boxes if box.name == name), "")


BUILT_IN = Menu()
"""What holds where nobody saved anything."""


def season_of(day: date) -> str:
    """The season of a day, a key of ``SEASONS``."""
    return list(SEASONS)[1 + seasons.farm_year(day).past // _TERMS_A_SEASON]


_SAVED = (
    select(VoiceMenu)
    .where(
        VoiceMenu.area_code.in_(bindparam("around", expanding=True)),
        VoiceMenu.season.in_(bindparam("seasons", expanding=True)),
    )
    .order_by(VoiceMenu.saved_at.desc(), VoiceMenu.id.desc())
)


def in_force(session: Session, area_code: str, now: datetime) -> Menu:
    """What callers of an area hear now."""
    seasons_now = ("", season_of(local(now).date()))
    rows = session.scalars(_SAVED, {"around": areas.prefixes(area_code), "seasons": seasons_now}).all()
    best = max(
        rows, key=lambda row: (len(row.area_code), row.season != ""), default=None
    )  # the newest of equals
    return read(best) if best is not None else BUILT_IN


def read(row: VoiceMenu) -> Menu:
    """A saved version as it is heard. A box that it does not know (it came later) is spoken last."""
    known = [Box(**box) for box in row.boxes if box["name"] in {box.name for box in BUILT_IN.boxes}]
    later = [box for box in BUILT_IN.boxes if box.name not in {one.name for one in known}]
    return Menu(row.opening, (*known, *later))


def check(menu: Menu) -> Mapping[str, float]:
    """The seconds of each piece: ``opening``, ``menu``, and each box's own words by its name, where there are any.

    Raises ``Invalid`` for what is too long, for a box that there is not, and where no box is spoken.
    """
    if sorted(box.name for box in menu.boxes) != sorted(box.name for box in BUILT_IN.boxes):
        raise Invalid("menu_boxes", "Each box stands once under its own key.", field="boxes")
    if not any(box.spoken for box in menu.boxes):
        raise Invalid("menu_empty", "Let the menu name at least one box.", field="boxes")
    pieces = {"opening": menu.opening, "menu": heard(menu)} | {box.name: box.words for box in menu.boxes}
    lengths = {name: seconds_of(words) for name, words in pieces.items() if words}
    most = {"opening": LONGEST_OPENING, "menu": LONGEST_MENU}
    for name, seconds in lengths.items():
        if seconds > most.get(name, LONGEST_ITEM):
            raise Invalid(
                "menu_long",
                "This takes {seconds} seconds to say; {most} fit.",
                field=name,
                seconds=round(seconds),
                most=most.get(name, LONGEST_ITEM),
            )
    return lengths


def heard(menu: Menu, language: str = "zh") -> str:
    """What is said under 5, with every part of the service switched on."""
    spoken = (keys.LISTEN_HEARD[keys.BOX_KEYS[box.name]] for box in menu.boxes if box.spoken)
    return "".join(say(language, sentence) for sentence in spoken)


def save(
    session: Session, menu: Menu, *, area_code: str, season: str, actor: access.Actor, now: datetime
) -> VoiceMenu:
    """Let this hold for an area and a season from now on. Raises as ``check``, ``Absent`` for a place that is not the actor's."""
    _enter(session, actor, area_code)
    if season not in SEASONS:
        raise Invalid("menu_season", "Choose a season.", field="season")
    check(menu)
    row = VoiceMenu(
        area_code=area_code,
        season=season,
        opening=menu.opening,
        boxes=[{"name": box.name, "spoken": box.spoken, "words": box.words} for box in menu.boxes],
        saved_by=actor.account_id,
        saved_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(
        session, actor_id=actor.account_id, act="voice_menu.save", subject=f"voice_menu:{row.id}",
        detail={"area": area_code, "season": season}, now=now,
    )  # fmt: skip
    return row


def versions(session: Session, *, area_code: str, season: str, actor: access.Actor) -> list[VoiceMenu]:
    """All that was saved for an area and a season, the newest first. Raises ``Absent`` as ``save``."""
    _enter(session, actor, area_code)
    saved = select(VoiceMenu).where(VoiceMenu.area_code == area_code, VoiceMenu.season == season)
    return list(session.scalars(saved.order_by(VoiceMenu.saved_at.desc(), VoiceMenu.id.desc())))


def take_again(
    session: Session, version_id: str, *, area_code: str, season: str, actor: access.Actor, now: datetime
) -> VoiceMenu:
    """Let an earlier version hold again ("" for what is built in): it is saved anew, and nothing is lost.

    Raises ``Conflict`` where nothing would change.
    """
    saved = versions(session, area_code=area_code, season=season, actor=actor)
    wanted = next((row for row in saved if row.id == version_id), None)
    menu = read(wanted) if wanted is not None else BUILT_IN
    if (version_id and wanted is None) or not saved or read(saved[0]) == menu:
        raise Conflict("menu_same", "This is what holds already.")
    return save(session, menu, area_code=area_code, season=season, actor=actor, now=now)


def _enter(session: Session, actor: access.Actor, area_code: str) -> None:
    access.authorise(actor, {Role.PUBLISHER}, area_code)
    if areas.get(session, area_code) is None:
        raise Absent
