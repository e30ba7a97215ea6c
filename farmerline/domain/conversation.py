"""Who speaks, and which open question their words answer; what starts something new is a wish."""

from __future__ import annotations

import re
import unicodedata

import matching
from farmerline import names
from farmerline.domain import (
    answers,
    appeal_talk,
    bureau_letters,
    choices,
    draft_talk,
    drafts,
    edit_talk,
    group_talk,
    mailbox,
    outcome_talk,
    questions,
    submission_talk,
    survey_talk,
    which_talk,
    wishes,
)
from farmerline.domain.talk import Talk
from farmerline.models import Account, InboundState, Post, Question, QuestionKind

_OTHER_MATTERS = frozenset(
    "stop resume subscribe unsubscribe help done renew letter register lookup alert_check pest_report question".split()
)
"""Wishes that are never a change of the draft that is being talked about."""
_TWO_AND_WORDS = re.compile(
    r"^\s*[2２](?:[\s,，.。、:：]+(?!斤|公斤|千克|吨|担|株|棵|头|只|羽|筐|箱|袋|亩|台)|(?=改))"
)
"""``2 3000斤``: no, and at once what it should say; not the amount of a new post."""


_TAKERS = (appeal_talk.take, submission_talk.take, bureau_letters.take_text, group_talk.take_leave)
"""Words that begin in a way that means one thing alone, whatever is open."""


def respond(talk: Talk) -> None:
    """Act on what was said, and answer."""
    if (answered := mailbox.letter_meant(talk)) is not None:
        mailbox.reply_by_text(talk, *answered)
    elif any(take(talk) for take in _TAKERS):
        return
    elif (asked := survey_talk.meant(talk)) is not None:
        talk.account = talk.account or talk.session.get_one(Account, asked.account_id)
        answers.settle(talk, asked)
    elif (told := outcome_talk.meant(talk)) is not None:
        talk.account = talk.account or talk.session.get_one(Account, told.account_id)
        answers.settle(talk, told)
    elif _may_change(talk) and (changed := _change_meant(talk)) is not None:
        draft_talk.change(talk, *changed)
    elif (chosen := choices.meant(talk) or which_talk.meant(talk)) is not None:
        answers.settle(talk, chosen)
    elif edit_talk.take(talk):
        return
    elif talk.said.reply or talk.said.intent in ("confirm", "deny", "list_only"):
        _answer(talk)
    else:
        wishes.grant(talk)


def question_meant(talk: Talk) -> Question | None:
    """The open question that a bare answer means: the one its code names, or the only one."""
    if talk.said.code:
        return next((question for question in talk.questions if question.code == talk.said.code), None)
    bare = [question for question in talk.questions if question.kind not in questions.ASIDE]
    waiting = [question for question in bare if question.kind not in questions.IN_WORDS] or bare
    return waiting[0] if len(waiting) == 1 else None


def greet_stranger(talk: Talk) -> None:
    """Nobody is registered under this number: keep the words, say how to register."""
    talk.inbound.state = InboundState.PARKED
    talk.tell(
        "This number is not registered yet. Reply: REGISTER your-name your-village, or go to your village contact point "
        "with your ID. Your words are kept."
    )


def greet_suspended(talk: Talk) -> None:
    """A contact point stopped this person: nothing is done, and they are told where to ask."""
    talk.tell("You cannot use the line at present. Ask your contact point, or ring {line}.", line=_line(talk))


def greet_pending(talk: Talk) -> None:
    """Registered, not yet verified: keep the words until the contact point has seen the ID."""
    talk.inbound.state = InboundState.PARKED
    talk.tell(
        "Your words are kept. They go on once your contact point has seen your ID. Questions: ring {line}.",
        line=_line(talk),
    )


def who_spoke(talk: Talk) -> bool:
    """Whether these words answer "who is speaking?", by number or by name; then the words that waited are acted on."""
    asked = [question for question in talk.questions if question.kind is QuestionKind.WHO]
    words = unicodedata.normalize("NFKC", talk.inbound.body).upper()
    coded = next((question for question in asked if question.code in words), None)
    question = coded or next(iter(asked), None)
    if question is None or (talk.said.code and coded is None):
        return False
    bare = words.replace(question.code, "") if coded else words
    bare = re.sub(r"[\W_]+", "", bare)
    members: list[str] = question.data["members"]
    if re.fullmatch(r"[1-9]", bare, re.ASCII):
        chosen = members[int(bare) - 1 : int(bare)]
    else:
        chosen = [
            member.id for member in talk.members if member.id in members and names.fits(bare, member.name)
        ]
    if len(chosen) != 1:
        return False
    _take_up(talk, question, chosen[0])
    return True


def ask_who(talk: Talk) -> None:
    """Several people share the phone and the words do not say who speaks."""
    if talk.said.reply or talk.said.code:
        _answer(talk)
        return
    choices = " ".join(f"{place} {member.name}" for place, member in enumerate(talk.members[:5], start=1))
    question = questions.ask(
        talk.session,
        kind=QuestionKind.WHO,
        now=talk.now,
        hours=talk.settings.read_back_hours,
        phone_index=talk.inbound.sender_index,
        data={"inbound": talk.inbound.id, "members": [member.id for member in talk.members[:5]]},
    )
    talk.inbound.state = InboundState.PARKED
    talk.tell("Who is speaking? Reply the number: {choices}", question=question, choices=choices)


def _answer(talk: Talk) -> None:
    question = question_meant(talk)
    if question is not None:
        if question.account_id and talk.account is None:
            talk.account = talk.session.get_one(Account, question.account_id)
        answers.settle(talk, question)
        return
    waiting = [question for question in talk.questions if question.kind not in questions.ASIDE]
    if not waiting:
        talk.tell(
            "Nothing is waiting for your answer now. Send HELP to see what you can do, or ring {line}.",
            line=_line(talk),
        )
    else:
        newest = waiting[-3:]  # what was asked last is what the answer most likely means
        listed = ";".join(
            f"{question.code} {answers.topic(talk.session, question, talk.language)}" for question in newest
        )
        first = newest[0].code
        talk.tell(
            "You have {count} matters open: {listed}. Reply with the code, like 1{first}.",
            count=len(waiting),
            listed=listed,
            first=first,
        )


def _take_up(talk: Talk, question: Question, chosen: str) -> None:
    """The speaker is known now: act on the words that were waiting for it."""
    questions.close(question, now=talk.now, answer=chosen[:8])
    talk.account = talk.session.get_one(Account, chosen)
    talk.session.flush()
    earlier = talk.again(question.data["inbound"], chosen)
    talk.replies.extend(earlier.replies)
    talk.post = talk.session.get(Post, earlier.post_id) if earlier.post_id else None


def _may_change(talk: Talk) -> bool:
    """Whether words say more than yes or no: a fact, or the other side (不是买是卖)."""
    said = talk.said
    return bool(
        said.slots or not said.reply or (said.intent == "deny" and drafts.side_said(talk.inbound.body))
    )


def _change_meant(talk: Talk) -> tuple[Question, str] | None:
    """The question about a draft that these words change, and the words that do it."""
    mine = talk.account.id if talk.account else None
    about = (QuestionKind.CHANGE, QuestionKind.CHOICE, QuestionKind.SIDE, QuestionKind.PUBLISH)
    open_now = [
        question for question in talk.questions if question.kind in about and question.account_id == mine
    ]
    body, intent = talk.inbound.body, talk.said.intent
    amount = matching.read_amount(body)
    asked = [question for question in open_now if question.kind is not QuestionKind.PUBLISH]
    if asked and asked[-1].kind is QuestionKind.CHANGE:
        kept = intent in _OTHER_MATTERS or (intent == "price_query" and amount is None)
        said_two = _TWO_AND_WORDS.match(body)  # 2 once more, and now the words
        return None if kept else (asked[-1], body[said_two.end() :] if said_two else body)
    if asked and asked[-1].kind is QuestionKind.CHOICE:
        return (asked[-1], body) if choices.restates(talk, asked[-1]) else None
    if len(open_now) != 1 or open_now[0].kind is not QuestionKind.PUBLISH:
        return None
    lead = _TWO_AND_WORDS.match(body)
    if lead and body[lead.end() :].strip():
        return open_now[0], body[lead.end() :]
    fits = intent == "deny" or (intent == "other" and amount is not None) or _says_again(talk, open_now[0])
    return (open_now[0], body) if fits else None


def _says_again(talk: Talk, question: Question) -> bool:
    """Whether a fact is said of a thing in the draft, and nothing of wanting or offering it (of pears and leeks: 梨600斤)."""
    reading, post = talk.said.reading, talk.session.get(Post, question.post_id or "")
    if reading is None or post is None or not (matching.is_unsaid(talk.said) or reading.inferred):
        return False
    named = {item.concept for item in reading.items}
    return bool(named) and named <= {item.concept for item in post.items}


def _line(talk: Talk) -> str:
    return talk.settings.line_number
