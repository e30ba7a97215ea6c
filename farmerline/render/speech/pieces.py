"""Long texts in pieces that a voice takes at once."""

from __future__ import annotations

import re

_SENTENCE_END = re.compile(r"[。！？!?；;\n]|(?<=[^\d])[.](?=\s)")
_PAUSE = re.compile(r"[，,、：: ]")


def cut(text: str, limit: int) -> list[str]:
    """The text in pieces of at most ``limit`` signs, cut where a sentence ends, else at a pause, else hard."""
    rest = text.strip()
    pieces = []
    while len(rest) > limit:
        at = _last_end(_SENTENCE_END, rest, limit) or _last_end(_PAUSE, rest, limit) or limit
        pieces.append(rest[:at].strip())
        rest = rest[at:].strip()
    return [piece for piece in [*pieces, rest] if piece]


def _last_end(pattern: re.Pattern[str], text: str, limit: int) -> int:
    ends = [found.end() for found in pattern.finditer(text, 0, limit) if found.end() >= limit // 3]
    return ends[-1] if ends else 0
