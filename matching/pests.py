"""Sightings: pests and diseases by name, and the crop or animal they are on."""

from __future__ import annotations

from matching.extract import Span
from matching.lexicon import Lexicon


def find_pest(text: str, spans: list[Span], lexicon: Lexicon) -> tuple[str, str]:
    """The pest named (longest name first) and the crop spoken of; each empty where none is."""
    named = max((word for word in lexicon.pest_words if word in text), key=len, default="")
    pest = lexicon.pest_words.get(named, "")
    crop = spans[0].concept if spans else ""
    if pest and not crop:
        crops = lexicon.pests[pest].crops
        crop = crops[0] if len(crops) == 1 else ""
    return pest, crop
