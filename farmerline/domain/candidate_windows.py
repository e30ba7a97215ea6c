"""Which windows to look through for an item, and what a row in each is worth at most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class _Product:
    """What is looked for under one key: how near its form is, from where, in which variety, and how rows are scored."""

    key: str
    form: float
    area: str
    variety: str
    scorer: Scorer

    def anywhere(self) -> Window:
        """All rows as one window, for few; where they are many, place by place."""
        return self._window("nation", "", self.form, split=lambda window, _: self._near() + self._far(window))

    def by_place(self) -> list[Window]:
        """The city, who named only the province, the province, and everywhere else."""
        beyond = max(map(self._worth, (_FAR, *map(_in, self._next_door()))))
        return [*self._near(), self._window("nation", "", beyond, split=lambda window, _: self._far(window))]

    def _near(self) -> list[Window]:
        province, city = self.area[:2], self.area[:4]
        found: list[Window] = []
        if len(city) == 4:
            found.append(self._window("city", city, self._worth(_in(self.area)), split=self._by_variety))
        if province:
            found.append(self._window("city", province, self._worth(province)))
            apart, rest = self._varieties("province", province, _in(province))
            found += [*apart, self._window("province", province, rest)]
        return found

    def _far(self, nation: Window) -> list[Window]:
        """Where the country has many rows: the provinces next door by themselves, so that the others are worth less."""
        apart, nation.worth = self._varieties("nation", "", _FAR)
        found = [nation, *apart]
        for province in self._next_door():
            apart, rest = self._varieties("province", province, _in(province))
            found += [*apart, self._window("province", province, rest)]
        return found

    def _by_variety(self, city: Window, rows: list[Row]) -> list[Window]:
        """Where a city has many rows: the varieties that are seldom there by themselves, so that the others are worth less."""
        if len(rows) < _MANY:
            city.split = self._by_variety
            return [city]
        often = {
            variety
            for variety, count in Counter(row[2] for row in rows).items()
            if count * _SELDOM > len(rows)
        }
        apart, city.worth = self._varieties("province", self.area[:2], _in(self.area), often)
        return [city, *apart]

    def _next_door(self) -> frozenset[str]:
        return neighbours(self.area[:2])

    def _varieties(
        self, index: str, place: str, area: str, but: Container[str] = ()
    ) -> tuple[list[Window], float]:
        """A window for each variety that is worth much more than any other, and what all others are worth."""
        fits, other = self.scorer.varieties, self.scorer.varieties[self.variety + _SOME_OTHER]
        found, rest = [], other
        for variety in dict.fromkeys((self.variety, "")):
            if fits[variety] > other + _MUCH and variety not in but:
                worth = self._worth(area, fits[variety])
                found.append(self._window(f"variety_{index}", place, worth, variety))
            else:
                rest = max(rest, fits[variety])
        return found, self._worth(area, rest)

    def _worth(self, area: str, variety: float = 1.0) -> float:
        return self.scorer.bound(self.form, variety, self.scorer.areas[area])

    def _window(
        self, index: str, place: str, worth: float, variety: str | None = None, split: Split | None = None
    ) -> Window:
        same = (self.key,) if variety is None else (self.key, variety)
        return Window(index, same if "nation" in index else (*same, place), self.form, worth, split)


def _in(area: str) -> str:
    """Some county of a place."""
    return area[:6].ljust(6, "0")
