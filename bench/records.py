"""A generated post as the benchmark keeps it, and the file of them. Nothing heavy is imported: memory is measured here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TODAY = 739_941
"""The ordinal of 2026-11-20, on which all posts are looked for."""


class Post(NamedTuple):
    """One generated post with its one item; `tokens` is its text as jieba cuts it."""

    number: int
    text: str
    direction: str
    concept: str
    form: str
    category: str
    variety: str
    name: str
    qty: float | None
    unit: str | None
    unit_price: float | None
    price_unit: str | None
    said_qty: str
    said_price: str
    area: str
    day: int
    tokens: str


COLUMNS = ", ".join(Post._fields)


def rows(path: Path) -> Iterator[Post]:
    """The posts of a file, in order."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    for row in connection.execute(f"SELECT {COLUMNS} FROM post ORDER BY number"):
        yield Post._make(row)
    connection.close()


def write_queries(path: Path, posts: list[Post]) -> None:
    """Keep the posts that will ask, for the processes that are measured."""
    path.write_text(json.dumps(posts, ensure_ascii=False), encoding="utf-8")


def read_queries(path: Path) -> list[Post]:
    """The posts that ask."""
    return [Post._make(row) for row in json.loads(path.read_text(encoding="utf-8"))]
