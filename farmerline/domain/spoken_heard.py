"""What a recogniser heard, within the call: asked for by the carrier's ear, read back, and confirmed by a key."""

from __future__ import annotations

from farmerline.domain import answers, read_aloud, recognised
from farmerline.domain.call_talk import CallTalk
from farmerline.messages import Ask, Say, SpokenStep
from farmerline.models import Case, CaseKind, Ear, Question, QuestionState

PROMPTS = {
    "sell": "Say what you sell, how much, the price and your village.",
    "buy": "Say what you want to buy, how much and your village.",
    "pest": "Say the crop, the place, what you see and on how many of ten plants.",
    "ask": "Say your question.",
}


def by_ear(talk: CallTalk, use: str) -> bool:
    """Whether the carrier's recogniser listens: for what it can be asked, until it failed once in this call."""
    return talk.settings.recogniser == "carrier" and use in PROMPTS and not talk.call.data.get("silent")


def listen(talk: CallTalk, use: str, step: str) -> list[SpokenStep]:
    """Ask the caller to speak to the carrier's recogniser."""
    return [Ask(step=step, prompt=(Say(talk.say(PROMPTS[use])),), seconds=6, speech=True)]


def put(talk: CallTalk, case: Case) -> bool:
    """Put what the carrier heard beside its case; whether it will do without a recording."""
    recognised.put(
        talk.session, case, text=talk.heard.said.strip(), sureness=talk.heard.sureness, understand=talk.understand,
        settings=talk.settings, now=talk.now,
    )  # fmt: skip
    sure = talk.heard.sureness is None or talk.heard.sureness >= talk.settings.recogniser_least
    return case.ear is Ear.READY or (case.kind is CaseKind.QUESTION and sure)


def repeat(talk: CallTalk, case: Case, step: str) -> list[SpokenStep]:
    """A question in the words that were heard, for its yes."""
    return [
        Ask(
            step=step,
            prompt=(
                Say(talk.say("We heard: {words}", words=case.heard), slow=True),
                Say(
                    talk.say(
                        "Right: press 1. Say it again: press 2. Your number is {number}.", number=case.number
                    )
                ),
            ),
        )
    ]


def read_back(talk: CallTalk, case: Case | None) -> list[SpokenStep] | None:
    """The recognised words as a question that keys answer; None where there are none that would do."""
    if case is None:
        return None
    asked = recognised.read_back(
        talk.session, case, understand=talk.understand, settings=talk.settings, now=talk.now
    )
    if asked is not None:
        talk.call.data = {**talk.call.data, "read_back": [case.id, asked.question.id]}
        return [read_aloud.ask(talk, asked.question, asked.text)]
    known, question_id = talk.call.data.get("read_back", ("", ""))
    question = talk.session.get(Question, question_id) if known == case.id else None
    if question is None or question.state is not QuestionState.OPEN:
        return None
    return [
        read_aloud.ask(talk, question, answers.topic(talk.session, question, talk.language))
    ]  # the same turn again
