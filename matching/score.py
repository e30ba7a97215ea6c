"""How well two offers fit, and the best few of many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from matching.lexicon import Lexicon
from matching.place import neighbours
from matching.values import Item, Offer, Score

THRESHOLD = 0.12
"""Below this nothing is shown: no match is a good answer."""

OTHER = {"supply": "demand", "demand": "supply"}
SEPARATOR = "·"
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


def score(
    want: Offer, have: Offer, today: int | dt.date | None = None, lexicon: Lexicon | None = None
) -> Score | None:
    """The fit of a wanted and an offered lot, about `have`; None where they are different things or one household's own.
    `today` (a date or its ordinal) fades old lots slowly."""
    if want.direction == have.direction or want.concept != have.concept:
        return None
    if want.household is not None and want.household == have.household:
        return None
    form = (lexicon or Lexicon.default()).nearness(want.form, have.form)
    if form <= 0:
        return None
    variety = _variety(want.variety, have.variety)
    area = _area(want.area, have.area)
    fresh = _fresh(have.day, today)
    amount = _amount(want, have)
    price = _price(want, have)
    value = form * variety * area * fresh * amount * price
    return Score(have, value, form, variety, area, fresh, amount, price) if value >= THRESHOLD else None


def rank(
    query: Offer,
    candidates: Iterable[Offer],
    limit: int = 3,
    today: int | dt.date | None = None,
    lexicon: Lexicon | None = None,
) -> list[Score]:
    """The best candidates for an offer or a want, best first; ties go to the newer, then to the smaller id."""
    words = lexicon or Lexicon.default()
    scored: list[Score] = []
    for candidate in candidates:
        if query.direction == "demand":
            found = score(query, candidate, today, words)
        else:
            found = score(candidate, query, today, words)
            if found:
                fresh = _fresh(candidate.day, today)
                value = found.value / found.fresh * fresh
                found = Score(
                    candidate, value, found.form, found.variety, found.area, fresh, found.qty, found.price
                )
        if found:
            scored.append(found)
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
    return ask[0] / bid[0] - 1


def _variety(wanted: str | None, offered: str | None) -> float:
    if not wanted:
        return _VARIETY_SAME if not offered else _VARIETY_OPEN
    if not offered:
        return _VARIETY_UNSTATED
    return _VARIETY_SAME if wanted == offered else _VARIETY_OTHER


def _area(one: str, other: str) -> float:
    if not one or not other:
        return _UNKNOWN_AREA
    for length, worth in _AREA:
        if len(one) >= length and one[:length] == other[:length]:
            return worth
        if len(one) < length <= len(other) and other.startswith(one):
            return worth
        if len(other) < length <= len(one) and one.startswith(other):
            return worth
    return _NEIGHBOUR if other[:2] in neighbours(one[:2]) else _FAR


def _fresh(day: int | None, today: int | dt.date | None) -> float:
    if day is None or today is None:
        return 1.0
    now = today if isinstance(today, int) else today.toordinal()
    return max(0.9, 1.0 - max(0, now - day) * 0.001)


def _amount(want: Offer, have: Offer) -> float:
    if want.qty and have.qty and want.unit == have.unit and have.qty < want.qty * 0.2:
        return 0.9
    return 1.0


def _price(want: Offer, have: Offer) -> float:
    gap = price_gap(want, have)
    if gap is None or gap < 0.05:
        return 1.0
    return 0.92 if gap <= 0.35 else 0.82
