"""Open posts by their words: those that hold all of a question's words, and those that resemble a text."""

from __future__ import annotations

import re
from itertools import pairwise

from sqlalchemy import TextClause, select, text
from sqlalchemy.orm import Session

from farmerline.models import Account, AccountState, Post
from farmerline.models.search import all_phrases, any_pair, split_signs
from matching.normalize import clean

LONGEST = 100
"""Signs of a question that are looked at."""

_POOL = 40
_ENOUGH = 0.5
_MOST_PAIRS = 12
_HOLDING = {
    "sqlite": "post.number IN (SELECT rowid FROM post_search WHERE post_search MATCH :signs)",
    "postgresql": "post.number IN (SELECT number FROM post_search WHERE signs @@ CAST(:signs AS tsquery))",
}
_NEAREST = {
    "sqlite": "SELECT p.number, p.text FROM post_search s JOIN post p ON p.number = s.number "
    "WHERE s.post_search MATCH :signs AND p.state IN ('open', 'matched') AND (:kind = '' OR p.kind = :kind) "
    "ORDER BY s.rank LIMIT :most",
    "postgresql": "SELECT p.number, p.text FROM post_search s JOIN post p ON p.number = s.number, "
    "CAST(:signs AS tsquery) AS asked WHERE s.signs @@ asked AND p.state IN ('open', 'matched') "
    "AND (:kind = '' OR p.kind = :kind) ORDER BY ts_rank(s.signs, asked) DESC LIMIT :most",
}
_OTHER = {"supply": "demand", "demand": "supply"}
_COMMON = re.compile(
    "求购|收购|采购|供应|出售|销售|批发|零售|转让|处理|低价|便宜|优惠|想买|要买|有没有|有人|谁有|谁要|谁收|谁卖|哪里|大量|长期|常年|"
    "现货|现有|需要|急需|急售|质量|质优|联系|电话|本人|自家|我家|左右|以上|以下|以内|上门|送货|包邮|自提|价格|面议|多少|一个|一些|一批|"
    "新鲜|优质|正宗|农家|本地|查|卖|买|收|要|求|找|有|的|了|吗|呢|"
    r"[\d.]+ ?(?:斤|公斤|千克|吨|担|株|棵|头|只|羽|个|箱|筐|袋|包|亩|台|元|块|毛)?"
)
"""What most posts say, whatever they are about."""


def holding(session: Session, words: str) -> TextClause | None:
    """The condition that a post holds each of these words, sign for sign; None where there is nothing to look for."""
    dialect = session.get_bind().dialect.name
    said = [split_signs(word) for word in clean(words[:LONGEST]).split()]
    signs = all_phrases(said, postgresql=dialect == "postgresql")
    return text(_HOLDING[dialect]).bindparams(signs=signs) if signs else None


def particular(words: str) -> str:
    """What is left of a text without what most posts say: verbs of trade, amounts, praise."""
    return " ".join(_COMMON.sub(" ", clean(words)).split())


def similar(
    session: Session, words: str, direction: str = "", limit: int = 3, *, without: str = ""
) -> list[Post]:
    """Open posts that speak of what a text speaks of, by pairs of signs: for texts in which no product was read.

    ``direction`` is the text's own (supply or demand; the other one is looked for) or "" for any; ``without`` is the
    person whose own posts are left out. A post that shares less than half of the text's pairs, what every post says left
    aside, is not there: no answer is better than a strange one.
    """
    asked = _pairs(words)
    if not asked:
        return []
    dialect = session.get_bind().dialect.name
    signs = any_pair([list(pair) for pair in sorted(asked)[:_MOST_PAIRS]], postgresql=dialect == "postgresql")
    kind = _OTHER.get(direction, "")
    found = session.execute(text(_NEAREST[dialect]), {"signs": signs, "kind": kind, "most": _POOL}).all()
    shares = {row.number: len(asked & _pairs(row.text)) for row in found}
    fitting = [
        number for number, share in shares.items() if share >= max(min(2, len(asked)), _ENOUGH * len(asked))
    ]
    return _posts(session, sorted(fitting, key=lambda number: (-shares[number], -number)), without)[:limit]


def _posts(session: Session, numbers: list[int], without: str) -> list[Post]:
    wanted = (
        select(Post)
        .join(Account, Account.id == Post.account_id)
        .where(Post.number.in_(numbers), Post.account_id != without, Account.state == AccountState.VERIFIED)
    )
    by_number = {post.number: post for post in session.scalars(wanted)}
    return [by_number[number] for number in numbers if number in by_number]


def _pairs(words: str) -> set[tuple[str, str]]:
    """Each two signs that follow each other in what is particular about a text."""
    return {pair for part in particular(words).split() for pair in pairwise(split_signs(part))}
