"""What waits for a caller: questions to answer, then letters; and the newest posts read aloud."""

from __future__ import annotations

from sqlalchemy import select

from farmerline.domain import (
    answers,
    match_notices,
    posts,
    questions,
    spoken_identity,
    spoken_letters,
    spoken_outcome,
)
from farmerline.domain.call_talk import CallTalk
from farmerline.domain.callbacks import settle_by_key
from farmerline.domain.read_aloud import CHOICES, keys_heard
from farmerline.messages import Ask, HangUp, Record, Say, SpokenStep
from farmerline.models import (
    LIVE,
    Account,
    AccountState,
    Match,
    Post,
    Question,
    QuestionKind,
    QuestionState,
)

AT_MOST = 5
"""Items in one spoken list."""


_NEWEST = (
    select(Post.id, Post.area_code)
    .join(Account, Account.id == Post.account_id)
    .where(Post.state.in_(LIVE), Account.state == AccountState.VERIFIED)
    .order_by(Post.published_at.desc())
    .limit(60)
)


def exist(talk: CallTalk) -> bool:
    """Whether key 6 has anything to say."""
    return bool(_questions(talk) or spoken_letters.waiting(talk))


def begin(talk: CallTalk) -> list[SpokenStep] | None:
    """From the first of what waits, whatever was told earlier in this call. Several people of one phone say first who it is."""
    talk.call.data = {**talk.call.data, "told": [], "letters": []}
    if spoken_identity.unknown(talk) and _questions(talk):
        return spoken_identity.ask(talk, "waiting")
    return tell_next(talk)


def tell_next(talk: CallTalk) -> list[SpokenStep] | None:
    """The next open question, then the letters; None when nothing waits."""
    told = set(talk.call.data.get("told", []))
    for question in _questions(talk):
        if question.id not in told:
            talk.call.data = {**talk.call.data, "told": [*told, question.id]}
            return [_ask(talk, question)]
    return spoken_letters.begin(talk)


def answer_question(talk: CallTalk, question_id: str) -> list[SpokenStep] | None:
    """A key of the question answers it; anything else goes on to the next. A call that we placed ends then."""
    question = talk.session.get(Question, question_id)
    key = spoken_outcome.pressed(talk, question) if question is not None else ""
    said: list[SpokenStep] = []
    if question is not None and question.state is QuestionState.OPEN and key:
        said = settle_by_key(talk, question, key)
    if any(isinstance(step, Ask | Record) for step in said):
        return said
    if talk.placed:
        return [*said, Say(talk.say("Good-bye.")), HangUp()]
    return [*said, *(tell_next(talk) or [])] or None


def read_posts(talk: CallTalk) -> list[Say]:
    """The newest posts near the caller, one sentence each with its number."""
    near = talk.area_code[:6]
    newest = sorted(talk.session.execute(_NEWEST).tuples(), key=lambda row: not row[1].startswith(near))
    posts_by_id = {
        post.id: post
        for post in talk.session.scalars(
            select(Post).where(Post.id.in_([row[0] for row in newest[:AT_MOST]]))
        )
    }
    found = [posts_by_id[post_id] for post_id, _area in newest[:AT_MOST]]
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
    speaks = talk.account
    return [
        question
        for question in found
        if question.kind in CHOICES
        and question.account_id
        and (not speaks or question.account_id == speaks.id)
    ]


def _ask(talk: CallTalk, question: Question) -> Ask:
    if question.kind in (QuestionKind.AMOUNT, QuestionKind.REASON):
        about = answers.topic(talk.session, question, talk.language)
        return spoken_outcome.ask(talk, question, Say(about, slow=True))
    if question.kind is not QuestionKind.MATCH:
        about = answers.topic(talk.session, question, talk.language)
        return Ask(
            step=f"question:{question.id}",
            prompt=(Say(about, slow=True), Say(keys_heard(talk, question))),
        )
    match = talk.session.get_one(Match, question.match_id)
    mine = match.supply_post if match.supply_post.account_id == question.account_id else match.demand_post
    line = match_notices.side_line(talk.session, match, mine, talk.language)
    return Ask(
        step=f"question:{question.id}",
        prompt=(Say(talk.say("A match: {side}. For the number press 1, if not press 2.", side=line)),),
    )
