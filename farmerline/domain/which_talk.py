"""What the answer to "which of these?" leads to."""

from __future__ import annotations

import re

from farmerline.domain import edit_talk, questions, sold_talk, subscription_talk, which
from farmerline.domain.talk import Talk
from farmerline.models import Question, QuestionKind

_LONGEST = 8
"""Signs of a bare answer by a number or a name."""
_EXAMPLES = {"subscribe": "订葡萄", "sold": "葡萄卖了300斤", "edit": "葡萄改成300斤"}


def meant(talk: Talk) -> Question | None:
    """The newest such question that a few words answer without 1, 2 or 3: 4, the thing's name, 都不是; None for anything else."""
    mine = talk.account.id if talk.account else None
    asked = [
        question
        for question in talk.questions
        if question.kind is QuestionKind.WHICH and question.account_id == mine
    ]
    if not asked or talk.said.reply or talk.said.code not in (None, asked[-1].code):
        return None
    words = _bare(talk, asked[-1])
    plain = len(words) <= _LONGEST and (re.fullmatch(r"[1-9]", words) or which.NEITHER.match(words))
    return asked[-1] if plain or _named(talk, asked[-1]) is not None else None


def settle(talk: Talk, question: Question) -> None:
    """Do what was asked about with the one that was chosen; nothing where it is none of them."""
    options, act = question.data["options"], question.data["act"]
    named = _named(talk, question)
    place = named if named is not None else which.picked(talk, question, len(options))
    if place is None:
        which.tell(talk, question)
        return
    questions.close(question, now=talk.now, answer=str(place + 1))
    if place >= len(options):
        talk.tell("All right. Then write it with its name, like {example}.", example=_EXAMPLES[act])
    elif act == "subscribe":
        subscription_talk.settle(talk, question, options[place])
    elif act == "sold":
        sold_talk.settle(talk, question, options[place]["item"])
    else:
        edit_talk.settle_which(talk, question, options[place]["item"])


def _named(talk: Talk, question: Question) -> int | None:
    """The option that a bare name means."""
    words = _bare(talk, question)
    names = [str(option["name"]) for option in question.data["options"]]
    return names.index(words) if words and names.count(words) == 1 else None


def _bare(talk: Talk, question: Question) -> str:
    return which.words_of(talk, question).strip(" ,.。!、:;[]")
