"""Where a reading is not sure, and what else may have been meant: so that a person is asked, never guessed for."""

from __future__ import annotations

from dataclasses import dataclass

from matching.values import Reading, Understood

SURE = 0.6
"""A product below this confidence was guessed from its sound."""
_MOST = 2
_SIDES = ("supply", "demand")
_LEFT_OPEN = frozenset({"service", "labour", "machine"})


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that may have been meant: a side, and which of the reading's items (None: all of them)."""

    side: str
    item: int | None = None


def is_doubtful(understood: Understood) -> bool:
    """Whether an offer or want must be asked back before it is read back: its side or its product is not sure, or
    an amount was named and no side."""
    reading = understood.reading
    if reading is None or not reading.items or understood.intent not in {"sell", "buy", "other"}:
        return False
    if understood.intent == "other":
        return not reading.sure or any(item.qty or item.unit_price for item in reading.items)
    return not reading.sure or is_guessed(reading) or is_thin(reading)


def is_thin(reading: Reading) -> bool:
    """Whether no verb of trade was said and what is named leaves much open: work or a machine; neither amount nor price;
    goods beside others that are not traded, without both. When first seen, strangers' texts of these kinds were read wrongly
    in two of five, one of three and one of five cases, others in one of seven."""
    if reading.spoken:
        return False
    first = reading.items[0]
    said = (first.qty is not None) + (first.unit_price is not None)
    return first.category in _LEFT_OPEN or said == 0 or (reading.beside and said == 1)


def is_guessed(reading: Reading) -> bool:
    """Whether the first product was guessed from its sound."""
    return bool(reading.items) and reading.items[0].confidence < SURE


def choices(reading: Reading, side: str | None) -> tuple[Choice, ...]:
    """What may have been meant, the likeliest first, at most two: each guessed product on the side that was said, or
    both sides of what was named. `side` is supply, demand, or None where none was read."""
    if is_guessed(reading):
        guessed = [place for place, item in enumerate(reading.items) if item.confidence < SURE]
        if side in _SIDES and reading.direction == side and len(guessed) > 1:
            return tuple(Choice(side, place) for place in guessed[:_MOST])
        if side in _SIDES and reading.direction == side:
            return (Choice(side),)
    return tuple(Choice(each) for each in _SIDES)
