"""Which of several is meant: up to three numbered things, the last number being none of them, asked in one line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from farmerline.domain import lots, questions
from farmerline.domain.talk import Talk
from farmerline.models import PostItem, Question, QuestionKind
from farmerline.words import say

MOST = 3
"""Things offered; with "none of these" they are as many as the keys of a page."""
NEITHER = re.compile(r"都不|都没|哪个都不|全不")
_DIGIT = re.compile(r"(?<![0-9A-Z])([1-9])(?![0-9])")
_SPOKEN_DIGIT = re.compile(r"[一二三]")
_DIGITS = {"一": 0, "二": 1, "三": 2}
_ASKED = {
    "subscribe": "{what}: of which shall we tell you? {choices}",
    "sold": "{what}, of which post? {choices}",
    "edit": "{what}: which post shall be changed? {choices}",
}
"""What is asked, by what is done with the answer."""


def ask(talk: Talk, act: str, what: str, options: Sequence[dict[str, Any]], **data: Any) -> None:
    """Ask which of ``options`` is meant; each has its ``label`` and its ``name``. ``act`` names what is done with the one
    chosen, ``what`` is what the person said; ``data`` is kept until it is answered."""
    question = questions.ask(
        talk.session,
        kind=QuestionKind.WHICH,
        now=talk.now,
        hours=talk.settings.read_back_hours,
        account=talk.person,
        data={"act": act, "what": what, "options": list(options[:MOST]), **data},
    )
    tell(talk, question)


def lot(item: PostItem) -> dict[str, Any]:
    """A lot as one of the options: its name, what is left of it, its post's number."""
    return {"label": f"{item.name}{lots.left(item)}({item.post.number})", "name": item.name, "item": item.id}


def tell(talk: Talk, question: Question) -> None:
    """The line that asks: ``水果要订哪一种?1葡萄 2梨 3都不是``."""
    talk.tell_plain(topic(question, talk.language), question=question)


def topic(question: Question, language: str) -> str:
    """What is asked, with its numbers."""
    choices = listed(labels(question, language), language)
    return say(language, _ASKED[question.data["act"]], what=question.data["what"], choices=choices)


def labels(question: Question, language: str) -> list[str]:
    """What each number means, the last being none of them; the place in the list is the number less one."""
    told = [str(option["label"]) for option in question.data["options"]]
    return [*told, say(language, "none of these")]


def listed(told: Sequence[str], language: str) -> str:
    """Labels behind their numbers: 1卖梨 2买梨."""
    gap = "" if language == "zh" else " "
    return " ".join(f"{place}{gap}{label}" for place, label in enumerate(told, start=1))


def picked(talk: Talk, question: Question, count: int) -> int | None:
    """The number that an answer means, counted from 0; ``count`` where it is none of them; None where that cannot be told."""
    said = words_of(talk, question)
    digit = _DIGIT.search(said)
    if digit:
        place = int(digit[1]) - 1
        return place if place <= count else None
    if talk.said.reply and (spoken := _SPOKEN_DIGIT.search(said)):
        return _DIGITS[spoken[0]] if _DIGITS[spoken[0]] <= count else None
    if NEITHER.search(said) or talk.said.reply == "2":
        return count
    if talk.said.reply == "1":
        return 0 if count == 1 else None
    return None


def words_of(talk: Talk, question: Question) -> str:
    """What was said, in plain signs, without the question's code."""
    return unicodedata.normalize("NFKC", talk.inbound.body).upper().replace(question.code, " ")
