"""The talk about a draft: read back, published or changed by an answer, dropped, or handed to a person."""

from __future__ import annotations

from farmerline import parts
from farmerline.domain import accounts, cases, choices, guards, matching_desk, posts, questions, usual_prices
from farmerline.domain.talk import Talk
from farmerline.messages import Channel
from farmerline.models import CaseKind, Post, PostState, Question, QuestionKind, QuestionState
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


def settle_publish(talk: Talk, question: Question) -> None:
    """Publish a draft that was read back, or take it back to be changed."""
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


def settle_side(talk: Talk, question: Question) -> None:
    """Whether the person sells or buys; the draft is read back with it."""
    post = talk.session.get_one(Post, question.post_id)
    questions.close(question, now=talk.now, answer=talk.said.intent)
    posts.turn(post, "supply" if talk.said.intent == "confirm" else "demand")
    talk.post = post
    read_back(talk, post)


def settle_choice(talk: Talk, question: Question) -> None:
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


def settle_change(talk: Talk, question: Question) -> None:
    """A bare number where words were asked for: publish as it stands (1, 3) or ask again."""
    post = talk.session.get_one(Post, question.post_id)
    if talk.said.intent in ("confirm", "list_only") and post.state is PostState.PENDING:
        settle_publish(talk, question)
    else:
        talk.tell(
            "What shall be different? Just write it, like 3000 jin or 2.5 yuan, or the whole post again.",
            question=question,
        )


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


def _pass_on(talk: Talk, question: Question, post: Post) -> None:
    """None of what was offered: a person rings."""
    _open_unclear(talk, question, post)
    helper = accounts.contact_of(talk.session, talk.person.area_code)
    talk.tell(
        "All right. {helper} rings you and takes it down. Number {number}.",
        helper=helper.name if helper else talk.settings.service_name,
        number=talk.case.number if talk.case else 0,
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
