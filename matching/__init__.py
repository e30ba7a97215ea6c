"""Reads what people write about goods and answers what fits: a pure library without database, web or clock.

`read` and `understand` use the shipped vocabulary and gazetteer; `Matcher` takes others.
"""

from __future__ import annotations

import re

from matching.doubts import SURE, Choice, choices, is_doubtful, is_guessed
from matching.explain import explain, explain_briefly
from matching.intent import printed_intent
from matching.intent import understand as _understand
from matching.lexicon import Concept, Lexicon, Pest, Sense
from matching.normalize import clean
from matching.place import Gazetteer
from matching.reading import Matcher
from matching.replies import amount_only
from matching.score import THRESHOLD, key, keys, price_gap, rank, score
from matching.slots import slots_json
from matching.symptoms import PARTS, Symptoms, read_symptoms
from matching.values import INTENTS, Item, Offer, Place, Reading, Score, Understood

__all__ = [
    "INTENTS", "PARTS", "SURE", "THRESHOLD", "Choice", "Concept", "Gazetteer", "Item", "Lexicon", "Matcher", "Offer", "Pest", "Place", "Reading", "Score", "Sense",
    "Symptoms", "Understood", "choices", "explain", "explain_briefly", "is_doubtful", "is_guessed", "key", "keys", "price_gap", "printed_intent", "rank", "read", "read_amount", "read_symptoms", "score",
    "slots_json", "understand",
]  # fmt: skip


def read(text: str, *, area: Place | None = None) -> Reading:
    """What a text offers or asks for, by the shipped vocabulary; see `Matcher.read`."""
    return Matcher.default().read(text, area=area)


def understand(
    text: str, open_kinds: frozenset[str] = frozenset(), *, matcher: Matcher | None = None
) -> Understood:
    """What a message wants: intent and slots; see `matching.intent.understand`."""
    return _understand(text, open_kinds, matcher=matcher)


def read_amount(text: str) -> Item | None:
    """A quantity or a price said alone, as in a correction (3000斤, 2块5): an item without a concept, or None."""
    return amount_only(re.split(r"(?:不是|不对|错了).*?(?:是|要|改成|改为)", clean(text))[-1])
