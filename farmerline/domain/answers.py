"""Answers to open questions: publish or change a draft, want a match, say how it ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from farmerline import parts
from farmerline.domain import (
    accounts,
    alert_answers,
    cases,
    choices,
    guards,
    matching_desk,
    outcome_talk,
    pool_talk,
    posts,
    questions,
    usual_prices,
)
from farmerline.domain.talk import Talk
from farmerline.errors import Refusal
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    Alert,
    CaseKind,
    Inbound,
    InboundState,
    Match,
    Post,
    PostState,
    Question,
    QuestionKind,
    QuestionState,
)
from farmerline.words import say

_DROPS = frozenset({"取消", "取消吧", "取消了", "算了", "算了不发了", "不发了", "不发", "不要发", "cancel"})
"""What drops a draft that waits for its yes."""


def read_back(talk: Talk, post: Post) -> None:
    """Read a draft back, and ask whether it is right."""
    question = _ask_about(talk, QuestionKind.PUBLISH, post)
    what = posts.describe(talk.session, post, talk.language)
    if len(talk.members) > 1 or talk.operator is not None:
        what = f"{what}({talk.person.name})"
    talk.tell_plain(_noted(talk, post, what), question=question)


def settle(talk: Talk, question: Question) -> None:
    """Act on an answer to an open question."""
    try:
        _ANSWERS[question.kind](talk, question)
    except Refusal as refusal:
        talk.refuse(refusal)


def change(talk: Talk, question: Question, words: str) -> None:
    """Change a draft by ``words``, and read it back again; what cannot be used goes to a person."""
    post = talk.session.get(Post, question.post_id or "")
    if post is None or post.state is not PostState.PENDING:
        questions.close(question, now=talk.now, state=QuestionState.REPLACED)
        talk.tell("That post is settled already. Please write the whole post again.")
        return
    reading = talk.said.reading
    if words != talk.inbound.body or reading is None:
        reading = talk.understand(words, frozenset()).reading
    if reading is None or not posts.amend(talk.session, post, reading, words, now=talk.now):
        _hand_over(talk, question, post)
        return
    questions.close_all(talk.session, now=talk.now, post_id=post.id, answer="changed")
    talk.post = post
    read_back(talk, post)


def drop_draft(talk: Talk) -> bool:
    """取消 just after a read-back means the draft and nothing else; False where no draft waits, or another word was said."""
    words = "".join(sign for sign in talk.inbound.body if sign.isalnum()).casefold()
    if words not in _DROPS:
        return False
    for question in reversed(talk.questions):
        post = talk.session.get(Post, question.post_id) if question.post_id else None
        if post is not None and post.state is PostState.PENDING:
            posts.end(
                talk.session,
                post,
                PostState.WITHDRAWN,
                by=talk.speaker,
                channel=talk.inbound.channel,
                now=talk.now,
            )
            talk.post = post
            talk.tell(
                "Not published: {what}. Nothing else was stopped.",
                what=posts.describe(talk.session, post, talk.language),
            )
            return True
    return False


def topic(session: Session, question: Question, language: str) -> str:
    """What a question is about, in a few words."""
    if question.match_id:
        match = session.get_one(Match, question.match_id)
        mine = match.supply_post.account_id == question.account_id
        return say(language, "match: {what}", what=(match.demand_item if mine else match.supply_item).name)
    if question.kind is QuestionKind.CHOICE:
        return choices.topic(session, question, language)
    if question.post_id:
        return posts.describe(session, session.get_one(Post, question.post_id), language)
    if question.kind in (QuestionKind.POOL, QuestionKind.POOLED):
        return pool_talk.topic(session, question, language)
    if question.kind is QuestionKind.ALERT:
        return say(language, "alert {number}", number=session.get_one(Alert, question.data["alert"]).number)
    if question.kind is QuestionKind.CALLOUT:
        return say(language, "you are called out")
    return say(language, "who is speaking")


def park_unanswered(session: Session, *, now: datetime) -> int:
    """Questions that met silence: drafts and words without a name go to a person, the rest end. Returns how many."""
    due = questions.due_unanswered(session, now=now)
    for question in due:
        questions.close(question, now=now, state=QuestionState.EXPIRED)
        if question.kind is QuestionKind.WHO:
            _pass_on_unnamed(session, question, now)
        post = session.get(Post, question.post_id) if question.post_id else None
        if post is not None and post.state is PostState.PENDING:
            owner = session.get_one(Account, post.account_id)
            cases.open_case(
                session,
                kind=CaseKind.CALL_BACK,
                area_code=owner.area_code,
                text=posts.describe(session, post),
                now=now,
                account=owner,
                post=post,
            )
    return len(due)


def _pass_on_unnamed(session: Session, question: Question, now: datetime) -> None:
    """Nobody said who spoke: the words go to the household's contact point."""
    row = session.get(Inbound, question.data["inbound"])
    member = session.get(Account, question.data["members"][0])
    if row is None or member is None or row.state is not InboundState.PARKED:
        return
    row.state = InboundState.HANDLED
    case = cases.open_case(
        session,
        kind=CaseKind.UNCLEAR,
        area_code=member.area_code,
        text=row.body,
        now=now,
        phone=row.sender or None,
        inbound=row,
    )
    row.case_id = case.id


def _settle_publish(talk: Talk, question: Question) -> None:
    if drop_draft(talk):
        return
    post = talk.session.get_one(Post, question.post_id)
    talk.post = post
    if talk.said.intent == "deny" and talk.said.slots:
        change(talk, question, talk.inbound.body)
    elif talk.said.intent == "deny":
        questions.close(question, now=talk.now, answer="change")
        waiting = _ask_about(talk, QuestionKind.CHANGE, post)
        talk.tell(
            "What shall be different? Just write it, like 3000 jin or 2.5 yuan, or the whole post again.",
            question=waiting,
        )
    else:
        questions.close(question, now=talk.now, answer=talk.said.intent)
        _publish(talk, post, share_phone=talk.said.intent == "confirm")


def _publish(talk: Talk, post: Post, *, share_phone: bool) -> None:
    posts.publish(
        talk.session,
        post,
        by=talk.speaker,
        channel=talk.inbound.channel,
        share_phone=share_phone,
        now=talk.now,
        hold_hours=talk.settings.hold_hours,
    )
    if post.state is PostState.HELD:
        talk.tell(
            guards.HELD[post.held_reason],
            number=post.number,
            hours=talk.settings.hold_hours,
        )
        return
    days = (post.expires_at - talk.now).days if post.expires_at else 0
    talk.tell(
        "Published, No. {number}, for {days} days. When it is over reply DONE {number}.",
        number=post.number,
        days=days,
    )
    matching_desk.meet(talk.session, post, settings=talk.settings, now=talk.now)


def _settle_side(talk: Talk, question: Question) -> None:
    post = talk.session.get_one(Post, question.post_id)
    questions.close(question, now=talk.now, answer=talk.said.intent)
    posts.turn(post, "supply" if talk.said.intent == "confirm" else "demand")
    talk.post = post
    read_back(talk, post)


def _settle_choice(talk: Talk, question: Question) -> None:
    """What was meant: it is read back; none of it goes to a person; what cannot be told is asked once more."""
    if choices.is_settled(talk, question):
        talk.tell("That post is settled already. Please write the whole post again.")
        return
    post = talk.session.get_one(Post, question.post_id)
    if choices.take(talk, question):
        read_back(talk, post)
    elif choices.picked(talk, question) is None:
        choices.tell(talk, post, question)
    else:
        _pass_on(talk, question, post)


def _pass_on(talk: Talk, question: Question, post: Post) -> None:
    """None of what was offered: a person rings."""
    _open_unclear(talk, question, post)
    helper = accounts.contact_of(talk.session, talk.person.area_code)
    talk.tell(
        "All right. {helper} rings you and takes it down. Number {number}.",
        helper=helper.name if helper else talk.settings.service_name,
        number=talk.case.number if talk.case else 0,
    )


def _settle_change(talk: Talk, question: Question) -> None:
    """A bare number where words were asked for: publish as it stands (1, 3) or ask again."""
    post = talk.session.get_one(Post, question.post_id)
    if talk.said.intent in ("confirm", "list_only") and post.state is PostState.PENDING:
        _settle_publish(talk, question)
    else:
        talk.tell(
            "What shall be different? Just write it, like 3000 jin or 2.5 yuan, or the whole post again.",
            question=question,
        )


def _settle_match(talk: Talk, question: Question) -> None:
    match = talk.session.get_one(Match, question.match_id)
    yes = talk.said.intent != "deny"
    shown = matching_desk.answer(
        talk.session, match, account=talk.person, yes=yes, settings=talk.settings, now=talk.now
    )
    questions.close(question, now=talk.now, answer="yes" if yes else "no")
    if not yes:
        talk.tell("All right, not this one. We go on looking.")
    elif shown is None:
        talk.tell("Noted. The other side is asked; when they say yes too you get the number.")
    else:
        talk.tell(
            "{name} ({what}): {phone}. In {days} days we ask how it went.",
            name=shown.name,
            what=shown.what,
            phone=shown.phone,
            days=talk.settings.follow_up_days[0],
        )


def _settle_renew(talk: Talk, question: Question) -> None:
    post = talk.session.get_one(Post, question.post_id)
    questions.close(question, now=talk.now, answer=talk.said.intent)
    talk.post = post
    if talk.said.intent == "deny":
        posts.end(
            talk.session, post, PostState.DONE, by=talk.speaker, channel=talk.inbound.channel, now=talk.now
        )
        talk.tell("No. {number} is taken down. Thank you for telling us.", number=post.number)
        return
    posts.renew(talk.session, post, by=talk.speaker, channel=talk.inbound.channel, now=talk.now)
    days = (post.expires_at - talk.now).days if post.expires_at else 0
    talk.tell("No. {number} stays {days} more days.", number=post.number, days=days)


def _settle_letter(talk: Talk, question: Question) -> None:
    talk.tell("To answer this letter write {code} and then your words.", code=question.code)


def _settle_who(talk: Talk, question: Question) -> None:
    names = question.data.get("members", [])
    talk.tell("Please reply a number from 1 to {count}.", question=question, count=len(names))


def _noted(talk: Talk, post: Post, what: str) -> str:
    """The draft as it is read back. A price far from the usual is asked about where that costs no further text message;
    a page asks beside its buttons."""
    text = say(
        talk.language,
        "Noted: {what}. Reply 1 to publish and show your number to who fits, 3 to list without the number, 2 to change",
        what=what,
    )
    on_page = talk.inbound.channel is Channel.WEB and talk.operator is None
    asked = "" if on_page else usual_prices.ask_price(talk.session, post, talk.language, talk.now)
    if not asked:
        return text
    warned = say(
        talk.language, "{what}. {asked} Reply 1 yes, 3 without number, 2 change", what=what, asked=asked
    )
    return warned if _parts(talk, warned) <= _parts(talk, text) else text


def _parts(talk: Talk, text: str) -> int:
    """How many text messages it takes, with its code and signature."""
    return parts.count(f"{text}[A12]", talk.settings.sms_signature).parts


def _ask_about(talk: Talk, kind: QuestionKind, post: Post) -> Question:
    return questions.ask(
        talk.session,
        kind=kind,
        now=talk.now,
        hours=talk.settings.read_back_hours,
        account=talk.person,
        post_id=post.id,
    )


def _hand_over(talk: Talk, question: Question, post: Post) -> None:
    _open_unclear(talk, question, post)
    talk.tell(
        "We are not sure what to change. Your contact point will ring you. Number {number}.",
        number=talk.case.number if talk.case else 0,
    )


def _open_unclear(talk: Talk, question: Question, post: Post) -> None:
    questions.close(question, now=talk.now, state=QuestionState.REPLACED)
    talk.case = cases.open_case(
        talk.session,
        kind=CaseKind.UNCLEAR,
        area_code=talk.person.area_code,
        text=f"{posts.describe(talk.session, post)} / {talk.inbound.body}",
        now=talk.now,
        account=talk.person,
        inbound=talk.inbound,
        post=post,
    )


_ANSWERS: dict[QuestionKind, Callable[[Talk, Question], None]] = {
    QuestionKind.PUBLISH: _settle_publish,
    QuestionKind.SIDE: _settle_side,
    QuestionKind.CHOICE: _settle_choice,
    QuestionKind.CHANGE: _settle_change,
    QuestionKind.MATCH: _settle_match,
    QuestionKind.OUTCOME: outcome_talk.settle_outcome,
    QuestionKind.AMOUNT: outcome_talk.settle_amount,
    QuestionKind.REASON: outcome_talk.settle_reason,
    QuestionKind.POOL: pool_talk.settle_member,
    QuestionKind.POOLED: pool_talk.settle_buyer,
    QuestionKind.RENEW: _settle_renew,
    QuestionKind.LETTER: _settle_letter,
    QuestionKind.WHO: _settle_who,
    QuestionKind.ALERT: alert_answers.settle_alert,
    QuestionKind.CALLOUT: alert_answers.settle_callout,
}
