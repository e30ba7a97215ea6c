"""Asking back: where a reading is not sure, one line with numbered choices; what is chosen is read back, never published."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy.orm import Session

import matching
from farmerline.domain import drafts, questions, which
from farmerline.domain.talk import Talk
from farmerline.models import Post, PostState, Question, QuestionKind, QuestionState
from farmerline.words import say
from matching import Choice, Item

_LONGEST_NAME = 8
_SELLS = re.compile(r"(?:卖|出售|供应|出|供|SELL)")
_BUYS = re.compile(r"(?:买|收|求购|要|购|BUY)")
_AMOUNT = re.compile(r"\d{2}|[一二两三四五六七八九十百千万]+\s?(?:斤|公斤|吨|头|只|株|棵|亩|元|块|毛|个|箱)")
_LONGEST_PICK = 8
_KEPT = ("concept", "form", "variety", "category", "name")


def ask(talk: Talk, post: Post) -> None:
    """Ask which of the likely meanings of what was said a draft has: its side, its product or its form."""
    found = matching.choices(talk.said)
    question = questions.ask(
        talk.session,
        kind=QuestionKind.CHOICE,
        now=talk.now,
        hours=talk.settings.read_back_hours,
        account=talk.person,
        post_id=post.id,
        data={"choices": [_stored(choice) for choice in found]},
    )
    tell(talk, post, question)


def tell(talk: Talk, post: Post, question: Question) -> None:
    """The line that asks: ``您是要 1卖西瓜 2买西瓜 3都不是?``"""
    talk.tell("Do you want: {choices}?", question=question, choices=_listed(question, post, talk.language))


def labels(question: Question, post: Post, language: str) -> list[str]:
    """What each number means, the last being none of them; the place in the list is the number less one."""
    told = [
        say(
            language,
            "sell {thing}" if choice["side"] == "supply" else "buy {thing}",
            thing=_name(post, choice),
        )
        for choice in question.data["choices"]
    ]
    return [*told, say(language, "neither" if len(told) > 1 else "that is not it")]


def offered(session: Session, question: Question, language: str) -> tuple[str, ...]:
    """The labels of a question with numbered things, for a page; nothing for any other question."""
    if question.kind is QuestionKind.WHICH:
        return tuple(which.labels(question, language))
    if question.kind is QuestionKind.SURVEY:
        return tuple(question.data["choices"])
    if question.kind is not QuestionKind.CHOICE:
        return ()
    return tuple(labels(question, session.get_one(Post, question.post_id), language))


def topic(session: Session, question: Question, language: str) -> str:
    """What is asked, in a few words."""
    return _listed(question, session.get_one(Post, question.post_id), language)


def picked(talk: Talk, question: Question) -> int | None:
    """The number that an answer means, counted from 0; the number of choices where it is none of them; None where that
    cannot be told."""
    place = which.picked(talk, question, len(question.data["choices"]))
    if place is not None or talk.said.reply:
        return place
    return _side_named(talk.session, which.words_of(talk, question), question)


def meant(talk: Talk) -> Question | None:
    """The question about a doubt that these words answer without a number (卖, 要买的, 都不是); None for anything else."""
    mine = talk.account.id if talk.account else None
    asked = [
        question
        for question in talk.questions
        if question.kind is QuestionKind.CHOICE and question.account_id == mine
    ]
    if not asked or talk.said.reply or talk.said.code:
        return None
    said = unicodedata.normalize("NFKC", talk.inbound.body).strip().upper()
    if which.NEITHER.match(said) and len(said) <= _LONGEST_PICK:
        return asked[-1]
    return asked[-1] if _side_named(talk.session, said, asked[-1]) is not None else None


def restates(talk: Talk, question: Question) -> bool:
    """Whether words say anew what was doubtful, about the same thing or as a correction (不是西瓜是冬瓜, 要西瓜500斤)."""
    if talk.said.intent == "deny":
        return bool(talk.said.slots)
    reading = talk.said.reading
    if talk.said.intent not in ("sell", "buy") or reading is None or matching.is_doubtful(talk.said):
        return False
    named = {item.concept for item in talk.session.get_one(Post, question.post_id).items}
    return bool(named & {item.concept for item in reading.items})


def take(talk: Talk, question: Question) -> bool:
    """Make the draft what was chosen, and end the question; False where it is none of the choices."""
    post = talk.session.get_one(Post, question.post_id)
    place = picked(talk, question)
    if place is None or place >= len(question.data["choices"]):
        return False
    choice = question.data["choices"][place]
    questions.close(question, now=talk.now, answer=f"{place + 1}")
    if choice["item"] is not None and choice["item"] < len(post.items):
        drafts.keep_only(post, choice["item"])
    if choice.get("thing"):
        drafts.rename(post.items[0], Item(**choice["thing"]))
    drafts.turn(post, choice["side"])
    talk.post = post
    return True


def is_settled(talk: Talk, question: Question) -> bool:
    """Whether the draft is no longer waiting; the question ends with it."""
    post = talk.session.get(Post, question.post_id or "")
    if post is not None and post.state is PostState.PENDING:
        return False
    questions.close(question, now=talk.now, state=QuestionState.REPLACED)
    return True


def _side_named(session: Session, said: str, question: Question) -> int | None:
    """The choice whose side a few words name, with no more than the thing itself beside it."""
    sides = [choice["side"] for choice in question.data["choices"]]
    for item in session.get_one(Post, question.post_id).items:
        said = said.replace(item.name.upper(), "").replace(item.concept, "")
    if len(said) > _LONGEST_PICK or _AMOUNT.search(said) or len(set(sides)) < len(sides):
        return None
    sells, buys = (
        bool(_SELLS.search(said)),
        bool(_BUYS.search(said.replace("要卖", "卖").replace("要出", "出"))),
    )
    if sells == buys:
        return None
    side = "supply" if sells else "demand"
    return sides.index(side) if side in sides else None


def _listed(question: Question, post: Post, language: str) -> str:
    return which.listed(labels(question, post, language), language)


def _stored(choice: Choice) -> dict[str, Any]:
    """A choice as a question keeps it."""
    thing = choice.thing and {name: getattr(choice.thing, name) for name in _KEPT}
    return {"side": choice.side, "item": choice.item, "thing": thing}


def _name(post: Post, choice: dict[str, Any]) -> str:
    if choice.get("thing"):
        return str(choice["thing"]["name"])[:_LONGEST_NAME]
    place = choice["item"] or 0
    return (post.items[place].name if place < len(post.items) else post.text)[:_LONGEST_NAME]
