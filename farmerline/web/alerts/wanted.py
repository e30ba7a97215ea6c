"""Which sightings a page shows: read from the address, and written into links."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from flask import request

from farmerline.domain import Verdict
from farmerline.queries.sightings import Group
from farmerline.queries.sightings_map import Overview
from farmerline.web.language import _

DAYS = (7, 14, 30)
_UNNAMED = "-"
_MOST_CHOICES = 8
_VERDICTS = {one.value or "open": one for one in Verdict}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The choice. ``crop`` and ``pest`` None mean any, "" those that nobody named; ``verdict`` None means any."""

    days: int = DAYS[0]
    crop: str | None = None
    pest: str | None = None
    verdict: Verdict | None = None
    village: str = ""

    def since(self, now: datetime) -> datetime:
        return now - timedelta(days=self.days)

    def fits(self, group: Group) -> bool:
        """Whether a group of sightings is of this choice."""
        if self.verdict is None:
            decided = True
        elif self.verdict is Verdict.OPEN:
            decided = group.open > 0
        else:
            decided = any(verdict is self.verdict for verdict, _count in group.verdicts)
        return decided and self.crop in (None, group.crop) and self.pest in (None, group.pest)

    def link(self, page: str = "/alerts/map") -> str:
        """The address of a page with this choice."""
        said = {
            "village": self.village,
            "crop": _UNNAMED if self.crop == "" else self.crop,
            "pest": _UNNAMED if self.pest == "" else self.pest,
            "verdict": next((name for name, one in _VERDICTS.items() if one is self.verdict), ""),
            "days": str(self.days) if self.days != DAYS[0] else "",
        }
        asked = urlencode({name: value for name, value in said.items() if value})
        return f"{page}?{asked}" if asked else page


def wanted() -> Wanted:
    """What the address asks for; what makes no sense is passed over."""
    days, village = request.args.get("days", ""), request.args.get("village", "")
    return Wanted(
        days=int(days) if days in [str(one) for one in DAYS] else DAYS[0],
        crop=_named("crop"),
        pest=_named("pest"),
        verdict=_VERDICTS.get(request.args.get("verdict", "")),
        village=village if village.isascii() and village.isdigit() and len(village) in (6, 9, 12) else "",
    )


def of_group(group: Group, days: int) -> Wanted:
    """The choice that shows one group's reports."""
    return Wanted(days=days, crop=group.crop, pest=group.pest, village=group.area_code)


def choices(chosen: Wanted, found: Overview) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """The ways to choose otherwise: a heading, and links (address, words, whether it is the one chosen)."""
    words = {
        None: _("all"),
        Verdict.OPEN: _("not looked at"),
        Verdict.CONFIRMED: _("it is"),
        Verdict.OTHER: _("something else"),
        Verdict.NOTHING: _("no harm"),
        Verdict.UNCLEAR: _("to look at in the field"),
    }
    return [
        (
            _("Days"),
            [(replace(chosen, days=n).link(), _("{n} days", n=n), n == chosen.days) for n in DAYS],
        ),
        (
            _("Crop"),
            [
                (replace(chosen, crop=crop, pest=None).link(), says, crop == chosen.crop)
                for crop, says in _names(found.crops, chosen.crop)
            ],
        ),
        (
            _("Pest or disease"),
            [
                (replace(chosen, pest=pest).link(), says, pest == chosen.pest)
                for pest, says in _names(found.pests, chosen.pest)
            ],
        ),
        (
            _("Verdict"),
            [
                (replace(chosen, verdict=one).link(), says, one is chosen.verdict)
                for one, says in words.items()
            ],
        ),
    ]


def _named(field: str) -> str | None:
    said = request.args.get(field, "")[:40]
    return None if not said else "" if said == _UNNAMED else said


def _names(counted: tuple[tuple[str, int], ...], chosen: str | None) -> list[tuple[str | None, str]]:
    """All, then the most frequent names with their counts; the one chosen is always among them."""
    names: list[tuple[str | None, str]] = [(None, _("all"))]
    names += [(name, f"{name or _('not named')} {count}") for name, count in counted[:_MOST_CHOICES]]
    if chosen is not None and chosen not in [name for name, _says in names]:
        names.append((chosen, chosen or _("not named")))
    return names
