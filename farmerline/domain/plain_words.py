"""Plain words: what a farmer may stumble over in a text, before it is issued.

Long sentences, signs outside the 3,755 most used ones of GB/T 2312 level 1, terms of the trade that have a plain word, units and
dates that people do not say. Only a brand refuses a text; all else is a hint.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

LONGEST = 30
"""Signs of a sentence that is still heard to its end: eight seconds of speech."""
_GLOSSARY = Path(__file__).parent.parent / "data" / "glossary.tsv"
_SENTENCE = re.compile(r"[^。！？!?;；\n]+")
_BRAND = re.compile(r"[一-鿿A-Za-z]{1,6}牌(?![子匾照坊])|[®™]|商品名|注册商标")
_NUMBER_OF = re.compile(r"[号名招挂门品车]牌$|^(?:大|金|银|铜|路|标|打|摊|洗|出)牌$")
_UNITS = {
    "公顷": "亩",
    "hm2": "亩",
    "hm²": "亩",
    "667m2": "亩",
    "667平方米": "亩",
    "mg/kg": "一公斤里几毫克",
    "g/亩": "克一亩",
    "ml": "毫升",
    "ppm": "百万分之几",
    "℃": "度",
    "mm": "毫米",
}
_DATE = re.compile(r"20\d\d[./-]\d{1,2}[./-]\d{1,2}|(?<![\d.])\d{1,2}/\d{1,2}(?![\d/])")
_FIRST_RARE = b"\xd8\xa1"


class Stumble(StrEnum):
    """What kind of thing one stumbles over."""

    LONG = "long"
    RARE = "rare"
    TERM = "term"
    UNIT = "unit"
    DATE = "date"
    BRAND = "brand"


@dataclass(frozen=True, slots=True)
class Finding:
    """One place: the words, and what to say instead ("" where nothing is proposed)."""

    kind: Stumble
    words: str
    better: str = ""


@dataclass(frozen=True, slots=True)
class Plainness:
    """How a text reads: ``level`` 1 (anybody) to 3 (hard), signs a sentence on average, and what one stumbles over."""

    level: int
    average: float
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> tuple[Finding, ...]:
        """What must be taken out before the text is issued."""
        return tuple(found for found in self.findings if found.kind is Stumble.BRAND)


def examine(text: str, known: Container[str] = frozenset()) -> Plainness:
    """Look a text over; ``known`` holds names that farmers use themselves, whatever their signs (稗, 蚜)."""
    sentences = [found[0].strip() for found in _SENTENCE.finditer(text) if found[0].strip()]
    average = sum(map(len, sentences)) / len(sentences) if sentences else 0.0
    findings = (
        *(Finding(Stumble.LONG, one) for one in sentences if len(one) > LONGEST),
        *(Finding(Stumble.TERM, term, plain) for term, plain in _glossary().items() if term in text),
        *(Finding(Stumble.UNIT, unit, plain) for unit, plain in _UNITS.items() if unit in text),
        *(Finding(Stumble.DATE, found[0]) for found in _DATE.finditer(text)),
        *(Finding(Stumble.RARE, sign) for sign in dict.fromkeys(text) if _is_rare(sign) and sign not in known),
        *(Finding(Stumble.BRAND, found[0]) for found in _BRAND.finditer(text) if not _NUMBER_OF.search(found[0])),
    )  # fmt: skip
    hard = sum(found.kind in {Stumble.RARE, Stumble.TERM, Stumble.UNIT} for found in findings)
    level = 1 + (average > 20) + (average > LONGEST or hard > 3)
    return Plainness(level, round(average, 1), findings)


def _is_rare(sign: str) -> bool:
    if not "一" <= sign <= "鿿":
        return False
    try:
        return sign.encode("gb2312") >= _FIRST_RARE
    except UnicodeEncodeError:
        return True


@cache
def _glossary() -> dict[str, str]:
    lines = _GLOSSARY.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if line and not line.startswith("#"))
