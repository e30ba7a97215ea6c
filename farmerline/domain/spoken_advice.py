"""Answers of experts by telephone: spoken by the expert whom the line rings, heard by who asked."""

from __future__ import annotations

from farmerline.domain import access, advice, questions
from farmerline.domain.call_talk import CallTalk
from farmerline.errors import Refusal
from farmerline.messages import Ask, HangUp, PlayRecording, Record, Say, SpokenStep
from farmerline.models import Account, Case, CaseAnswer, Question, QuestionKind, QuestionState, Recording


def ask(talk: CallTalk, question: Question) -> list[SpokenStep]:
    """Ask the expert who was rung to speak the answer to a case."""
    case = talk.session.get_one(Case, question.data["case"])
    words = talk.say("Say your answer to number {number}, then press hash.", number=case.number)
    return [Say(words), Record(step=f"advise:{question.id}", max_seconds=talk.settings.recording_seconds)]


def keep(talk: CallTalk, question_id: str) -> list[SpokenStep]:
    """Keep what the expert said and play it back; nothing is told to anybody before the yes."""
    question = _open(talk, question_id)
    if question is None:
        return _good_bye(talk)
    sound, seconds = talk.heard.recording, talk.heard.recording_seconds
    if not sound or not seconds:
        return [Say(talk.say("We heard nothing.")), *ask(talk, question)] if _once(talk) else _good_bye(talk)
    recording = Recording(
        call_id=talk.call.id,
        account_id=question.account_id,
        use="answer",
        seconds=seconds,
        sound=sound,
        at=talk.now,
    )
    talk.session.add(recording)
    talk.session.flush()
    right = Say(talk.say("Right: press 1. Say it again: press 2."))
    return [
        Say(talk.say("You said:")),
        PlayRecording(recording.id),
        Ask(step=f"advised:{question.id}:{recording.id}", prompt=(right,)),
    ]


def settle(talk: CallTalk, rest: str) -> list[SpokenStep]:
    """1 answers the case with the recording, 2 records anew; anything else leaves the case as it is."""
    question_id, _, recording_id = rest.partition(":")
    question, key = _open(talk, question_id), talk.heard.digits[:1]
    recording = talk.session.get(Recording, recording_id)
    if question is None or recording is None or recording.call_id != talk.call.id or key not in ("1", "2"):
        return _good_bye(talk)
    if key == "2":
        return ask(talk, question)
    case = talk.session.get_one(Case, question.data["case"])
    actor = access.actor_of(talk.session, talk.session.get_one(Account, question.account_id))
    try:
        advice.answer(
            talk.session, actor=actor, number=case.number, short="", full="", settings=talk.settings, now=talk.now,
            recording=recording,
        )  # fmt: skip
    except Refusal as refusal:
        return [Say(talk.say(refusal.sentence, **refusal.values)), HangUp()]
    questions.close(question, now=talk.now, answer="spoken")
    return [Say(talk.say("Thank you: they are rung with your answer.")), HangUp()]


def recorded(talk: CallTalk, question: Question) -> PlayRecording | None:
    """The sound of the answer that somebody is asked about; None where it is written."""
    if question.kind is not QuestionKind.USEFUL:
        return None
    case = talk.session.get_one(Case, question.data["case"])
    row: CaseAnswer | None = advice.answer_of(talk.session, case)
    return PlayRecording(row.recording_id) if row is not None and row.recording_id else None


def _open(talk: CallTalk, question_id: str) -> Question | None:
    """The open request of the person whom the service rang in this very call."""
    question = talk.session.get(Question, question_id)
    if (
        question is None
        or question.kind is not QuestionKind.SPEAK
        or question.account_id != talk.call.account_id
    ):
        return None
    return question if talk.call.outbound and question.state is QuestionState.OPEN else None


def _once(talk: CallTalk) -> bool:
    times = int(talk.call.data.get("silent", 0)) + 1
    talk.call.data = {**talk.call.data, "silent": times}
    return times < 3


def _good_bye(talk: CallTalk) -> list[SpokenStep]:
    return [Say(talk.say("Good-bye.")), HangUp()]
