"""What waits for a caller: questions to answer and letters to hear; and the newest posts read aloud."""

from __future__ import annotations

from sqlalchemy import select

from farmerline.config import Module
from farmerline.domain import answers, mailbox, match_notices, pins, posts, questions, spoken_outcome
from farmerline.domain.call_talk import CallTalk
from farmerline.domain.callbacks import CHOICES, settle_by_key
from farmerline.messages import Ask, HangUp, Record, Say, SpokenStep
from farmerline.models import (
    LIVE,
    Account,
    AccountState,
    Letter,
    Match,
    Post,
    Question,
    QuestionKind,
    QuestionState,
)

AT_MOST = 5
"""Items in one spoken list."""


def exist(talk: CallTalk) -> bool:
    """Whether key 6 has anything to say."""
    return bool(_questions(talk) or _letters(talk))


def begin(talk: CallTalk) -> list[SpokenStep] | None:
    """From the first of what waits, whatever was told earlier in this call."""
    talk.call.data = {**talk.call.data, "told": []}
    return tell_next(talk)


def tell_next(talk: CallTalk) -> list[SpokenStep] | None:
    """The next open question, then the letters; None when nothing waits."""
    told = set(talk.call.data.get("told", []))
    for question in _questions(talk):
        if question.id not in told:
            talk.call.data = {**talk.call.data, "told": [*told, question.id]}
            return [_ask(talk, question)]
    letters = _letters(talk)
    if not letters:
        return None
    if talk.call.data.get("pin"):
        return _read_letter(talk, letters[0])
    senders = "、".join(
        dict.fromkeys(talk.session.get_one(Account, letter.from_id).name for letter in letters)
    )
    return [
        Ask(
            step="pin",
            count=0,
            seconds=10,
            prompt=(
                Say(
                    talk.say(
                        "{count} letters, from {senders}. To hear them key in your six-digit PIN and hash.",
                        count=len(letters),
                        senders=senders,
                    )
                ),
            ),
        )
    ]


def answer_question(talk: CallTalk, question_id: str) -> list[SpokenStep] | None:
    """A key of the question answers it; anything else goes on to the next. A call that we placed ends then."""
    question = talk.session.get(Question, question_id)
    key = spoken_outcome.pressed(talk, question) if question is not None else ""
    said: list[SpokenStep] = []
    if question is not None and question.state is QuestionState.OPEN and key:
        said = settle_by_key(talk, question, key)
    if any(isinstance(step, Ask | Record) for step in said):
        return said
    if talk.heard.delivery_id:
        return [*said, Say(talk.say("Good-bye.")), HangUp()]
    return [*said, *(tell_next(talk) or [])] or None


def check_pin(talk: CallTalk, _rest: str) -> list[SpokenStep] | None:
    """The PIN opens the letters of the household member it belongs to, for this call."""
    member = pins.find_holder(talk.session, talk.members, talk.heard.digits.rstrip("#"), now=talk.now)
    if member is not None:
        talk.call.data = {**talk.call.data, "pin": member.id}
        return tell_next(talk)
    tries = int(talk.call.data.get("tries", 0)) + 1
    talk.call.data = {**talk.call.data, "tries": tries}
    if tries >= 3:
        return [Say(talk.say("The PIN does not fit. Your contact point can give you a new one."))]
    return [
        Ask(
            step="pin",
            count=0,
            seconds=10,
            prompt=(
                Say(
                    talk.say(
                        "The PIN does not fit. Once more, then hash. No PIN yet? Your contact point gives you one."
                    )
                ),
            ),
        )
    ]


def after_letter(talk: CallTalk, _letter_id: str) -> list[SpokenStep] | None:
    """On to the next letter."""
    return tell_next(talk)


def read_posts(talk: CallTalk) -> list[Say]:
    """The newest posts near the caller, one sentence each with its number."""
    near = talk.area_code[:6]
    newest = (
        select(Post)
        .join(Account, Account.id == Post.account_id)
        .where(Post.state.in_(LIVE), Account.state == AccountState.VERIFIED)
        .order_by(Post.published_at.desc())
        .limit(60)
    )
    found = sorted(talk.session.scalars(newest), key=lambda post: not post.area_code.startswith(near))[
        :AT_MOST
    ]
    if not found:
        return [Say(talk.say("There are no posts yet."))]
    return [
        Say(
            talk.say(
                "No. {number}: {what}.",
                number=post.number,
                what=posts.describe(talk.session, post, talk.language),
            )
        )
        for post in found
    ]


def _questions(talk: CallTalk) -> list[Question]:
    found = questions.open_questions(talk.session, talk.members, talk.call.caller_index)
    return [question for question in found if question.kind in CHOICES and question.account_id]


def _letters(talk: CallTalk) -> list[Letter]:
    if not talk.settings.has(Module.MAILBOX):
        return []
    opened = talk.call.data.get("pin")
    readers = [
        member
        for member in talk.members
        if member.state is AccountState.VERIFIED and (not opened or member.id == opened)
    ]
    return mailbox.unread(talk.session, readers, limit=AT_MOST)


def _ask(talk: CallTalk, question: Question) -> Ask:
    if question.kind in (QuestionKind.AMOUNT, QuestionKind.REASON):
        about = answers.topic(talk.session, question, talk.language)
        return spoken_outcome.ask(talk, question, Say(about, slow=True))
    if question.kind is not QuestionKind.MATCH:
        about = answers.topic(talk.session, question, talk.language)
        return Ask(
            step=f"question:{question.id}",
            prompt=(Say(about, slow=True), Say(talk.say(CHOICES[question.kind]))),
        )
    match = talk.session.get_one(Match, question.match_id)
    mine = match.supply_post if match.supply_post.account_id == question.account_id else match.demand_post
    line = match_notices.side_line(talk.session, match, mine, talk.language)
    return Ask(
        step=f"question:{question.id}",
        prompt=(Say(talk.say("A match: {side}. For the number press 1, if not press 2.", side=line)),),
    )


def _read_letter(talk: CallTalk, letter: Letter) -> list[SpokenStep]:
    reader = talk.session.get_one(Account, letter.to_id)
    sender = talk.session.get_one(Account, letter.from_id)
    mailbox.mark_read([letter], reader, channel="voice", now=talk.now)
    return [
        Ask(
            step=f"letter:{letter.id}",
            prompt=(
                Say(talk.say("From {name}:", name=sender.name), slow=True),
                Say(letter.body),
                Say(talk.say("Again press 9, on press 1.")),
            ),
        )
    ]
