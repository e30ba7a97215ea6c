"""A deal's slip, twice on one sheet of A4: one half for each side. Words in the reader's language in, PDF out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from farmerline.render.paper import BODY, HEIGHT, INNER, LEFT, SMALL, TOP, WIDTH, Paper, line_height

_HALF = HEIGHT / 2
_LABEL = 28.0
_HEAD = 18.0


@dataclass(frozen=True, slots=True)
class DealSlip:
    """``facts`` are pairs of a word and what there is to say; ``copies`` say whose half it is; ``notes`` stand small below;
    ``signs`` are the words beside lines for a hand's name."""

    language: str
    issuer: str
    title: str
    facts: Sequence[tuple[str, str]]
    copies: tuple[str, str]
    notes: Sequence[str]
    signs: Sequence[str]
    foot: str
    made_at: datetime


def to_pdf(slip: DealSlip) -> bytes:
    """The sheet as a PDF file."""
    with Paper(title=slip.title, language=slip.language, made_at=slip.made_at) as paper:
        for place, copy in enumerate(slip.copies):
            paper.y = TOP + place * (_HALF - 4)
            _half(paper, slip, copy)
        paper.y = _HALF - 2
        paper.rule(0.2, x=0, width=WIDTH, grey=130)
        return paper.finish(slip.foot, "")


def _half(paper: Paper, slip: DealSlip, copy: str) -> None:
    paper.put(LEFT + INNER, copy, SMALL, right=True)
    paper.write(slip.issuer, SMALL)
    paper.write(slip.title, _HEAD, bold=True)
    paper.y += 1.5
    paper.rule(0.8)
    paper.y += 2
    for word, said in slip.facts:
        if said:
            paper.put(LEFT, word, BODY)
            paper.write(said, BODY + 1, bold=True, x=LEFT + _LABEL, width=INNER - _LABEL)
            paper.y += 0.8
    paper.y += 1
    for note in slip.notes:
        paper.write(note, SMALL)
    paper.y += 7
    for place, words in enumerate(slip.signs):
        paper.put(LEFT + place * INNER / max(len(slip.signs), 1), f"{words} ______________", BODY)
    paper.y += line_height(BODY)
