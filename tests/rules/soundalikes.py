"""Everyday words of two signs that sound like a product and must not be mended: python -m tests.rules.soundalikes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import jieba

import matching
from matching.lexicon import Lexicon, read_rows

_TARGET = Path(matching.__file__).parent / "data" / "soundalikes.tsv"
_FREQUENT = 5
_HEAD = """# Everyday words of two signs that sound like a product and are none: not mended. Source: jieba 0.42.1, dict.txt (MIT).
# Those that occur there {frequent} times or more; made by tests/rules/soundalikes.py.
"""


def everyday() -> dict[str, int]:
    """The words of the general dictionary, with how often they occur."""
    path = Path(jieba.__file__).parent / "dict.txt"
    rows = (line.split(" ") for line in path.read_text(encoding="utf-8").splitlines())
    return {row[0]: int(row[1]) for row in rows}


def soundalikes(lexicon: Lexicon) -> Iterator[str]:
    """Each everyday word that differs from a product's name of two signs by one sign of the same sound."""
    sounds = {sign: row[0] for row in read_rows("pinyin.tsv") for sign in row[1]}
    signs: dict[str, list[str]] = defaultdict(list)
    for sign, sound in sounds.items():
        signs[sound].append(sign)
    known = everyday()
    for word in lexicon.senses:
        if len(word) != 2 or not all(sign in sounds for sign in word):
            continue
        for other in {first + word[1] for first in signs[sounds[word[0]]]} | {
            word[0] + last for last in signs[sounds[word[1]]]
        }:
            if other not in lexicon.senses and known.get(other, 0) >= _FREQUENT:
                yield other


def main() -> None:
    words = sorted(set(soundalikes(Lexicon.default())))
    _TARGET.write_text(_HEAD.format(frequent=_FREQUENT) + "\n".join(words) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
