"""Where the day stands in the farm year: the 24 solar terms, and the one sentence that callers hear in each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from lunar_python import Solar

TERMS: dict[str, str] = {
    "立春": "Start of Spring",
    "雨水": "Rain Water",
    "惊蛰": "Waking of Insects",
    "春分": "Spring Equinox",
    "清明": "Clear and Bright",
    "谷雨": "Grain Rain",
    "立夏": "Start of Summer",
    "小满": "Grain Buds",
    "芒种": "Grain in Ear",
    "夏至": "Summer Solstice",
    "小暑": "Slight Heat",
    "大暑": "Great Heat",
    "立秋": "Start of Autumn",
    "处暑": "End of Heat",
    "白露": "White Dew",
    "秋分": "Autumn Equinox",
    "寒露": "Cold Dew",
    "霜降": "Frost Falls",
    "立冬": "Start of Winter",
    "小雪": "Slight Snow",
    "大雪": "Great Snow",
    "冬至": "Winter Solstice",
    "小寒": "Slight Cold",
    "大寒": "Great Cold",
}
_ORDER = tuple(TERMS)
_SENTENCES = Path(__file__).parent.parent / "data" / "seasons.tsv"


@dataclass(frozen=True, slots=True)
class FarmYear:
    """A day's place in the year: ``past`` terms are over (0 to 23), today is ``day`` (from 1) of ``term``.

    ``term`` is the English sentence of the term's name, for ``say``.
    """

    past: int
    term: str
    day: int

    @property
    def left(self) -> int:
        """How many terms are still to come."""
        return len(TERMS) - 1 - self.past


@lru_cache(maxsize=64)
def farm_year(today: date) -> FarmYear:
    """The place of a day, as the calendar in China has it (1900 to 2100)."""
    term = Solar.fromYmd(today.year, today.month, today.day).getLunar().getPrevJieQi(True)
    start = term.getSolar()
    day = (today - date(start.getYear(), start.getMonth(), start.getDay())).days + 1
    name = str(term.getName())
    return FarmYear(past=_ORDER.index(name), term=TERMS[name], day=day)


def sentence(today: date, language: str) -> str:
    """The season's one sentence of farm advice."""
    chinese, english = sentences()[farm_year(today).term]
    return chinese if language == "zh" else english


@cache
def sentences() -> dict[str, tuple[str, str]]:
    """Chinese and English by the term's English name."""
    rows = (
        line.split("\t") for line in _SENTENCES.read_text("utf-8").splitlines() if line[:1] not in ("", "#")
    )
    return {TERMS[term]: (chinese, english) for term, chinese, english in rows}
