"""Words that name one product here and another there (谷子: paddy in the south, millet in the north)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from matching.lexicon import Lexicon, read_rows, split_words
from matching.spans import Span


@dataclass(frozen=True, slots=True)
class _Local:
    """What a word means in some provinces, or beside some signs anywhere."""

    concept: str
    provinces: frozenset[str]
    signs: tuple[str, ...]


@lru_cache(maxsize=1)
def _locals() -> dict[str, _Local]:
    return {
        word: _Local(concept, frozenset(provinces.split()), split_words(signs.strip("-")))
        for word, concept, provinces, signs in read_rows("regional.tsv")
    }


def settle(text: str, spans: list[Span], lexicon: Lexicon, province: str) -> list[Span]:
    """The spans with what such words mean in a province (its two-digit code, "" where unknown)."""
    return [_settled(text, span, lexicon, province) for span in spans]


def has_local(text: str, spans: list[Span]) -> bool:
    """Whether any such word is named: else nobody need know the province."""
    return any(text[span.start : span.end] in _locals() for span in spans)


def _settled(text: str, span: Span, lexicon: Lexicon, province: str) -> Span:
    local = _locals().get(text[span.start : span.end])
    if local is None or local.concept not in lexicon.concepts:
        return span
    rest = text[: span.start] + text[span.end :]
    if province in local.provinces or any(sign in rest for sign in local.signs):
        return replace(span, concept=local.concept)
    return span
