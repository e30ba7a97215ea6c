"""Lines of printed text: where Chinese and Latin words may be parted. Widths are whatever ``measure`` counts in.

A line never begins with a closing sign (，。》) nor ends with an opening one (《“), and figures with their point or
percent sign and Latin words stay whole, unless one of them alone is wider than the line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

CLOSING = "，。、；：？！）〉》」』】〕｝”’…—～·％‰℃°,.;:?!)]}%"
OPENING = "（〈《「『【〔｛“‘￥¥([{"
_UNIT = re.compile(
    rf"[{re.escape(OPENING)}]*"
    rf"(?:[0-9A-Za-z\u00c0-\u024f*_@#&+$'\"/=<>|~^`\\-]+(?:[.,:][0-9A-Za-z]+)*|\s+|.)"
    rf"[{re.escape(CLOSING)}]*"
)

Measure = Callable[[str], float]


def wrap(text: str, width: float, measure: Measure) -> list[str]:
    """The text in lines no wider than ``width``; its own line breaks stay. "" is one empty line."""
    return [
        line for part in re.split(r"\r\n?|[\n\v\f\u2028\u2029]", text) for line in _fill(part, width, measure)
    ]


def _fill(text: str, width: float, measure: Measure) -> Iterator[str]:
    if measure(text) <= width:
        yield text.rstrip()
        return
    line, used = "", 0.0
    for unit in _units(text, width, measure):
        size = measure(unit)
        if line and used + measure(unit.rstrip()) > width:
            yield line.rstrip()
            line, used = "", 0.0
            if unit.isspace():
                continue
        line, used = line + unit, used + size
    yield line.rstrip()


def _units(text: str, width: float, measure: Measure) -> Iterator[str]:
    """What must not be parted; what is too wide for a line by itself comes sign by sign."""
    for found in _UNIT.finditer(text):
        unit = found.group()
        yield from [unit] if unit.isspace() or measure(unit) <= width else unit
