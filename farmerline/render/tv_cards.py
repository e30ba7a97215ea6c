"""The pictures of the week's programme: one card is 1280 by 720, large letters on white, the rundown as a line at its foot."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from farmerline.render import map_frame
from farmerline.render.lines import wrap
from farmerline.render.map_frame import Chart
from farmerline.render.map_shapes import Point

if TYPE_CHECKING:
    from farmerline.render.tv import Programme, Shown

WIDTH, HEIGHT = 1280, 720
ROWS = 6
"""Rows of a table on one card, without its head."""
_LEFT, _TOP = 72, 60
_BODY, _TITLE, _LABEL, _FOOT = 50, 58, 32, 28
_LINE = 1.45
_BODY_TOP, _BODY_FOOT = 250, 590
_PICTURE = (400, 300)
_CHART, _MAP = (72.0, 240.0, 812.0, 596.0), (28, 22, 16)
"""Where the map stands, and the sizes of its names: the largest that fits."""
_INK, _SOFT, _LEAF, _GREY, _WHITE, _MIST = "#16211a", "#47544b", "#17603a", "#7d8b80", "#ffffff", "#f1f5ee"
_COLOURS = {
    "red": ("#c4141b", _WHITE),
    "orange": ("#f58a00", _INK),
    "yellow": ("#ffd61f", _INK),
    "blue": ("#1450b4", _WHITE),
}
"""An alert's colours, and the letters that can be read on them."""
_FONTS = Path(__file__).with_name("fonts")


def fits(text: str, *, picture: bool = False) -> bool:
    """Whether these words can stand on one card."""
    return len(_lines(text, _BODY, _width(picture))) * _BODY * _LINE <= _BODY_FOOT - _BODY_TOP


def draw(programme: Programme, card: Shown) -> Image.Image:
    """The card as it is shown."""
    sheet = Image.new("RGB", (WIDTH, HEIGHT), _WHITE)
    pen = ImageDraw.Draw(sheet)
    part = card.part
    if part.kind in ("title", "credits"):
        _draw_front(pen, programme, card)
    else:
        _draw_head(pen, card)
        if part.picture is not None:
            _paste(sheet, part.picture)
        if card.rows:
            _draw_table(pen, card)
        elif part.chart is not None:
            _draw_map(pen, part.chart, part.legend)
        else:
            _write(pen, "".join(card.sentences), _BODY, _LEFT, _BODY_TOP, _width(part.picture is not None))
        foot = "   ".join(said for said in (part.source, part.until, part.more) if said)
        _write(pen, foot, _FOOT, _LEFT, 604, WIDTH - 2 * _LEFT, colour=_SOFT, most=1)
    _draw_line(pen, programme, card.number)
    return sheet


def _draw_front(pen: ImageDraw.ImageDraw, programme: Programme, card: Shown) -> None:
    """The first card and the last: whose programme it is, and the number to ring."""
    pen.rectangle((0, 0, WIDTH, 16), fill=_LEAF)
    y = _write(pen, card.part.title, 84, _LEFT, 120, WIDTH - 2 * _LEFT, bold=True, most=2)
    words = programme.day if card.part.kind == "title" else "".join(card.sentences)
    y = _write(pen, words, 44, _LEFT, y + 16, WIDTH - 2 * _LEFT, colour=_SOFT, most=4)
    _write(pen, programme.service, 40, _LEFT, 500, 700, bold=True, colour=_LEAF, most=1)
    _write(pen, card.part.more, 40, _LEFT, 560, WIDTH - 2 * _LEFT, most=1)


def _draw_head(pen: ImageDraw.ImageDraw, card: Shown) -> None:
    part, x = card.part, float(_LEFT)
    if part.colour in _COLOURS:
        ground, letters = _COLOURS[part.colour]
        pen.rectangle((0, 0, WIDTH, 28), fill=ground, outline=_INK)
        wide = _font(_LABEL, bold=True, text=part.label).getlength(part.label)
        pen.rectangle((x, _TOP, x + wide + 40 + 4 * 34, _TOP + 56), fill=ground, outline=_INK, width=3)
        _write(pen, part.label, _LABEL, x + 18, _TOP + 3, wide + 4, bold=True, colour=letters)
        for square in range(4):
            left = x + wide + 34 + square * 32
            fill = letters if square < part.level else None
            pen.rectangle((left, _TOP + 18, left + 22, _TOP + 40), fill=fill, outline=letters, width=3)
    else:
        pen.rectangle((0, 0, WIDTH, 12), fill=_LEAF)
        _write(pen, part.label, _LABEL, x, _TOP + 3, WIDTH - 2 * _LEFT, bold=True, colour=_LEAF)
    _write(pen, part.title, _TITLE, x, 130, WIDTH - 2 * _LEFT, bold=True, most=1)
    pen.line((x, 226, WIDTH - _LEFT, 226), fill=_INK, width=4)


def _draw_table(pen: ImageDraw.ImageDraw, card: Shown) -> None:
    columns = max(len(row) for row in card.rows)
    step = (WIDTH - 2 * _LEFT) / columns
    for down, row in enumerate(card.rows):
        y = _BODY_TOP - 8 + down * 50
        for across, said in enumerate(row):
            _write(pen, said, 34, _LEFT + across * step, y, step - 12, bold=down == 0, most=1)
        pen.line((_LEFT, y + 50, WIDTH - _LEFT, y + 50), fill=_GREY, width=3 if down == 0 else 1)


def _draw_map(pen: ImageDraw.ImageDraw, chart: Chart, legend: Sequence[tuple[str, int, str]]) -> None:
    """The county at the left, what its colours mean at the right."""

    def write(name: str, middle: Point, width: float) -> None:
        size = next(
            (one for one in _MAP if _font(one, bold=True, text=name).getlength(name) <= width), _MAP[-1]
        )
        font = _font(size, bold=True, text=name)
        pen.text(middle, name, anchor="mm", fill=_INK, font=font, stroke_width=4, stroke_fill=_WHITE)

    fills = {name: ground for name, (ground, _letters) in _COLOURS.items()}
    map_frame.paint(pen, chart, _CHART, fills=fills, write=write)
    x, y = _CHART[2] + 40, float(_BODY_TOP)
    for colour, level, words in legend:
        for square in range(4):
            left = x + square * 32
            pen.rectangle(
                (left, y + 12, left + 24, y + 36),
                fill=fills[colour] if square < level else _WHITE,
                outline=_INK,
                width=3,
            )
        y = _write(pen, words, _LABEL, x, y + 44, WIDTH - _LEFT - x, most=3) + 14


def _draw_line(pen: ImageDraw.ImageDraw, programme: Programme, now: int) -> None:
    """The rundown as nodes on a line: what was, what is, what comes."""
    y, count = 678, len(programme.parts)
    pen.line((0, y, WIDTH, y), fill=_LEAF, width=5)
    for number in range(count):
        x = WIDTH * (number + 0.5) / count
        size = 15 if number == now else 9
        fill = _LEAF if number <= now else _WHITE
        pen.ellipse((x - size, y - size, x + size, y + size), fill=fill, outline=_LEAF, width=4)


def _paste(sheet: Image.Image, picture: bytes) -> None:
    with Image.open(io.BytesIO(picture)) as found:
        shown = found.convert("RGB")
    shown.thumbnail(_PICTURE)
    sheet.paste(shown, (WIDTH - _LEFT - shown.width, _BODY_TOP + 10))


def _write(
    pen: ImageDraw.ImageDraw, text: str, size: int, x: float, y: float, width: float, *, bold: bool = False,
    colour: str = _INK, most: int = 20,
) -> float:  # fmt: skip
    """Words in lines from ``y`` on, cut to ``most`` lines; gives where the next would stand."""
    lines = _lines(text, size, width, bold=bold) if text else []
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][:-1]}…"]
    for line in lines:
        pen.text((x, y), line, fill=colour, font=_font(size, bold=bold, text=line))
        y += size * _LINE
    return y


def _lines(text: str, size: int, width: float, *, bold: bool = False) -> list[str]:
    return wrap(text, width, _font(size, bold=bold, text=text).getlength)


def _width(picture: bool) -> float:
    return WIDTH - 2 * _LEFT - (_PICTURE[0] + 40 if picture else 0)


def _font(size: int, *, bold: bool, text: str) -> ImageFont.FreeTypeFont:
    """The heavy letters hold the common signs alone: words with a rarer one are written in plain letters."""
    heavy = bold and all(ord(sign) in _signs_of_bold() for sign in text)
    return _load("NotoSansSC-Bold.ttf" if heavy else "NotoSansSC-Regular.ttf", size)


@cache
def _load(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FONTS / name), size)


@cache
def _signs_of_bold() -> frozenset[int]:
    with TTFont(_FONTS / "NotoSansSC-Bold.ttf") as font:
        return frozenset(font.getBestCmap())
