"""What a message sounds like it wants, learnt from judged messages and knowing no rule: heard where the rules hold it for
unlikely. `./run bench opinion` learns its table anew; docs/matching.md tells how often it was right."""

from __future__ import annotations

import re
from functools import lru_cache

from matching.lexicon import Lexicon, read_rows
from matching.opinion import Opinion, signs_of
from matching.values import Reading

_GOODS, _PEST, _PLACE = "G", "P", "L"
_LIKELIER = 8.0
"""A wish so many times likelier than the one that the rules told takes its place: of 2,059 unseen messages 50 were put right
by it and 10 spoilt."""
_NEVER = frozenset({"confirm", "deny", "register"})
"""Wishes that are only what their own words say: nothing is agreed to by a likeness."""
_TRADES = frozenset({"sell", "buy"})
_FIGURES = re.compile("[0-9.一二两三四五六七八九十百千万半几]+")
_STOPS = re.compile("[,。;!、: ]+")
_UNSAID = re.compile(f"[{_GOODS}{_PEST}{_PLACE}9 ]*")
"""A message that names things and says nothing of them."""
_HEARD_WITHIN = 120


@lru_cache(maxsize=1)
def _default() -> Opinion:
    return Opinion(read_rows("wishes.tsv"))


def wish_signs(bare: str, reading: Reading, lexicon: Lexicon) -> set[str]:
    """What speaks for a wish: the signs of a message and its pairs of signs, goods, pests, places and figures masked; and what
    was read of them."""
    signs = signs_of(_shown(bare, reading, lexicon))
    signs |= {"P+" if reading.pest else "P-", f"N={min(6, int(len(bare) ** 0.5))}"}
    if not reading.items:
        return signs | {"I-"}
    first = reading.items[0]
    signs |= {"Q" if first.qty is not None else "Q-", "R" if first.unit_price is not None else "R-"}
    return signs | {"I", f"C={first.category}"}


def _shown(bare: str, reading: Reading, lexicon: Lexicon) -> str:
    shown = bare[:_HEARD_WITHIN]
    for item in reading.items:
        shown = shown.replace(item.text, _GOODS) if item.text else shown
    if reading.pest:
        known = lexicon.pests[reading.pest]
        for name in sorted((known.name, *known.synonyms), key=len, reverse=True):
            shown = shown.replace(name, _PEST)
    if reading.place_text:
        shown = shown.replace(reading.place_text, _PLACE)
    return _STOPS.sub(" ", _FIGURES.sub("9", shown))


def heed(
    intent: str, bare: str, reading: Reading, lexicon: Lexicon, *, opinion: Opinion | None = None
) -> str:
    """The wish that the rules told, or another that is many times likelier."""
    if _UNSAID.fullmatch(_shown(bare, reading, lexicon)):
        return intent
    shares = (opinion or _default()).wishes(wish_signs(bare, reading, lexicon))
    other = max(shares, key=shares.__getitem__)
    if other in _NEVER or (other in _TRADES and not reading.items):
        return intent
    return other if shares[other] > _LIKELIER * shares.get(intent, 0.0) else intent
