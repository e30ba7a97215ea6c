"""How a match ended, by key: after the first answer the call asks on, how much it was, or why it came to nothing."""

from __future__ import annotations

from sqlalchemy import select

from farmerline.domain import lots
from farmerline.domain.call_talk import CallTalk
from farmerline.domain.keys import WHY, WHY_HEARD
from farmerline.domain.read_aloud import keys_of
from farmerline.messages import Ask, Say
from farmerline.models import Match, Question, QuestionKind, QuestionState

_KINDS = (QuestionKind.AMOUNT, QuestionKind.REASON)


def next_question(talk: CallTalk, answered: Question) -> Question | None:
    """What the answer to a question leads to: how much, or why; None where nothing more is asked."""
    if answered.match_id is None:
        return None
    mine = select(Question).where(
        Question.match_id == answered.match_id,
        Question.account_id == answered.account_id,
        Question.kind.in_(_KINDS),
        Question.state == QuestionState.OPEN,
    )
    return talk.session.scalar(mine.order_by(Question.asked_at.desc()).limit(1))


def ask(talk: CallTalk, question: Question, *first: Say) -> Ask:
    """The question aloud; its keys are answered by the step ``question``."""
    step = f"question:{question.id}"
    if question.kind is QuestionKind.REASON:
        return Ask(step=step, prompt=(*first, Say(talk.say(WHY_HEARD))), seconds=8)
    match = talk.session.get_one(Match, question.match_id)
    unit = lots.unit_said(lots.spoken_of(match)) or "斤"
    how = talk.say("How much was it? Key in how many {unit}, then hash.", unit=unit)
    return Ask(step=step, prompt=(*first, Say(how)), count=0, seconds=10)


def pressed(talk: CallTalk, question: Question) -> str:
    """What was keyed in as an answer to this question; "" where the keys mean nothing here."""
    if question.kind is QuestionKind.AMOUNT:
        digits = talk.heard.digits.rstrip("#")
        return digits if digits.isdecimal() and int(digits) > 0 else ""
    key = talk.heard.digits[:1]
    return key if key in (WHY if question.kind is QuestionKind.REASON else keys_of(question)) else ""
