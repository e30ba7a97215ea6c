"""Words of the reports that pages and the command line share."""

from __future__ import annotations

from farmerline.domain import lots
from farmerline.web.format import quantity
from farmerline.words import say

REASONS = {
    "price": "the price",
    "quality": "the quality",
    "not_reached": "nobody reached",
    "gone": "sold or bought elsewhere",
    "other": "other reasons",
    "": "no reason said",
}
_TONNE = 1_000.0  # kg


def small_limits(language: str) -> str:
    """The limits of a small lot in a line: 5吨, 5000株, 其他500."""
    named = [
        quantity(language, most / _TONNE, "吨") if unit == "kg" else quantity(language, most, unit)
        for unit, most in lots.SMALL_LOT.items()
    ]
    other = say(language, "{n} of anything else", n=f"{lots.SMALL_OTHERWISE:g}")
    return ("、" if language == "zh" else ", ").join([*named, other])
