"""A spoken script as TwiML, built only with the twilio package's classes: farmers' words are escaped, never markup.

Sources: https://www.twilio.com/docs/voice/twiml/say (languages, voices, length), /gather, /record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

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
from farmerline.render.speech import pieces

SAY_LIMIT = 450
_CODES = {"zh": "cmn-CN", "en": "en-US"}
VOICES = {"zh": "Polly.Zhiyu", "en": "Polly.Joanna"}
_HEARD = {"zh": "cmn-Hans-CN", "en": "en-US"}
"""What the carrier listens for. No model is named: it then takes another where one is away."""
_PAUSE_SECONDS = 3
"""After so long a silence what was said is over: people think between the amount and the price."""
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PROMPTS = (Say, PlayRecording)


@dataclass(frozen=True, slots=True)
class Links:
    """Where the carrier goes next: ``turn(step)`` for an answer, ``recording(id)`` for a sound of ours; who speaks a language."""

    turn: Callable[[str], str]
    recording: Callable[[str], str]
    voices: Mapping[str, str] = field(default_factory=lambda: VOICES)


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
    language = language if language in _CODES else "zh"
    code, voice = _CODES[language], links.voices[language]
    for prompt in prompts:
        if isinstance(prompt, PlayRecording):
            verb.play(links.recording(prompt.recording_id))
            continue
        for piece in cut(prompt.text):
            if prompt.slow:
                verb.say(language=code, voice=voice).prosody(piece, rate="slow")
            else:
                verb.say(piece, language=code, voice=voice)


def cut(text: str) -> list[str]:
    """The text in pieces that a carrier will speak."""
    return pieces.cut(_NOT_XML.sub("", text), SAY_LIMIT)
