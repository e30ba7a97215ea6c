"""How well two offers fit, and the best few of many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import Any, TypeVar

from matching.lexicon import Lexicon
from matching.place import neighbours
from matching.values import Item, Offer, Score

THRESHOLD = 0.12
"""Below this nothing is shown: no match is a good answer."""

OTHER = {"supply": "demand", "demand": "supply"}
SEPARATOR = "·"
Row = Sequence[Any]
"""An offer in plain fields: id, day, variety, area, qty, unit, unit_price, price_unit; the day is an ordinal, a date or its ISO
text, a variety that was not said is empty."""
_AREA = ((6, 1.0), (4, 0.97), (2, 0.93))
_NEIGHBOUR, _FAR, _UNKNOWN_AREA = 0.85, 0.72, 0.86
_VARIETY_SAME, _VARIETY_OPEN, _VARIETY_UNSTATED, _VARIETY_OTHER = 1.0, 0.98, 0.84, 0.62


def key(concept: str, form: str, direction: str) -> str:
    """The string under which an offer is stored."""
    return SEPARATOR.join((concept, form, direction))


def keys(item: Item | Offer, direction: str, lexicon: Lexicon | None = None) -> tuple[str, ...]:
    """The strings to look up for an item offered or wanted in `direction`: the other direction, its own form first,
    then the forms near it."""
    words = lexicon or Lexicon.default()
    other = OTHER.get(direction)
    if other is None:
        return ()
    return tuple(key(item.concept, form, other) for form in words.near_forms(item.form))


class Scorer:
    """Tells for many rows how well each fits one query (an offer or a want, of the other direction), about a microsecond a row.

    The form and the household are the caller's: rows are of one concept, `form` is the nearness of their form.
    """

    def __init__(self, query: Offer, today: int | dt.date | None = None) -> None:
        self._asks = query.direction == "demand"
        self._qty, self._unit = query.qty, query.unit
        self._price = comparable_price(query)
        own = query.variety or ""
        varied = partial(_variety, own) if self._asks else lambda wanted: _variety(wanted, own)
        self.varieties: dict[str, float] = _Table(varied)
        """How well the rows' variety fits ("" for none said)."""
        self.areas: dict[str, float] = _Table(partial(_area, query.area))
        """How near an area is, by the first six signs of its code."""
        self.provinces = _other_provinces(query.area[:2])
        """How near another province is, by its code; nothing for one's own."""
        self.days = _days_before(ordinal(today))
        """How fresh a day is, by the day as the rows hold it, and where it stands in their order."""

    def weigh(self, form: float, rows: Iterable[Row]) -> list[tuple[float, int, str]]:
        """The rows that fit, each as it stands in the order of all: less its fit, less its day, its id."""
        varieties, provinces, areas, days = self.varieties, self.provinces, self.areas, self.days
        found = []
        for item, day, variety, area, qty, unit, price, price_unit in rows:
            fresh, order = days[day]
            amount = self.amount(qty, unit) if qty else 1.0
            asked = self.price(price, price_unit or unit) if price else 1.0
            near = provinces[area[:2]] or areas[area[:6]]
            value = form * varieties[variety] * near * fresh * amount * asked
            if value >= THRESHOLD:
                found.append((-value, order, item))
        return found

    def amount(self, qty: float | None, unit: str | None) -> float:
        """Less than 1 where the supply is a small part of the want."""
        if not qty or not self._qty or unit != self._unit:
            return 1.0
        return _amount(self._qty, qty) if self._asks else _amount(qty, self._qty)

    def price(self, price: float | None, unit: str | None) -> float:
        """Less than 1 where the ask stands above the bid; `unit` is what the price is for."""
        if not price or price < 0 or self._price is None or self._price[1] != (unit or "kg"):
            return 1.0
        return _price(self._price[0], price) if self._asks else _price(price, self._price[0])

    def bound(self, form: float, variety: float, area: float) -> float:
        """No row of this form, variety and area fits better, however fresh it is."""
        return form * variety * area


def score(
    want: Offer, have: Offer, today: int | dt.date | None = None, lexicon: Lexicon | None = None
) -> Score | None:
    """The fit of a wanted and an offered lot, about `have`; None where they are different things or one household's own.
    `today` (a date or its ordinal) fades old lots slowly."""
    return _fit(Scorer(want, today), want, have, lexicon or Lexicon.default())


def rank(
    query: Offer,
    candidates: Iterable[Offer],
    limit: int = 3,
    today: int | dt.date | None = None,
    lexicon: Lexicon | None = None,
) -> list[Score]:
    """The best candidates for an offer or a want, best first; ties go to the newer, then to the smaller id."""
    words, scorer = lexicon or Lexicon.default(), Scorer(query, today)
    fits = (_fit(scorer, query, candidate, words) for candidate in candidates)
    scored = [found for found in fits if found]
    scored.sort(key=lambda one: (-one.value, -(one.offer.day or 0), one.offer.id))
    return scored[:limit]


def comparable_price(offer: Offer) -> tuple[float, str] | None:
    """The price and what it is for, where it can be compared."""
    if offer.unit_price is None or offer.unit_price <= 0:
        return None
    return offer.unit_price, offer.price_unit or offer.unit or "kg"


def price_gap(want: Offer, have: Offer) -> float | None:
    """How far the ask stands above the bid, as a share of the bid; None where they cannot be compared."""
    ask, bid = comparable_price(have), comparable_price(want)
    if not ask or not bid or ask[1] != bid[1]:
        return None
    return _gap(bid[0], ask[0])


@lru_cache(maxsize=1024)
def ordinal(day: Day) -> int | None:
    """The ordinal of a day, however it is told."""
    if isinstance(day, str):
        return dt.date.fromisoformat(day).toordinal()
    return day.toordinal() if isinstance(day, dt.date) else day


def _fit(scorer: Scorer, query: Offer, candidate: Offer, words: Lexicon) -> Score | None:
    if query.direction == candidate.direction or query.concept != candidate.concept:
        return None
    if query.household is not None and query.household == candidate.household:
        return None
    form = words.nearness(query.form, candidate.form)
    if form <= 0:
        return None
    one, variety = candidate, candidate.variety or ""
    row = (one.id, one.day, variety, one.area, one.qty, one.unit, one.unit_price, one.price_unit)
    fits = scorer.weigh(form, (row,))
    if not fits:
        return None
    return Score(
        candidate, -fits[0][0], form, scorer.varieties[variety], scorer.areas[one.area[:6]], scorer.days[one.day][0],
        scorer.amount(one.qty, one.unit), scorer.price(one.unit_price, one.price_unit or one.unit),
    )  # fmt: skip


_Key = TypeVar("_Key")
_Worth = TypeVar("_Worth")
Day = int | dt.date | str | None
"""An ordinal, a date or its ISO text."""


class _Table(dict[_Key, _Worth]):
    """What is reckoned when it is first asked for."""

    def __init__(self, reckon: Callable[[_Key], _Worth]) -> None:
        self._reckon = reckon

    def __missing__(self, key: _Key) -> _Worth:
        self[key] = worth = self._reckon(key)
        return worth


@lru_cache(maxsize=2)
def _days_before(now: int | None) -> dict[Day, tuple[float, int]]:
    """Shared by all who ask on one day: freshness, and less the day's ordinal."""
    return _Table(lambda day: (_fresh(ordinal(day), now), -(ordinal(day) or 0)))


@lru_cache(maxsize=64)
def _other_provinces(own: str) -> dict[str, float]:
    """Shared by all of a province."""
    return _Table(lambda other: _area(own, other) if own and other and own != other else 0.0)


def _variety(wanted: str, offered: str) -> float:
    if not wanted:
        return _VARIETY_SAME if not offered else _VARIETY_OPEN
    if not offered:
        return _VARIETY_UNSTATED
    return _VARIETY_SAME if wanted == offered else _VARIETY_OTHER


def _area(one: str, other: str) -> float:
    if not one or not other:
        return _UNKNOWN_AREA
    if one[:2] != other[:2]:
        return _NEIGHBOUR if other[:2] in neighbours(one[:2]) else _FAR
    for length, worth in _AREA:
        if len(one) >= length and one[:length] == other[:length]:
            return worth
        if len(one) < length <= len(other) and other.startswith(one):
            return worth
        if len(other) < length <= len(one) and one.startswith(other):
            return worth
    return _AREA[-1][1]


def _fresh(day: int | None, now: int | None) -> float:
    if day is None or now is None:
        return 1.0
    return max(0.9, 1.0 - max(0, now - day) * 0.001)


def _amount(wanted: float, offered: float) -> float:
    return 0.9 if offered < wanted * 0.2 else 1.0


def _gap(bid: float, ask: float) -> float:
    return ask / bid - 1


def _price(bid: float, ask: float) -> float:
    gap = _gap(bid, ask)
    if gap < 0.05:
        return 1.0
    return 0.92 if gap <= 0.35 else 0.82
