"""A report as a ledger on A4: a head, a fact, figures, and sections of facts, quotations and tables. Words in, PDF out.

Everything is in the reader's language already. Nothing needs colour: shape and word say it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch

from farmerline.render.paper import BODY, INNER, LEFT, SMALL, WIDTH, Paper, line_height

_LABEL = 40.0
_GAP = 1.2
_CELL = 2.0
_HAIR = 190
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of a word and what there is to say about it; a pair without anything to say is left out."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Quote:
    """Words exactly as they went out, under what they are."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers side by side, each over its word."""

    cells: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence in small letters."""

    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head and its share of the width; figures stand at its right end."""

    head: str
    share: float
    figures: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head that stands on every page. A row of one cell heads a group; ``total`` closes the table."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] = ()


Block = Facts | Quote | Figures | Note | Table


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Report:
    """``issuer`` and ``made`` stand over the head, ``level`` (a word, or none) with ``squares`` of four filled before ``title``.

    ``fact`` is the report in one sentence. ``foot`` stands under each page with ``page_words``, which names
    ``{page}`` and ``{pages}``. ``made_at`` is the file's date.
    """

    language: str
    issuer: str
    made: str
    level: str
    squares: int
    title: str
    subtitle: str
    fact: str
    figures: Figures
    sections: Sequence[Section]
    foot: str
    page_words: str
    made_at: datetime


def to_pdf(report: Report) -> bytes:
    """The report as a PDF file."""
    title = f"{report.level} {report.title}".strip()
    with Paper(title=title, language=report.language, made_at=report.made_at) as paper:
        _write_head(paper, report)
        for section in report.sections:
            _write_section(paper, section)
        return paper.finish(report.foot, report.page_words)


def _write_section(paper: Paper, section: Section) -> None:
    paper.y += 5
    paper.need(line_height(12) + 16)
    paper.rule(0.8)
    paper.y += 1.5
    paper.write(section.title, 12, bold=True)
    paper.y += 0.8
    for block in section.blocks:
        _write(block, paper)


def _write_head(paper: Paper, report: Report) -> None:
    paper.put(LEFT, report.issuer, SMALL, bold=True)
    paper.put(WIDTH - LEFT, report.made, SMALL, right=True)
    paper.y += line_height(SMALL) + 1
    paper.rule(1.1)
    paper.y += 3
    if report.level:
        squares = "■" * report.squares + "□" * (4 - report.squares)
        paper.write(f"{report.level} {squares}", 12, bold=True)
    paper.write(report.title, 20, bold=True)
    paper.write(report.subtitle, BODY)
    paper.y += 2
    paper.write(report.fact, 12, bold=True)
    paper.y += 2
    _write(report.figures, paper)


@singledispatch
def _write(block: Block, paper: Paper) -> None:
    raise NotImplementedError


@_write.register
def _(block: Facts, paper: Paper) -> None:
    for label, said in block.rows:
        if said:
            _write_fact(paper, label, said)


def _write_fact(paper: Paper, label: str, said: str) -> None:
    labels = paper.break_lines(label, _LABEL - _CELL, SMALL)
    lines = paper.break_lines(said, INNER - _LABEL)
    for place in range(max(len(labels), len(lines))):
        turned = paper.need(line_height(BODY))
        if place < len(labels) and not turned:
            paper.put(LEFT, labels[place], SMALL, beside=BODY)
        if place < len(lines):
            paper.put(LEFT + _LABEL, lines[place])
        paper.y += line_height(BODY)
    paper.y += _GAP / 2
    paper.rule(0.15, grey=_HAIR)
    paper.y += _GAP / 2


@_write.register
def _(block: Quote, paper: Paper) -> None:
    paper.need(line_height(SMALL) + 2 * line_height(BODY))
    paper.write(block.label, SMALL)
    for line in paper.break_lines(block.text, INNER - 5):
        paper.need(line_height(BODY))
        paper.bar(LEFT + 1, paper.y, paper.y + line_height(BODY))
        paper.put(LEFT + 5, line)
        paper.y += line_height(BODY)
    paper.y += _GAP * 1.5


@_write.register
def _(block: Figures, paper: Paper) -> None:
    width = INNER / len(block.cells)
    deepest = max(len(paper.break_lines(label, width - _CELL, SMALL)) for _, label in block.cells)
    paper.need(line_height(18) + deepest * line_height(SMALL))
    top = paper.y
    for place, (figure, label) in enumerate(block.cells):
        paper.y = top
        paper.put(LEFT + place * width, figure, 18, bold=True)
        paper.y += line_height(18)
        for line in paper.break_lines(label, width - _CELL, SMALL):
            paper.put(LEFT + place * width, line, SMALL)
            paper.y += line_height(SMALL)
    paper.y = top + line_height(18) + deepest * line_height(SMALL)


@_write.register
def _(block: Note, paper: Paper) -> None:
    paper.write(block.text, SMALL)
    paper.y += _GAP


@_write.register
def _(block: Table, paper: Paper) -> None:
    sheet = _Sheet(paper, block.columns)
    sheet.head()
    for row in block.rows:
        if len(row) == 1:
            sheet.group(row[0])
        else:
            sheet.row(row)
    if block.total:
        paper.y += 0.3
        paper.rule(0.5)
        sheet.row(block.total, bold=True)


class _Sheet:
    """A table on its way down the pages."""

    def __init__(self, paper: Paper, columns: Sequence[Column]) -> None:
        self.paper = paper
        self.columns = columns
        whole = sum(column.share for column in columns)
        self.widths = [INNER * column.share / whole for column in columns]

    def head(self) -> None:
        cells = self._broken([column.head for column in self.columns], SMALL, bold=True)
        height = max(map(len, cells)) * line_height(SMALL)
        self.paper.need(height + 2 * line_height(BODY))
        self._put(cells, SMALL, bold=True)
        self.paper.rule(0.5)
        self.paper.y += 0.4

    def group(self, title: str) -> None:
        """A group's title is not left alone at a page's end."""
        if self.paper.need(3 * line_height(BODY) + 3):
            self.head()
        self.paper.y += 1.2
        self.paper.write(title, BODY, bold=True)
        self.paper.rule(0.15, grey=_HAIR)

    def row(self, texts: Sequence[str], *, bold: bool = False) -> None:
        cells = self._broken(texts, BODY, bold=bold)
        if self.paper.need(max(map(len, cells)) * line_height(BODY) + 1):
            self.head()
        self._put(cells, BODY, bold=bold)
        self.paper.rule(0.15, grey=_HAIR)

    def _broken(self, texts: Sequence[str], size: float, *, bold: bool) -> list[list[str]]:
        return [
            _cut(self.paper.break_lines(text, width - _CELL, size, bold=bold))
            for text, width in zip(texts, self.widths, strict=True)
        ]

    def _put(self, cells: Sequence[Sequence[str]], size: float, *, bold: bool) -> None:
        top, step = self.paper.y + 0.4, line_height(size)
        x = LEFT
        for column, width, lines in zip(self.columns, self.widths, cells, strict=True):
            at = x + width - _CELL if column.figures else x
            for place, line in enumerate(lines):
                self.paper.y = top + place * step
                self.paper.put(at, line, size, bold=bold, right=column.figures)
            x += width
        self.paper.y = top + max(map(len, cells)) * step + 0.4


def _cut(lines: list[str]) -> list[str]:
    """A cell's lines, no more than fit on a page."""
    return lines if len(lines) <= _DEEPEST else [*lines[: _DEEPEST - 1], "…"]
