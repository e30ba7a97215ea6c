"""The village's wall sheet 村务公开栏: one A4 page, large letters, black on white. Words in, PDF out.

Everything is in the reader's language already. What there is no room for is left out, the last first: a sheet that is full
says where the rest is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from farmerline.render.paper import HEIGHT, INNER, LEFT, WIDTH, Paper, line_height

_TITLE, _HEAD, _WORDS, _SMALL = 26.0, 15.0, 12.5, 10.0
_CODE = 30.0
_FOOT = 46.0
_GAP = 2.5
_COLUMNS = 8.0


@dataclass(frozen=True, slots=True)
class Notice:
    """``head`` in bold, then ``text``; ``mark`` is what to key in or text for more."""

    head: str
    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with its notices; without any ``nothing`` stands there."""

    title: str
    notices: Sequence[Notice]
    nothing: str = ""


@dataclass(frozen=True, slots=True)
class WallSheet:
    """``parts`` from top to bottom over the whole width, then ``columns`` side by side. ``call`` and ``more`` stand beside the
    code of ``address``."""

    title: str
    day: str
    parts: Sequence[Part]
    columns: tuple[Part, Part]
    call: str
    more: str
    address: str
    language: str
    made_at: datetime


def to_pdf(sheet: WallSheet) -> bytes:
    """The page."""
    with Paper(title=sheet.title, language=sheet.language, made_at=sheet.made_at) as paper:
        paper.write(sheet.title, _TITLE, bold=True)
        paper.write(sheet.day, _WORDS)
        paper.rule(0.8)
        for part in sheet.parts:
            if part.notices or part.nothing:
                _write(paper, part, LEFT, INNER, HEIGHT - _FOOT)
        top, width = paper.y, (INNER - _COLUMNS) / 2
        ends = []
        for number, part in enumerate(sheet.columns):
            paper.y = top
            _write(paper, part, LEFT + number * (width + _COLUMNS), width, HEIGHT - _FOOT)
            ends.append(paper.y)
        _foot(paper, sheet)
        return paper.finish(sheet.title, sheet.day)


def _write(paper: Paper, part: Part, x: float, width: float, bottom: float) -> None:
    """As many notices as there is room for above ``bottom``."""
    if paper.y + _GAP + line_height(_HEAD) * 2 > bottom:
        return
    paper.y += _GAP
    paper.write(part.title, _HEAD, bold=True, x=x, width=width)
    paper.rule(0.3, x=x, width=width)
    paper.y += 1
    if not part.notices:
        paper.write(part.nothing, _WORDS, x=x, width=width)
    for notice in part.notices:
        if paper.y + _height(paper, notice, width) > bottom:
            return
        paper.write(notice.head, _WORDS, bold=True, x=x, width=width)
        if notice.text:
            paper.write(notice.text, _WORDS, x=x, width=width)
        if notice.mark:
            paper.write(notice.mark, _SMALL, x=x, width=width)
        paper.y += _GAP


def _height(paper: Paper, notice: Notice, width: float) -> float:
    said = ((notice.head, _WORDS, True), (notice.text, _WORDS, False), (notice.mark, _SMALL, False))
    return sum(
        len(paper.break_lines(text, width, size, bold=bold)) * line_height(size)
        for text, size, bold in said
        if text
    )


def _foot(paper: Paper, sheet: WallSheet) -> None:
    paper.y = HEIGHT - _FOOT + 2
    paper.rule(0.8)
    paper.code(sheet.address, WIDTH - LEFT - _CODE, paper.y + 1, _CODE)
    paper.y += 3
    width = INNER - _CODE - _COLUMNS
    paper.write(sheet.call, _HEAD, bold=True, width=width)
    paper.write(sheet.more, _WORDS, width=width)
