"""Sheets of A4 in black on white: words, rules and page numbers. Lengths are millimetres, letters points."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import cast

import segno
from fpdf import FPDF
from fpdf.fonts import TTFFont

from farmerline.render.lines import wrap

WIDTH, HEIGHT = 210.0, 297.0
LEFT, TOP, FOOT = 18.0, 16.0, 14.0
INNER = WIDTH - 2 * LEFT
BODY, SMALL = 10.0, 8.5
_FONTS = Path(__file__).with_name("fonts")
_POINT = 25.4 / 72
_LEADING = 1.5
_FEET = 1.19  # of a letter's size, from its line's top: the line's room stands evenly around it
_UNKNOWN = "□"
_SAME = str.maketrans({"✕": "×", "✗": "×", "\t": " "})


class Paper:
    """Pages filled from top to bottom; ``y`` is where the next line goes. ``made_at`` is written into the file.

    Used in a ``with`` block: it holds its fonts open.
    """

    def __init__(self, *, title: str, language: str, made_at: datetime) -> None:
        self._pdf = FPDF(format="A4")
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        for style, file in (("", "NotoSansSC-Regular.ttf"), ("B", "NotoSansSC-Bold.ttf")):
            self._pdf.add_font("sans", style, _FONTS / file)
        self._pdf.set_title(title)
        self._pdf.set_lang("zh-CN" if language == "zh" else "en")
        self._pdf.set_creation_date(made_at)
        self._pdf.set_producer("")
        self._fonts = [cast(TTFFont, font) for font in self._pdf.fonts.values()]
        plain, heavy = (dict(font.cw) for font in self._fonts)
        self._widths = {False: plain, True: plain | heavy}
        self._bold_signs = frozenset(heavy)
        self._font: tuple[str, float] | None = None
        self.y = TOP
        self._turn()

    def __enter__(self) -> Paper:
        return self

    def __exit__(self, *_: object) -> None:
        for font in self._fonts:
            font.ttfont.close()

    @property
    def pages(self) -> int:
        return self._pdf.page

    @property
    def room(self) -> float:
        """What is left of this page."""
        return HEIGHT - FOOT - self.y

    def need(self, height: float) -> bool:
        """Begin a new page where less than this is left; says whether it did."""
        if height <= self.room or self.y <= TOP:
            return False
        self._turn()
        return True

    def measure(self, text: str, size: float = BODY, *, bold: bool = False) -> float:
        widths = self._widths[bold]
        return sum(widths.get(ord(sign), 1000) for sign in text) * size * _POINT / 1000

    def break_lines(self, text: str, width: float, size: float = BODY, *, bold: bool = False) -> list[str]:
        """The text in lines of this width, each sign one that the fonts hold."""
        text = self._clean(text)
        return wrap(text, width, lambda part: self.measure(part, size, bold=bold))

    def put(
        self,
        x: float,
        line: str,
        size: float = BODY,
        *,
        bold: bool = False,
        right: bool = False,
        beside: float = 0.0,
    ) -> None:
        """One line at ``y``, its left (or right) end at ``x``; ``y`` stays.

        Small words stand on the same feet as larger ones that they are ``beside``.
        """
        if right:
            x -= self.measure(line, size, bold=bold)
        feet = self.y + (beside or size) * _POINT * _FEET
        for text, style in self._runs(line, bold):
            self._choose(style, size)
            self._pdf.text(x, feet, text)
            x += self.measure(text, size, bold=style == "B")

    def write(
        self, text: str, size: float = BODY, *, bold: bool = False, x: float = LEFT, width: float = INNER
    ) -> None:
        """A paragraph from ``y`` on, over as many pages as it takes."""
        for line in self.break_lines(text, width, size, bold=bold):
            self.need(line_height(size))
            self.put(x, line, size, bold=bold)
            self.y += line_height(size)

    def rule(self, weight: float = 0.2, *, x: float = LEFT, width: float = INNER, grey: int = 0) -> None:
        """A line across at ``y``."""
        self._pdf.set_draw_color(grey)
        self._pdf.set_line_width(weight)
        self._pdf.line(x, self.y, x + width, self.y)

    def bar(self, x: float, top: float, bottom: float, weight: float = 0.9) -> None:
        """An upright line, beside words that somebody else said."""
        self._pdf.set_draw_color(0)
        self._pdf.set_line_width(weight)
        self._pdf.line(x, top, x, bottom)

    def code(self, text: str, x: float, top: float, size: float) -> None:
        """A square code that a telephone's camera reads, with its quiet edge inside ``size``."""
        dots = [list(row) for row in segno.make(text, error="m").matrix_iter(border=2)]
        side = size / len(dots)
        self._pdf.set_fill_color(0)
        for down, row in enumerate(dots):
            for across, dark in enumerate(row):
                if dark:
                    self._pdf.rect(x + across * side, top + down * side, side, side, style="F")

    def finish(self, foot: str, number: str) -> bytes:
        """The file. Under each page stand ``foot`` and, at the right, ``number``: words with ``{page}`` and ``{pages}``."""
        last = self._pdf.page
        for page in range(1, last + 1):
            self._pdf.page, self._font = page, None
            self.y = HEIGHT - FOOT + 2
            self.rule(0.2, grey=130)
            self.y += 1
            self.put(LEFT, self._clean(foot), SMALL)
            self.put(WIDTH - LEFT, number.format(page=page, pages=last), SMALL, right=True)
        self._pdf.page = last
        return bytes(self._pdf.output())

    def _turn(self) -> None:
        self._pdf.add_page()
        self._font = None
        self.y = TOP

    def _choose(self, style: str, size: float) -> None:
        if self._font != (style, size):
            self._pdf.set_font("sans", style, size)
            self._pdf.current_font_is_set_on_page = False
            self._font = (style, size)

    def _runs(self, line: str, bold: bool) -> Iterator[tuple[str, str]]:
        """The heavy letters hold the common signs alone; a rarer one is written in plain letters."""
        if not bold:
            yield line, ""
            return
        for heavy, signs in groupby(line, lambda sign: ord(sign) in self._bold_signs):
            yield "".join(signs), "B" if heavy else ""

    def _clean(self, text: str) -> str:
        known = self._widths[False]
        text = unicodedata.normalize("NFC", text).translate(_SAME)
        return "".join(
            sign if ord(sign) in known or sign == "\n" else _UNKNOWN
            for sign in text
            if unicodedata.category(sign) not in ("Cc", "Cf") or sign == "\n"
        )


def line_height(size: float) -> float:
    """The room of one line of letters of this size."""
    return size * _POINT * _LEADING
