"""What callers say into the line: posts, sightings, questions and messages, kept first and written down by a person."""

from __future__ import annotations

from sqlalchemy import select

from farmerline.domain import cases
from farmerline.domain.call_talk import CallTalk
from farmerline.messages import Ask, PlayRecording, Record, Say, SpokenStep
from farmerline.models import Case, CaseKind, CaseState, Recording

_PROMPTS = {
    "sell": "Say what you sell, how much, the price and your village, then press hash.",
    "buy": "Say what you want to buy, how much and your village, then press hash.",
    "pest": "Say the crop, the place, what you see and on how many of ten plants, then press hash.",
    "ask": "Say your question, then press hash.",
    "message": "Nobody is free now. Say your name and what it is about, then press hash; somebody rings you.",
}
_KINDS = {
    "sell": (CaseKind.VOICE_POST, "supply"),
    "buy": (CaseKind.VOICE_POST, "demand"),
    "pest": (CaseKind.SIGHTING, ""),
    "ask": (CaseKind.QUESTION, ""),
    "message": (CaseKind.MESSAGE, ""),
}
_SHORTEST = 1  # seconds; less is a slip of the key


def ask(talk: CallTalk, use: str) -> list[SpokenStep]:
    """Ask the caller to speak."""
    return [
        Say(talk.say(_PROMPTS[use])),
        Record(step=f"said:{use}", max_seconds=talk.settings.recording_seconds),
    ]


def leave_message(talk: CallTalk) -> list[SpokenStep]:
    """The way to a person: a message, and a call back in any case."""
    return ask(talk, "message")


def keep(talk: CallTalk, use: str) -> list[SpokenStep] | None:
    """Keep what was said at once, as a case; then let the caller hear it. None goes back to the menu.

    The same step of the same call replaces what was said before, so that a second try is not a second case.
    """
    use = use if use in _KINDS else "message"
    sound, seconds = talk.heard.recording or b"", talk.heard.recording_seconds
    if seconds < _SHORTEST or len(sound) <= 44:  # 44 bytes: a WAV header and no sound
        return _heard_nothing(talk, use)
    recording = Recording(
        call_id=talk.call.id,
        account_id=talk.account.id if talk.account else None,
        use=use,
        seconds=seconds,
        sound=sound,
        at=talk.now,
    )
    talk.session.add(recording)
    talk.session.flush()
    case = _case(talk, use, recording)
    talk.call.data = {**talk.call.data, "silent": 0}
    return [
        Say(talk.say("Kept. You said:")),
        PlayRecording(recording.id),
        Ask(
            step=f"keep:{case.id}:{use}",
            prompt=(
                Say(
                    talk.say(
                        "Right: press 1. Say it again: press 2. Your number is {number}.", number=case.number
                    )
                ),
            ),
        ),
    ]


def decide(talk: CallTalk, rest: str) -> list[SpokenStep] | None:
    """1 (or silence, or hanging up) keeps it; 2 records it again."""
    _, _, use = rest.partition(":")
    if talk.heard.digits[:1] == "2":
        return ask(talk, use if use in _KINDS else "message")
    return [
        Ask(
            step="menu",
            prompt=(
                Say(
                    talk.say(
                        "Good. Your contact point writes it down; then you get it read back by text or call."
                    )
                    if use in ("sell", "buy")
                    else talk.say("Good. Somebody answers you.")
                ),
            ),
        )
    ]


def _heard_nothing(talk: CallTalk, use: str) -> list[SpokenStep] | None:
    times = int(talk.call.data.get("silent", 0)) + 1
    talk.call.data = {**talk.call.data, "silent": times}
    if use == "message":
        case = _case(talk, use, None)
        return [
            Ask(
                step="menu",
                prompt=(
                    Say(
                        talk.say(
                            "We heard nothing, but somebody will ring you. Your number is {number}.",
                            number=case.number,
                        )
                    ),
                ),
            )
        ]
    if times >= 2:
        return leave_message(talk)
    return [Say(talk.say("We heard nothing.")), *ask(talk, use)]


def _case(talk: CallTalk, use: str, recording: Recording | None) -> Case:
    kind, direction = _KINDS[use]
    if recording is None:
        kind = CaseKind.CALL_BACK
    said = talk.heard.said.strip()
    earlier = talk.session.scalar(
        select(Case)
        .join(Recording, Recording.id == Case.recording_id)
        .where(Recording.call_id == talk.call.id, Recording.use == use, Case.state == CaseState.OPEN)
    )
    if earlier is not None and recording is not None:
        earlier.recording_id, earlier.text = recording.id, said
        return earlier
    return cases.open_case(
        talk.session,
        kind=kind,
        area_code=talk.area_code,
        text=said
        or talk.say(
            "(rang and said nothing)" if recording is None else "(spoken, {seconds} s)",
            seconds=talk.heard.recording_seconds,
        ),
        now=talk.now,
        account=talk.account,
        phone=talk.call.caller or None,
        direction=direction,
        recording=recording,
    )
