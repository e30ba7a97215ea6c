"""What publishers changed about the line: where, for which season, by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import areas, people
from farmerline.domain.access import Actor
from farmerline.domain.areas import inside_any
from farmerline.models import Role, VoiceMenu


@dataclass(frozen=True, slots=True)
class MenuLine:
    """What holds for an area and a season ("" for all the year) since ``at``."""

    area_code: str
    place: str
    season: str
    opening: str
    by: str
    at: datetime


def lines(session: Session, *, actor: Actor) -> list[MenuLine]:
    """One line for each area and season that has something of its own in the actor's areas."""
    here = inside_any(VoiceMenu.area_code, actor.areas(Role.PUBLISHER))
    newest: dict[tuple[str, str], VoiceMenu] = {}
    for row in session.scalars(select(VoiceMenu).where(here).order_by(VoiceMenu.saved_at, VoiceMenu.id)):
        newest[row.area_code, row.season] = row
    names = people.names_of(session, [row.saved_by for row in newest.values()])
    return [
        MenuLine(
            row.area_code, areas.path_name(session, row.area_code), row.season, row.opening,
            names.get(row.saved_by, ""), row.saved_at,
        )
        for _where, row in sorted(newest.items())
    ]  # fmt: skip
