"""A list of the board on one A4 page, for the wall of a village: big letters, post numbers instead of telephones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import ceil

from flask import render_template
from markupsafe import Markup

from farmerline.clock import local
from farmerline.domain import Session
from farmerline.queries import board
from farmerline.queries.board import BoardRow, Kind
from farmerline.queries.board_filters import Sort
from farmerline.render.code import draw_code
from farmerline.web.doors import allow, now, reading, settings
from farmerline.web.farmer.shown import tile
from farmerline.web.language import _, current_language
from farmerline.web.public.asked import Asked
from farmerline.web.public.board import ask, conditions_of, heading, understood

_SIDES = ("offer", "want")
_MOST = 12
_ROOM, _OTHER_ROOM, _HEAD = 124.0, 28.0, 13.0
"""Millimetres of the page for the lines of the two columns; for those of other kinds below them, and for their heading."""
_SIGNS = {"zh": (15.0, 18.5), "en": (13.5, 15.0)}
"""Chinese signs in a line of a column, of a title and below it; the English tile is wider."""
_TITLE_LINE, _SMALL_LINE, _GAP = 6.8, 6.0, 3.0
_LONGEST = 26


@dataclass(frozen=True, slots=True)
class Line:
    """A post on the sheet; ``title`` fits two lines."""

    side: str
    tile: str
    title: str
    price: str
    place: str
    number: int

    def height(self, language: str) -> float:
        """Millimetres that it takes in a column."""
        signs, small_signs = _SIGNS[language]
        below = _width(f"{self.number}{self.price}{self.place}") + 4
        lines = ceil(_width(self.title) / signs) * _TITLE_LINE + ceil(below / small_signs) * _SMALL_LINE
        return lines + _GAP


@allow("public")
def show() -> str:
    """The sheet of what an address asks for, as the board does."""
    language = current_language()
    with reading() as rows:
        kinds = board.kinds(rows)
        asked = understood(rows, ask(rows, kinds))
        others = _fitting(_lines(rows, asked, kinds, ""), _OTHER_ROOM, language)
        room = _ROOM - _OTHER_ROOM - _HEAD if others else _ROOM
        columns = [_fitting(_lines(rows, asked, kinds, side), room, language) for side in _SIDES]
        conditions = [words for _names, words in conditions_of(rows, asked, kinds, (), language)]
    return render_template(
        "public/wall.html",
        heading=" · ".join(conditions) or heading(asked, ()),
        today=local(now()),
        columns=[column for column in columns if column],
        others=others,
        board_href=asked.address(),
        code=Markup(draw_code(settings().public_url + asked.address())),  # noqa: S704 - drawn here
        strips=range(12),
    )


def _lines(rows: Session, asked: Asked, kinds: Sequence[Kind], side: str) -> list[Line]:
    """The newest posts of a side, more than a column holds."""
    codes = [
        kind.code for kind in kinds if kind.side == side and (not asked.kinds or kind.code in asked.kinds)
    ]
    if not codes:
        return []
    wanted = replace(asked.wanted, kinds=tuple(codes), sort=Sort.NEWEST, page=1)
    found = board.newest(rows, wanted, most=_MOST, now=now())
    return [_line(row, kinds) for row in found]


def _line(row: BoardRow, kinds: Sequence[Kind]) -> Line:
    side, sign = tile(row.kind, kinds)
    title = row.title if len(row.title) <= _LONGEST else row.title[: _LONGEST - 1] + "…"
    return Line(side, sign, title, row.price or (_("price to agree") if side else ""), row.place, row.number)


def _fitting(lines: Sequence[Line], room: float, language: str) -> list[Line]:
    """As many of the first as there is room for."""
    used = list(accumulate(line.height(language) for line in lines))
    return [line for line, end in zip(lines, used, strict=True) if end <= room]


def _width(text: str) -> float:
    """How many Chinese signs the text is wide."""
    return sum(0.6 if sign.isascii() else 1.0 for sign in text)
