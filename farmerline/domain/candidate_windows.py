"""Which windows to look through for an item, and what a row in each is worth at most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container

import matching
from farmerline.domain.candidate_rows import Split, Window
from matching.place import neighbours
from matching.score import OTHER, Row, Scorer

_MUCH = 0.1
"""A variety is looked for by itself where it is worth so much more than any other."""
_MANY, _SELDOM = 96, 8
"""A city has many rows where a batch is so large; a variety is seldom there in less than one of so many rows."""
_SOME_OTHER = "\0"
_FAR = "990000"


def windows_for(offer: matching.Offer, scorer: Scorer) -> list[Window]:
    """Windows that hold every row that may fit: of the item's own form place by place, of forms near it anywhere."""
    lexicon, other = matching.Lexicon.default(), OTHER.get(offer.direction)
    found: list[Window] = []
    if other is None:
        return found
    for form in lexicon.near_forms(offer.form):
        key = matching.key(offer.concept, form, other)
        product = _Product(key, lexicon.nearness(offer.form, form), offer.area, offer.variety or "", scorer)
        found += product.by_place() if form == offer.form else [product.anywhere()]
    return found


class _Product:
    """What is looked for under one key: how near its form is, from where, in which variety, and how rows are scored.

    A window holds all varieties at first. Where the first batch is not all, those worth much more than any other are looked
    for by themselves, so that what is left of the window is worth less.
    """

    __slots__ = ("area", "form", "key", "scorer", "variety")

    def __init__(self, key: str, form: float, area: str, variety: str, scorer: Scorer) -> None:
        self.key, self.form, self.area, self.variety, self.scorer = key, form, area, variety, scorer

    def anywhere(self) -> Window:
        """All rows as one window, for few; where they are many, place by place."""
        return Window("nation", (self.key,), self.form, self.form, self._everywhere)

    def by_place(self) -> list[Window]:
        """The province, and everywhere else."""
        beyond = max(
            [self.scorer.areas[_FAR], *map(self.scorer.provinces.__getitem__, neighbours(self.area[:2]))]
        )
        nation = Window(
            "nation", (self.key,), self.form, self.scorer.bound(self.form, 1.0, beyond), self._far
        )
        return [*self._at_home(), nation]

    def _at_home(self) -> list[Window]:
        province = self.area[:2]
        best = max((_in(self.area), province), key=self.scorer.areas.__getitem__)
        return [self._window("province", province, best, self._near)] if province else []

    def _near(self, home: Window, _: list[Row]) -> list[Window]:
        """Where the province has many rows: the city, and who named only the province, so that the others are worth less."""
        province, city = self.area[:2], self.area[:4]
        apart, home.worth = self._varieties("province", province, _in(province))
        found = [home, *apart, self._window("city", province, province)]
        if len(city) == 4:
            found.append(self._window("city", city, _in(self.area), self._city_by_variety))
        return found

    def _everywhere(self, nation: Window, rows: list[Row]) -> list[Window]:
        return self._at_home() + self._far(nation, rows)

    def _far(self, nation: Window, _: list[Row]) -> list[Window]:
        """Where the country has many rows: the provinces next door by themselves, so that the others are worth less."""
        apart, nation.worth = self._varieties("nation", "", _FAR)
        return [nation, *apart, *map(self._in_province, neighbours(self.area[:2]))]

    def _in_province(self, province: str) -> Window:
        def by_variety(window: Window, _: list[Row]) -> list[Window]:
            apart, window.worth = self._varieties("province", province, _in(province))
            return [window, *apart]

        return self._window("province", province, _in(province), by_variety)

    def _city_by_variety(self, city: Window, rows: list[Row]) -> list[Window]:
        """Only the varieties that are seldom there: the others are found in the city's own window sooner."""
        if len(rows) < _MANY:
            city.split = self._city_by_variety
            return [city]
        counts = Counter(row[2] for row in rows)
        often = {variety for variety, count in counts.items() if count * _SELDOM > len(rows)}
        apart, city.worth = self._varieties("province", self.area[:2], _in(self.area), often)
        return [city, *apart]

    def _varieties(
        self, index: str, place: str, area: str, but: Container[str] = ()
    ) -> tuple[list[Window], float]:
        """A window for each variety that is worth much more than any other, and what all others are worth."""
        fits, other = self.scorer.varieties, self.scorer.varieties[self.variety + _SOME_OTHER]
        found, rest = [], other
        for variety in dict.fromkeys((self.variety, "")):
            if fits[variety] > other + _MUCH and variety not in but:
                same = (self.key, variety, place) if place else (self.key, variety)
                found.append(Window(f"variety_{index}", same, self.form, self._worth(area, fits[variety])))
            else:
                rest = max(rest, fits[variety])
        return found, self._worth(area, rest)

    def _window(self, index: str, place: str, area: str, split: Split | None = None) -> Window:
        return Window(index, (self.key, place), self.form, self._worth(area), split)

    def _worth(self, area: str, variety: float = 1.0) -> float:
        return self.scorer.bound(self.form, variety, self.scorer.areas[area])


def _in(area: str) -> str:
    """Some county of a place."""
    return area[:6].ljust(6, "0")
