"""A caller who follows a script: what was pressed and said, and everything that was heard."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from channels.simulator.calls import Exchange, Live
from channels.voice.runner import Awaits, Heard
from channels.voice.sound import guess_seconds, hum

_TOKEN = re.compile(r"[wh]\d+(\.\d+)?|[0-9*#]+|s")
LANGUAGE = "cmn-CN"


class BadKeys(ValueError):
    """A script that cannot be followed; keys are digits, ``*`` and ``#``, ``w3`` waits three seconds, ``h8`` hangs up after
    eight seconds of what is being said, ``s`` speaks."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a call: ``who`` is ``line`` (heard) or ``caller`` (did)."""

    who: str
    what: str
    text: str = ""
    seconds: float = 0.0
    audio: str = ""


@dataclass(slots=True)
class Transcript:
    """A call from the first ring to the last word."""

    call: str
    lines: list[Line] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def heard(self) -> list[str]:
        """The words that were spoken to the caller, in order."""
        return [line.text for line in self.lines if line.who == "line" and line.what == "say"]


def play(exchange: Exchange, caller: str, keys: str = "", say: str = "", to: str = "") -> Transcript:
    """Ring the service (or its number ``to``) from ``caller`` and follow the script; then hang up if the line is still open.

    Words are spoken as soon as the line records, and ended with ``#`` where the script does not press it next.
    Raises ``BadKeys`` and ``PhoneSilent``.
    """
    acts = read_keys(keys)
    return follow(exchange, exchange.dial(caller, to), acts, say)


def pick_up(exchange: Exchange, number: str, keys: str = "", say: str = "") -> Transcript:
    """Answer the call that rings at ``number`` and follow the script."""
    acts = read_keys(keys)
    return follow(exchange, exchange.answer(number), acts, say)


def read_keys(keys: str) -> list[str]:
    acts = keys.split()
    for one in acts:
        if not _TOKEN.fullmatch(one):
            raise BadKeys(one)
    return acts


def follow(exchange: Exchange, live: Live, acts: list[str], say: str) -> Transcript:
    """Do what the acts say in a call that has been answered."""
    runner, told = live.runner, Transcript(live.sid)
    words = [say] if say.strip() else []
    told.lines += _heard(runner.lines)

    def speak(following: str) -> None:
        if not words or not (runner.understands or runner.awaits is Awaits.SPEECH):
            return
        said = words.pop()
        told.lines.append(Line("caller", "speaks", said))
        if runner.understands:
            told.lines += _heard(runner.utter(said))
            return
        told.lines += _heard(
            runner.speak(exchange.sounds.voice.speak(said, LANGUAGE, False) or hum(guess_seconds(said)))
        )
        if not following.startswith("#"):
            told.lines += _heard(runner.press("#"))

    for act in [act for act in acts if act != "s"]:  # words are spoken when the line records, asked or not
        speak(act)
        if runner.awaits is Awaits.NOTHING:
            break
        if act.startswith("h"):
            told.lines.append(Line("caller", "hangs up", act[1:]))
            runner.hang_up(float(act[1:]))
        elif act.startswith("w"):
            told.lines.append(Line("caller", "waits", act[1:]))
            told.lines += _heard(runner.wait(float(act[1:])))
        else:
            told.lines.append(Line("caller", "presses", act))
            told.lines += _heard(runner.press(act))
    speak("")
    if runner.awaits is not Awaits.NOTHING:
        told.lines.append(Line("caller", "hangs up"))
        runner.hang_up()
    told.seconds = round(runner.seconds, 1)
    return told


def _heard(lines: list[Heard]) -> list[Line]:
    return [Line("line", line.kind, line.text, line.seconds, line.audio) for line in lines]
