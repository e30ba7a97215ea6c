"""Reads a PDF that fpdf2 made, as far as tests need it: the words of each page in the order in which they were put there."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_SHOWN = re.compile(rb"/F(\d+) ([\d.]+) Tf|BT ([\d.]+) ([\d.]+) Td \((.*?)\) Tj ET", re.DOTALL)


@dataclass(frozen=True)
class Words:
    """Words at a place in points, counted from the page's lower left corner."""

    x: float
    y: float
    size: float
    text: str


def read_pages(pdf: bytes) -> list[list[Words]]:
    """The words of each page."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    fonts = {
        int(name): _alphabet(objects[int(number)], objects)
        for body in objects.values()
        for name, number in re.findall(rb"/F(\d+) (\d+) 0 R", body)
    }
    pages = [body for body in objects.values() if re.search(rb"/Type /Page\s", body)]
    return [_read(_stream(objects[int(re.findall(rb"/Contents (\d+)", page)[0])]), fonts) for page in pages]


def read_text(pdf: bytes) -> str:
    """All words, a line for each place."""
    return "\n".join(words.text for page in read_pages(pdf) for words in page)


def _stream(body: bytes) -> bytes:
    raw = re.findall(rb"stream\n(.*)\nendstream", body, re.DOTALL)[0]
    return zlib.decompress(raw) if b"/FlateDecode" in body else raw


def _alphabet(font: bytes, objects: dict[int, bytes]) -> dict[int, str]:
    found = _stream(objects[int(re.findall(rb"/ToUnicode (\d+)", font)[0])])
    pairs = re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>", found)
    return {int(code, 16): bytes.fromhex(sign.decode()).decode("utf-16-be") for code, sign in pairs}


def _read(content: bytes, fonts: dict[int, dict[int, str]]) -> list[Words]:
    words, font, size = [], 0, 0.0
    for name, points, x, y, shown in _SHOWN.findall(content):
        if name:
            font, size = int(name), float(points)
            continue
        raw = re.sub(
            rb"\\(.)",
            lambda found: {b"r": b"\r", b"n": b"\n"}.get(found[1], found[1]),
            shown,
            flags=re.DOTALL,
        )
        codes = [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]
        words.append(Words(float(x), float(y), size, "".join(fonts[font][code] for code in codes)))
    return words
