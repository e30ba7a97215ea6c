"""Answers to a survey in conversation: a number, or the words of the answer; by its code also when it was answered before."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import or_, select

from farmerline.domain import questions, surveys
from farmerline.domain.talk import Talk
from farmerline.models import Question, QuestionKind, QuestionState, Survey, SurveyState

_CODE = re.compile(r"(?<![A-Z])[A-Z]\d{2}(?!\d)")


def meant(talk: Talk) -> Question | None:
    """The survey's question that these words answer beyond a bare 1, 2 or 3: its words (没有), 4, or a code answered before."""
    words = _plain(talk.inbound.body)
    if (code := _CODE.search(words)) is not None:
        found = _coded(talk, code[0])
        return found if found is not None and _choice(words, found) else None
    waiting = [one for one in talk.questions if one.kind not in questions.ASIDE]
    mine = [one for one in waiting if one.kind is QuestionKind.SURVEY and _choice(words, one)]
    if len(mine) != 1:
        return None
    by_number = words.isdigit()
    return mine[0] if mine[0] is waiting[-1] and (not by_number or len(waiting) == 1) else None


def settle(talk: Talk, question: Question) -> None:
    """Put the answer down and ask what comes next; words that are no answer are asked again."""
    row = talk.session.get_one(Survey, question.data["survey"])
    if row.state is not SurveyState.OPEN or row.until <= talk.now:
        questions.close(question, now=talk.now, state=QuestionState.EXPIRED)
        talk.tell("This survey is over. Thank you all the same.")
        return
    choice = _choice(_plain(talk.inbound.body), question) or _choice(talk.said.reply or "", question)
    if choice is None:
        talk.tell_plain(surveys.text_of(question, talk.language), question=question)
        return
    place = question.data["place"]
    surveys.answer(
        talk.session, row, talk.person, place=place, choice=choice, channel=talk.inbound.channel, now=talk.now
    )
    questions.close(question, now=talk.now, answer=str(choice))
    following = surveys.ask_next(talk.session, row, talk.person, now=talk.now)
    if following is not None:
        talk.tell_plain(surveys.text_of(following, talk.language), question=following)
    else:
        said = question.data["choices"][choice - 1]
        talk.tell(
            "Noted: {said}. Thank you. To change it write the number and {code}.",
            said=said,
            code=question.code,
        )


def _coded(talk: Talk, code: str) -> Question | None:
    """The question of this code that is open, or was answered and may be changed."""
    whose = or_(
        Question.account_id.in_([one.id for one in talk.members]),
        Question.phone_index == talk.inbound.sender_index,
    )
    still = Question.state.in_((QuestionState.OPEN, QuestionState.ANSWERED))
    query = select(Question).where(whose, Question.kind == QuestionKind.SURVEY, Question.code == code, still)
    return talk.session.scalar(query.where(Question.expires_at > talk.now).limit(1))


def _choice(words: str, question: Question) -> int | None:
    """Which answer the words are, from 1; None for none of them."""
    said = words.replace(question.code, " ").strip(" ,.。，、:：!！[]")
    offered = [_plain(one) for one in question.data["choices"]]
    if said.isdigit():
        return int(said) if 1 <= int(said[:3]) <= len(offered) else None
    return offered.index(said) + 1 if said in offered else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper().strip()
