"""Calls that the service places: a text read aloud, and the answer by key."""

from __future__ import annotations

from sqlalchemy import select

from farmerline.domain import (
    hotline,
    intake,
    letter_calls,
    read_aloud,
    spoken_advice,
    spoken_outcome,
    spoken_posts,
)
from farmerline.domain.call_talk import CallTalk
from farmerline.domain.read_aloud import CHOICES, keys_heard, keys_of, question_words, spell
from farmerline.messages import Ask, Channel, HangUp, Incoming, PlayRecording, Record, Say, SpokenStep
from farmerline.models import Delivery, Post, Question, QuestionKind, QuestionState


def ring_out(talk: CallTalk, step: str) -> list[SpokenStep]:
    """The turns of a call that the service placed: the text, the choice of keys, what came of it."""
    delivery = talk.session.get_one(Delivery, talk.heard.delivery_id)
    if (letter := letter_calls.letter_of(talk, delivery)) is not None:
        return letter_calls.ring_out(talk, delivery, letter, step)
    question = talk.session.get(Question, delivery.question_id) if delivery.question_id else None
    if question is not None and question.kind is QuestionKind.SPEAK and question.state is QuestionState.OPEN:
        return spoken_advice.ask(talk, question)
    waiting = question is not None and question.state is QuestionState.OPEN and question.kind in CHOICES
    key = talk.heard.digits[:1]
    if step == "":
        return _read(talk, delivery, question if waiting else None)
    if key == "0":
        return hotline.reach(talk)
    if question is None or not waiting:
        return [Say(talk.say("Good-bye.")), HangUp()]
    if key not in keys_of(question):
        return _read(talk, delivery, question) if _patient(talk) else [Say(talk.say("Good-bye.")), HangUp()]
    said = settle_by_key(talk, question, key)
    waits = any(isinstance(step, Ask | Record) for step in said)
    return said if waits else [*said, Say(talk.say("Good-bye.")), HangUp()]


def settle_by_key(talk: CallTalk, question: Question, key: str) -> list[SpokenStep]:
    """What an answer by key leads to: its echo, or, where a draft is to be changed, the caller's own words."""
    told = act(talk, question, key)
    if (more := spoken_outcome.next_question(talk, question)) is not None:
        return [spoken_outcome.ask(talk, more, Say(talk.say("Noted.")))]
    if question.kind is QuestionKind.CHOICE and told and (drafted := _drafted(talk, question)) is not None:
        return [read_aloud.ask(talk, drafted, told[0])]
    if told and (following := _next_of_survey(talk, question)) is not None:
        return [read_aloud.ask(talk, following, told[0])]
    replies: list[SpokenStep] = [Say(spell(reply), slow=True) for reply in told]
    if key == "2" and question.kind is QuestionKind.PUBLISH:
        post = talk.session.get(Post, question.post_id) if question.post_id else None
        side = "buy" if post is not None and post.kind == "demand" else "sell"
        draft_id = question.post_id or ""
        return [Say(talk.say("Say how it should be.")), *spoken_posts.ask(talk, side, draft_id=draft_id)]
    return replies


def _next_of_survey(talk: CallTalk, answered: Question) -> Question | None:
    """The question of the same survey that the answer opened."""
    if answered.kind is not QuestionKind.SURVEY:
        return None
    mine = select(Question).where(
        Question.account_id == answered.account_id,
        Question.kind == QuestionKind.SURVEY,
        Question.state == QuestionState.OPEN,
    )
    survey = answered.data["survey"]
    return next((one for one in talk.session.scalars(mine) if one.data["survey"] == survey), None)


def _drafted(talk: CallTalk, question: Question) -> Question | None:
    """The read-back that followed a choice."""
    same = select(Question).where(
        Question.post_id == question.post_id,
        Question.kind == QuestionKind.PUBLISH,
        Question.state == QuestionState.OPEN,
    )
    return talk.session.scalars(same.limit(1)).first()


def act(talk: CallTalk, question: Question, key: str) -> list[str]:
    """Answer an open question by key: the same way as a text would. Returns what the person is told."""
    inbound_id, _ = intake.store(
        talk.session,
        Incoming(
            channel=Channel.VOICE,
            gateway="voice",
            ref=f"{talk.call.ref}:{question.id}:{key}",
            sender=talk.call.caller,
            text=f"{key} {question.code}",
            received_at=talk.now,
            account_id=question.account_id,
        ),
    )
    done = intake.handle(
        talk.session, inbound_id=inbound_id, understand=talk.understand, settings=talk.settings, now=talk.now
    )
    return list(done.replies)


def _read(talk: CallTalk, delivery: Delivery, question: Question | None) -> list[SpokenStep]:
    text = spell(delivery.text)
    if question is not None and question.kind in (QuestionKind.AMOUNT, QuestionKind.REASON):
        return [spoken_outcome.ask(talk, question)]
    told: list[Say | PlayRecording] = [Say(text)]
    if question is not None:
        spoken = spoken_advice.recorded(talk, question)
        told = [spoken or Say(question_words(text)), Say(keys_heard(talk, question))]
    told.append(Say(talk.say("Again press 9, for a person press 0.")))
    return [Ask(step="reply", prompt=tuple(told), count=1, seconds=8)]


def _patient(talk: CallTalk) -> bool:
    """Read it again twice to a silent phone, then end: the question stays open."""
    times = int(talk.call.data.get("silent", 0)) + 1
    talk.call.data = {**talk.call.data, "silent": times}
    return times < 3
