"""A spoken script as TwiML, built only with the twilio package's classes: farmers' words are escaped, never markup.

Sources: https://www.twilio.com/docs/voice/twiml/say (languages, voices, length), /gather, /record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from twilio.twiml.voice_response import Gather, VoiceResponse

from farmerline.messages import (
    Ask,
    HangUp,
    PlayRecording,
    Record,
    Refuse,
    Say,
    SpokenScript,
    SpokenStep,
    Transfer,
)

SAY_LIMIT = 450
_VOICES = {"zh": ("cmn-CN", "Polly.Zhiyu"), "en": ("en-US", "Polly.Joanna")}
_HEARD = {"zh": "cmn-Hans-CN", "en": "en-US"}
"""What the carrier listens for. No model is named: it then takes another where one is away."""
_PAUSE_SECONDS = 3
"""After so long a silence what was said is over: people think between the amount and the price."""
_SENTENCE_END = re.compile(r"[。！？!?；;\n]|(?<=[^\d])[.](?=\s)")
_PAUSE = re.compile(r"[，,、：: ]")
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PROMPTS = (Say, PlayRecording)


@dataclass(frozen=True, slots=True)
class Links:
    """Where the carrier goes next: ``turn(step)`` for an answer, ``recording(id)`` for a sound of ours."""

    turn: Callable[[str], str]
    recording: Callable[[str], str]


def render(script: SpokenScript, links: Links) -> str:
    """The script as a TwiML document.

    Prompts that stand before an ``Ask`` go inside its ``Gather``, so that a key cuts them short. What follows a
    step that asks or records is not reached: the answer brings the next script.
    """
    response = VoiceResponse()
    prompts: list[Say | PlayRecording] = []
    for step in script.steps:
        if isinstance(step, _PROMPTS):
            prompts.append(step)
            continue
        if isinstance(step, Ask):
            listening = {
                "language": _HEARD.get(script.language, _HEARD["zh"]),
                "speech_timeout": _PAUSE_SECONDS,
            }
            gather = Gather(
                input="dtmf speech" if step.speech else "dtmf",
                num_digits=step.count or None,
                finish_on_key="#",
                timeout=step.seconds,
                action_on_empty_result=True,
                action=links.turn(step.step),
                method="POST",
                **(listening if step.speech else {}),
            )
            _speak(gather, [*prompts, *step.prompt], script.language, links)
            response.append(gather)
            return str(response)
        _speak(response, prompts, script.language, links)
        prompts = []
        if _last(response, step, links):
            return str(response)
    _speak(response, prompts, script.language, links)
    return str(response)


def _last(response: VoiceResponse, step: SpokenStep, links: Links) -> bool:
    if isinstance(step, Record):
        response.record(
            action=links.turn(step.step),
            method="POST",
            timeout=step.silence,
            max_length=step.max_seconds,
            finish_on_key="#",
            play_beep=True,
            trim="do-not-trim",
        )
        response.redirect(links.turn(step.step), method="POST")  # reached when nothing was said
    elif isinstance(step, Transfer):
        dial = response.dial(
            action=links.turn(step.step), method="POST", timeout=step.seconds, caller_id=step.shown or None
        )
        screen = {"url": links.turn(step.screen), "method": "POST"} if step.screen else {}
        dial.number(step.to, **screen)
    elif isinstance(step, HangUp):
        response.hangup()
    elif isinstance(step, Refuse):
        response.reject(reason="busy")
    return True


def _speak(
    verb: VoiceResponse | Gather, prompts: Sequence[Say | PlayRecording], language: str, links: Links
) -> None:
    code, voice = _VOICES.get(language, _VOICES["zh"])
    for prompt in prompts:
        if isinstance(prompt, PlayRecording):
            verb.play(links.recording(prompt.recording_id))
            continue
        for piece in cut(prompt.text):
            if prompt.slow:
                verb.say(language=code, voice=voice).prosody(piece, rate="slow")
            else:
                verb.say(piece, language=code, voice=voice)


def cut(text: str, limit: int = SAY_LIMIT) -> list[str]:
    """The text in pieces that a carrier will speak, cut where a sentence ends, else at a pause, else hard."""
    rest = _NOT_XML.sub("", text).strip()
    pieces = []
    while len(rest) > limit:
        at = _last_end(_SENTENCE_END, rest, limit) or _last_end(_PAUSE, rest, limit) or limit
        pieces.append(rest[:at].strip())
        rest = rest[at:].strip()
    return [piece for piece in [*pieces, rest] if piece]


def _last_end(pattern: re.Pattern[str], text: str, limit: int) -> int:
    ends = [found.end() for found in pattern.finditer(text, 0, limit) if found.end() >= limit // 3]
    return ends[-1] if ends else 0
