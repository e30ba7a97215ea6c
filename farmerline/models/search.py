"""The words of open posts, sign by sign, for finding a post by its text.

A Chinese text has no blanks, and a cut into words finds only what it was cut into. So every sign is a word of its own
(Latin words and figures stay whole) and what is looked for is a phrase of signs. SQLite keeps them in an FTS5 table,
PostgreSQL in a column with a GIN index; both have a row for each open post and none for others.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from sqlalchemy import Column, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateTable

from farmerline.models.base import Base

FTS5 = "CREATE VIRTUAL TABLE post_search USING fts5(number UNINDEXED, signs, tokenize = 'unicode61 remove_diacritics 0')"
"""SQLite's table; a row's ``rowid`` is the post's number too."""

_LONGEST_WORD = 40
_MOST_SIGNS = 1200

post_search = Table(
    "post_search",
    Base.metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("signs", Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
    info={"virtual": FTS5},
)
Index("ix_post_search_signs", post_search.c.signs, postgresql_using="gin").ddl_if(dialect="postgresql")


@compiles(CreateTable, "sqlite")
def _create_table(create: CreateTable, compiler: Any, **more: Any) -> str:
    """Tables that SQLite makes in a way of its own are made by their own words."""
    own: str | None = create.element.info.get("virtual")
    return own or str(compiler.visit_create_table(create, **more))


def split_signs(text: str) -> list[str]:
    """The signs of a text: each Chinese sign, each Latin word, each figure; what is neither letter nor figure parts them."""
    return list(_signs(text))[:_MOST_SIGNS]


def stored_signs(text: str, *, postgresql: bool) -> str:
    """The signs as the database stores them: parted by blanks, or as a tsvector with their places."""
    signs = split_signs(text)
    if not postgresql:
        return " ".join(signs)
    return " ".join(f"'{sign}':{place}" for place, sign in enumerate(signs, start=1))


def all_phrases(words: list[list[str]], *, postgresql: bool) -> str:
    """A query that asks for each word as a phrase of its signs; "" where there is nothing to ask for."""
    if postgresql:
        return " & ".join(f"({_followed(word)})" for word in words if word)
    return " AND ".join(_quoted(word) for word in words if word)


def any_pair(words: list[list[str]], *, postgresql: bool) -> str:
    """A query that asks for any two signs of a word that follow each other; "" where there are none."""
    pairs = sorted({pair for word in words for pair in pairwise(word)})
    if postgresql:
        return " | ".join(f"({_followed(pair)})" for pair in pairs)
    return " OR ".join(_quoted(pair) for pair in pairs)


def _quoted(signs: Any) -> str:
    return '"' + " ".join(signs) + '"'


def _followed(signs: Any) -> str:
    return " <-> ".join(f"'{sign}'" for sign in signs)


def _signs(text: str) -> Iterator[str]:
    run = ""
    for sign in text:
        alone = unicodedata.category(sign) == "Lo"
        if run and (alone or not sign.isalnum() or sign.isdigit() != run[-1].isdigit()):
            yield run[:_LONGEST_WORD]
            run = ""
        if alone:
            yield sign
        elif sign.isalnum():
            run += sign
    if run:
        yield run[:_LONGEST_WORD]
