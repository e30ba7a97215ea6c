"""Questions by telephone: a text as it is spoken, and which keys answer it."""

from __future__ import annotations

import re

from farmerline.domain import keys
from farmerline.domain.call_talk import CallTalk
from farmerline.messages import Ask, Say
from farmerline.models import Question, QuestionKind

_CODE = re.compile(r"\[[A-Z]\d\d\]\s*$")
_DIGITS = re.compile(r"\d{7,}")
_SMS_HINT = re.compile(r"[。,;;,]?\s*(?:回|Reply)\s*1.*$", re.S)
CHOICES = {
    QuestionKind.PUBLISH: "To publish and show your number press 1, without the number press 3, to change press 2.",
    QuestionKind.SIDE: "If you sell press 1, if you buy press 2.",
    QuestionKind.CHOICE: "Press the number of what you mean.",
    QuestionKind.WHICH: "Press the number of what you mean.",
    QuestionKind.EDIT: "To change it so press 1, to leave it press 2.",
    QuestionKind.MATCH: "For the number press 1, if not press 2.",
    QuestionKind.OUTCOME: "Yes press 1, a part press 3, no press 2.",
    QuestionKind.POOL: "Yes, mine too: press 1. No: press 2.",
    QuestionKind.POOLED: "To take it press 1, if not press 2.",
    QuestionKind.CALLOUT: "I take it: press 1. The next one: press 2.",
    QuestionKind.GROUP: "To be in the group press 1, if not press 2.",
    QuestionKind.RENEW: "To keep it press 1, to take it down press 2.",
    QuestionKind.USEFUL: "If it helped press 1, if not press 2.",
    QuestionKind.SURVEY: "Press the number of your answer.",
    QuestionKind.HEARD: "If it is right press 1, if not press 2.",
    QuestionKind.AMOUNT: "How much was it? Key in how many {unit}, then hash.",
    QuestionKind.REASON: keys.WHY_HEARD,
}
"""The questions that keys can answer, and what is pressed for what."""


def spell(text: str) -> str:
    """A text fit to be spoken: no short code, long numbers digit by digit."""
    return _DIGITS.sub(lambda found: " ".join(found.group()), _CODE.sub("", text))


def question_words(text: str) -> str:
    """The words of a text that ends by saying what to reply, without that: keys answer it."""
    return spell(_SMS_HINT.sub("。", text))


def keys_heard(talk: CallTalk, question: Question) -> str:
    """Which keys answer a question, in words."""
    if question.kind is QuestionKind.SURVEY:
        offered = enumerate(question.data["choices"], start=1)
        return "".join(talk.say("{words}: press {key}.", words=words, key=key) for key, words in offered)
    return talk.say(CHOICES[question.kind])


def keys_of(question: Question) -> tuple[str, ...]:
    """The keys that answer a question."""
    return (
        tuple("1234"[: len(question.data["choices"])])
        if question.kind is QuestionKind.SURVEY
        else ("1", "2", "3")
    )


def ask(talk: CallTalk, question: Question, text: str) -> Ask:
    """An open question as its text puts it, slowly, and the keys that answer it."""
    prompt = (Say(question_words(text), slow=True), Say(keys_heard(talk, question)))
    return Ask(step=f"question:{question.id}", prompt=prompt)
