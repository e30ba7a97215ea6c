"""Where a reading is not sure, and what else may have been meant: so that a person is asked, never guessed for."""

from __future__ import annotations

from dataclasses import dataclass

from matching.values import Item, Reading, Understood

SURE = 0.6
"""A product below this confidence was guessed from its sound."""
TRUST = 0.25
"""A draft that a second opinion trusts less is asked back: docs/matching.md tells how often such drafts were wrong."""
_EVEN = 0.5
_MOST = 2
_SIDES = ("supply", "demand")
_DIRECTION = {"sell": "supply", "buy": "demand"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that may have been meant: a side, and which of the reading's items (None: all of them), or another ``thing``
    in place of the first."""

    side: str
    item: int | None = None
    thing: Item | None = None


def is_doubtful(understood: Understood) -> bool:
    """Whether an offer or want must be asked back before it is read back: too much was left unsaid, or a second opinion
    does not trust its side or its form."""
    return is_unsaid(understood) or _is_mistrusted(understood)


def is_unsaid(understood: Understood) -> bool:
    """Whether an offer's or want's side or product was not said clearly, or an amount was named and no side."""
    reading = understood.reading
    if reading is None or not reading.items or understood.intent not in {"sell", "buy", "other"}:
        return False
    if understood.intent == "other":
        return not reading.sure or any(item.qty or item.unit_price for item in reading.items)
    return not reading.sure or is_guessed(reading)


def _is_mistrusted(understood: Understood) -> bool:
    side, reading = _DIRECTION.get(understood.intent), understood.reading
    if side is None or reading is None or not reading.items:
        return False
    heard = reading.heard if side == reading.direction else 1 - reading.heard
    return heard * reading.shaped < TRUST


def is_guessed(reading: Reading) -> bool:
    """Whether the first product was guessed from its sound."""
    return bool(reading.items) and reading.items[0].confidence < SURE


def choices(understood: Understood) -> tuple[Choice, ...]:
    """What may have been meant, the likeliest first, at most two: each guessed product on the side that was said; the thing
    read and its rival, where its side is plain; or both sides of what was named. The reading must hold an item."""
    reading, side = understood.reading, _DIRECTION.get(understood.intent)
    if reading is None or side is None:
        return tuple(Choice(each) for each in _SIDES)
    plain = reading.direction == side
    if plain and is_guessed(reading):
        guessed = [place for place, item in enumerate(reading.items) if item.confidence < SURE]
        if len(guessed) > 1:
            return tuple(Choice(side, place) for place in guessed[:_MOST])
        return (Choice(side),)
    if plain and reading.heard >= _EVEN and not is_unsaid(understood):
        return _things(reading, side)
    return tuple(Choice(each) for each in _SIDES)


def _things(reading: Reading, side: str) -> tuple[Choice, ...]:
    first, rival = reading.items[0], reading.rival
    if rival is None:
        return (Choice(side),)
    if rival in reading.items:
        return Choice(side, reading.items.index(rival)), Choice(side, 0)
    likelier = (rival, first) if reading.shaped else (first, rival)
    return tuple(Choice(side, thing=thing) for thing in likelier)
