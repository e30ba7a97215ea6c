"""Reads what people write about goods and answers what fits: a pure library without database, web or clock.

`read` and `understand` use the shipped vocabulary and gazetteer; `Matcher` takes others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from matching.doubts import SURE, Choice, choices, is_doubtful, is_guessed, is_unsaid
from matching.explain import explain, explain_briefly
from matching.heads import is_general, members_of
from matching.lexicon import Concept, Lexicon, Pest, Sense
from matching.place import Gazetteer
from matching.reading import Matcher
from matching.score import THRESHOLD, key, keys, price_gap, rank, score
from matching.values import INTENTS, Item, Offer, Place, Reading, Score, Understood

if TYPE_CHECKING:
    from matching.acts import part_told
    from matching.intent import printed_intent, understand
    from matching.replies import read_amount
    from matching.slots import slots_json
    from matching.symptoms import PARTS, Symptoms, read_symptoms

__all__ = [
    "INTENTS", "PARTS", "SURE", "THRESHOLD", "Choice", "Concept", "Gazetteer", "Item", "Lexicon", "Matcher", "Offer", "Pest", "Place", "Reading", "Score", "Sense",
    "Symptoms", "Understood", "choices", "explain", "explain_briefly", "is_doubtful", "is_general", "is_guessed", "is_unsaid", "key", "keys", "members_of", "part_told", "price_gap", "printed_intent", "rank", "read", "read_amount", "read_symptoms", "score",
    "slots_json", "understand",
]  # fmt: skip

_LATER = {
    "printed_intent": "matching.intent",
    "understand": "matching.intent",
    "part_told": "matching.acts",
    "read_amount": "matching.replies",
    "slots_json": "matching.slots",
    "PARTS": "matching.symptoms",
    "Symptoms": "matching.symptoms",
    "read_symptoms": "matching.symptoms",
}
"""What only messages need, loaded when it is first asked for: its patterns take a fifth of all the loading."""


def read(text: str, *, area: Place | None = None) -> Reading:
    """What a text offers or asks for, by the shipped vocabulary; see `Matcher.read`."""
    return Matcher.default().read(text, area=area)


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_LATER[name]), name)
    return found
