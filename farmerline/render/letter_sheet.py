"""The handling record of a letter to the bureau as one sheet of A4. Words in the reader's language in, PDF out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from farmerline.render.paper import BODY, INNER, LEFT, SMALL, Paper, line_height

_LABEL = 34.0


@dataclass(frozen=True, slots=True)
class LetterSheet:
    """``facts`` are pairs of a word and what there is to say, ``steps`` moments and what was done; ``said`` and ``answer`` are
    pairs of a head and the words. ``signs`` are the words beside lines for a hand's name."""

    language: str
    issuer: str
    title: str
    facts: Sequence[tuple[str, str]]
    said: tuple[str, str]
    answer: tuple[str, str]
    steps_head: str
    steps: Sequence[tuple[str, str]]
    signs: Sequence[str]
    foot: str
    page_words: str
    made_at: datetime


def to_pdf(sheet: LetterSheet) -> bytes:
    """The sheet as a PDF file."""
    with Paper(title=sheet.title, language=sheet.language, made_at=sheet.made_at) as paper:
        paper.write(sheet.issuer, SMALL)
        paper.write(sheet.title, 16, bold=True)
        paper.y += 2
        paper.rule(0.8)
        paper.y += 2
        _pairs(paper, sheet.facts)
        for head, words in (sheet.said, sheet.answer):
            _section(paper, head)
            for line in words.splitlines() or [""]:
                paper.write(line, BODY)
        _section(paper, sheet.steps_head)
        _pairs(paper, sheet.steps)
        paper.y += 8
        paper.need(line_height(BODY) * 2)
        for place, words in enumerate(sheet.signs):
            paper.put(LEFT + place * INNER / max(len(sheet.signs), 1), f"{words} ____________", BODY)
        return paper.finish(sheet.foot, sheet.page_words)


def _section(paper: Paper, head: str) -> None:
    paper.y += 4
    paper.need(line_height(12) + 10)
    paper.rule(0.4)
    paper.y += 1.5
    paper.write(head, 12, bold=True)


def _pairs(paper: Paper, pairs: Sequence[tuple[str, str]]) -> None:
    for word, said in pairs:
        if said:
            paper.need(line_height(BODY))
            paper.put(LEFT, word, BODY)
            paper.write(said, BODY, bold=True, x=LEFT + _LABEL, width=INNER - _LABEL)
