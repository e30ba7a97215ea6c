"""Cutting with jieba: a private Tokenizer that holds only our own words, so that the fewest, longest words win.

The only file that imports jieba.
"""

from __future__ import annotations

import logging
import math
import sys
import warnings
from collections.abc import Iterable

_tools = sys.modules.get("pkg_resources")
sys.modules["pkg_resources"] = None  # type: ignore[assignment]  # jieba does without, and a twelfth of a second sooner
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import jieba
if _tools is None:
    del sys.modules["pkg_resources"]
else:
    sys.modules["pkg_resources"] = _tools

jieba.setLogLevel(logging.WARNING)


_OFTEN = (0, 900, *(int(1000 * 2 ** (length**2 / 4)) for length in range(2, 9)))
"""How often a word of so many signs is said to occur."""


class Cutter:
    """A jieba Tokenizer over a list of words. The cut with the fewest words wins; between equals the one
    with the longest word does: 阳光玫瑰 and 苗, not 阳光 and 玫瑰苗."""

    def __init__(self, words: Iterable[str]) -> None:
        self._tokenizer = jieba.Tokenizer()
        frequency: dict[str, int] = {}
        for word in words:
            for end in range(len(word) - 1, 0, -1):
                if word[:end] in frequency:
                    break  # and with it all its own beginnings
                frequency[word[:end]] = 0 if end > 1 else 1
            frequency[word] = _OFTEN[min(len(word), 8)]
        total = math.log(max(1, sum(frequency.values())))
        # jieba asks only whether a word's number is 0: with the logarithms in its place one table serves both
        self._weights = {word: math.log(often) - total if often else 0.0 for word, often in frequency.items()}
        self._tokenizer.FREQ = self._weights
        self._tokenizer.initialized = True
        self._unknown = -total

    def cut(self, text: str) -> list[tuple[str, int, int]]:
        """The words of a text with their start and end."""
        if not text:
            return []
        ways, weights, unknown = self._tokenizer.get_DAG(text), self._weights, self._unknown
        best = [0.0] * (len(text) + 1)
        ends = [0] * len(text)
        for start in range(len(text) - 1, -1, -1):  # jieba's own rule, with the logarithms taken once
            if len(ways[start]) == 1:  # the usual case: nothing but the sign itself begins here
                end = ends[start] = ways[start][0] + 1
                best[start] = weights.get(text[start:end], unknown) + best[end]
                continue
            most = -math.inf
            for last in ways[start]:
                end = last + 1
                value = weights.get(text[start:end], unknown) + best[end]
                if value >= most:
                    most, ends[start] = value, end
            best[start] = most
        words: list[tuple[str, int, int]] = []
        start = 0
        while start < len(text):
            words.append((text[start : ends[start]], start, ends[start]))
            start = ends[start]
        return words
