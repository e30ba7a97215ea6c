"""Which windows to look through for an item, and what a row in each is worth at most."""

from __future__ import annotations

from dataclasses import dataclass

import matching
from farmerline.domain.candidate_rows import Split, Window
from matching.place import neighbours
from matching.score import OTHER, Scorer

_MUCH = 0.1
"""A variety is looked for by itself where it is worth so much more than any other."""
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
        return self._window("nation", "", self.form, split=lambda _: self.by_place())

    def by_place(self) -> list[Window]:
        """The city, who named only the province, the province, and everywhere else."""
        province, city = self.area[:2], self.area[:4]
        found: list[Window] = []
        if len(city) == 4:
            found.append(self._window("city", city, self._worth(_in(self.area)), split=self._by_variety))
        if province:
            found.append(self._window("city", province, self._worth(province)))
            found += self._varieties("province", province, _in(province))
        beyond = max(map(self._worth, ("", _FAR, *map(_in, self._next_door()))))
        return [*found, self._window("nation", "", beyond, split=self._beyond)]

    def _by_variety(self, city: Window) -> list[Window]:
        """Where a city has many rows: the varieties asked for by themselves, so that the others there are worth less."""
        *apart, rest = self._varieties("province", self.area[:2], _in(self.area))
        city.worth = rest.worth
        return [city, *apart]

    def _beyond(self, _: Window) -> list[Window]:
        """Who named no place, the provinces next door, the whole country."""
        found = self._varieties("nation", "", _FAR)
        found.append(self._window("province", "", self._worth("")))
        for province in self._next_door():
            found += self._varieties("province", province, _in(province))
        return found

    def _next_door(self) -> frozenset[str]:
        return neighbours(self.area[:2])

    def _varieties(self, index: str, place: str, area: str) -> list[Window]:
        """A window for each variety that is worth much more than any other, and last one for all of them."""
        fits, other = self.scorer.varieties, self.scorer.varieties[self.variety + _SOME_OTHER]
        found, rest = [], other
        for variety in dict.fromkeys((self.variety, "")):
            if fits[variety] > other + _MUCH:
                worth = self._worth(area, fits[variety])
                found.append(self._window(f"variety_{index}", place, worth, variety))
            else:
                rest = max(rest, fits[variety])
        return [*found, self._window(index, place, self._worth(area, rest))]

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
