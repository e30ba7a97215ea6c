"""The file that comes back from a village pack: a line that says whose it is, then a line for each entry. Pure.

Each line is a JSON object by itself, so that a file cut off on a bad line loses its last line and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from farmerline.errors import Invalid

LARGEST = 300_000
"""Bytes of a file at most."""
MOST = 300
"""Entries of a file at most."""
KINDS = ("post", "sighting", "visit", "service")
FIELDS = ("person", "name", "text", "crop", "pest", "part", "in_ten", "days", "alert", "what", "at")
"""What an entry may say; all of it text."""
_LONGEST = 900
_KEY = re.compile(r"[0-9a-z-]{4,36}")
_VILLAGE = re.compile(r"\d{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``kind`` is "" where it cannot be read; ``words`` is the line as it came."""

    key: str
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class PackFile:
    """The village it says it is of, and its lines."""

    village: str
    lines: tuple[Line, ...]


def read(sent: bytes) -> PackFile:
    """Read a file. Raises ``Invalid`` where it is none of ours, empty or too big; a line that is broken is kept as it is."""
    if len(sent) > LARGEST:
        raise Invalid(
            "pack_big", "This file is too big: at most {most} entries at once.", field="file", most=MOST
        )
    lines = [
        line.strip()
        for line in sent.decode("utf-8-sig", "replace").replace("\0", "").splitlines()
        if line.strip()
    ]
    head = _object(lines[0]) if lines else None
    village = str((head or {}).get("pack", ""))
    if not _VILLAGE.fullmatch(village):
        raise Invalid(
            "pack_unread",
            "This is no file of a village pack. Choose the one that the pack stored.",
            field="file",
        )
    if len(lines) - 1 > MOST:
        raise Invalid(
            "pack_big", "This file is too big: at most {most} entries at once.", field="file", most=MOST
        )
    return PackFile(village, tuple(_line(one[: _LONGEST * 4]) for one in lines[1:]))


def fields(words: str) -> dict[str, str]:
    """What an entry's line says, by name; empty for a line that cannot be read."""
    found = _object(words) or {}
    return {name: _plain(found[name]) for name in FIELDS if isinstance(found.get(name), str | int)}


def write(key: str, kind: str, said: Mapping[str, str]) -> str:
    """A line as the pack writes it."""
    kept = {name: said[name] for name in FIELDS if said.get(name)}
    return json.dumps({"key": key, "kind": kind, **kept}, ensure_ascii=False)


def _line(words: str) -> Line:
    found = _object(words) or {}
    key, kind = str(found.get("key", "")), str(found.get("kind", ""))
    if not _KEY.fullmatch(key) or kind not in KINDS:
        return Line(key=f"x-{sha256(words.encode()).hexdigest()[:30]}", kind="", words=words)
    return Line(key=key, kind=kind, words=words)


def _object(words: str) -> dict[str, Any] | None:
    try:
        found = json.loads(words)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _plain(value: str | int) -> str:
    return "".join(sign for sign in str(value)[:_LONGEST] if sign.isprintable() or sign == "\n").strip()
