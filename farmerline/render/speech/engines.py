"""Who makes words audible: espeak-ng in a program beside ours, or an engine of the county's own, by a command or by HTTP."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Protocol
from urllib.error import URLError

from farmerline.render.speech.wav import BadSound, converted, seconds_of

NORMAL, SLOW = 165, 115
"""Words a minute, as espeak-ng counts them; a Chinese sign is about one word."""
_HELPER = Path(__file__).resolve().with_name("espeak.py")
_VOICES = {"zh": "cmn", "en": "en-us"}
_SECONDS_ALLOWED = 20
_LARGEST = 20_000_000
_SHORTEST = 0.05
"""Seconds: less than that is no speech."""


class EngineError(Exception):
    """The engine made no sound; the message says why, without the words."""


class Engine(Protocol):
    """``name`` tells engines and their voices apart: sounds are kept by it."""

    @property
    def name(self) -> str: ...

    def make(self, text: str, language: str, *, slow: bool, rate: int) -> bytes:
        """WAV bytes, 16 bit, one channel, at ``rate`` samples a second; ``language`` is "zh" or "en". Raises ``EngineError``."""
        ...


@dataclass(frozen=True, slots=True)
class Espeak:
    """The built-in voice. (Debian's own espeak-ng 1.51 reads Mandarin's tone digits aloud in English: it is never used.)"""

    name: str = "espeak"

    def make(self, text: str, language: str, *, slow: bool, rate: int) -> bytes:
        asked = {"text": text, "voice": _VOICES[language], "speed": SLOW if slow else NORMAL}
        return converted(_ask_helper(asked), rate)


@dataclass(frozen=True, slots=True)
class Command:
    """A program of the county's own: words on its standard input, a WAV file on its standard output.

    In its arguments ``{language}`` stands for zh or en, ``{speed}`` for 1.0 or, where names and numbers are said, 0.7.
    """

    line: str
    seconds: float

    @property
    def name(self) -> str:
        return f"command {self.line}"

    def make(self, text: str, language: str, *, slow: bool, rate: int) -> bytes:
        filled = {"{language}": language, "{speed}": "0.7" if slow else "1.0"}
        arguments = [_fill(part, filled) for part in shlex.split(self.line)]
        return _checked(_run(arguments, text.encode(), self.seconds), rate)


@dataclass(frozen=True, slots=True)
class Http:
    """A service of the county's own: a JSON object with ``text``, ``language`` and ``speed`` is posted, a WAV file comes back."""

    url: str
    seconds: float
    token: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        return f"http {self.url}"

    def make(self, text: str, language: str, *, slow: bool, rate: int) -> bytes:
        body = {"text": text, "language": language, "speed": 0.7 if slow else 1.0}
        heads = {"Content-Type": "application/json"}
        if self.token:
            heads["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.url, json.dumps(body).encode(), heads)  # noqa: S310 - https or http: a setting
        try:
            with urllib.request.build_opener(_Stays).open(request, timeout=self.seconds) as answer:
                return _checked(answer.read(_LARGEST + 1), rate)
        except (URLError, OSError, ValueError, HTTPException) as error:
            raise EngineError(type(error).__name__) from error


class _Stays(urllib.request.HTTPRedirectHandler):
    """People's words go where the setting says, and nowhere else."""

    def redirect_request(self, *_: object) -> None:
        return None


def is_voice_installed() -> bool:
    """Whether the optional speech library is there."""
    return importlib.util.find_spec("espeakng_loader") is not None


def phonemes(texts: Sequence[str], language: str = "zh") -> list[str]:
    """What the built-in voice would speak, in its own signs, tones as figures (55, 35, 214, 51). Raises ``EngineError``."""
    asked: dict[str, object] = {"texts": list(texts), "voice": _VOICES[language]}
    found: list[str] = json.loads(_start_helper(asked))
    return found


def _ask_helper(asked: dict[str, object]) -> bytes:
    sound = _start_helper(asked)
    if sound[:4] != b"RIFF":
        raise EngineError("no sound")
    return sound


def _start_helper(asked: dict[str, object]) -> bytes:
    """A process of its own: a foreign library that crashes or hangs takes no call with it."""
    if not is_voice_installed():
        raise EngineError("espeakng-loader is not installed")
    return _run([sys.executable, "-P", str(_HELPER)], json.dumps(asked).encode(), _SECONDS_ALLOWED)


def _run(arguments: Sequence[str], words: bytes, seconds: float) -> bytes:
    try:
        program = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise EngineError(type(error).__name__) from error
    with program:
        try:
            said, _ = program.communicate(words, seconds)
        except subprocess.TimeoutExpired as error:
            raise EngineError("too slow") from error
        finally:
            with suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)  # whatever it began ends with it
    if program.returncode:
        raise EngineError(f"exit code {program.returncode}")
    return said


def _checked(sound: bytes, rate: int) -> bytes:
    if len(sound) > _LARGEST:
        raise EngineError("too large")
    try:
        fit = converted(sound, rate)
    except BadSound as error:
        raise EngineError("not a WAV file of PCM") from error
    if seconds_of(fit) < _SHORTEST:
        raise EngineError("no sound")
    return fit


def _fill(part: str, values: dict[str, str]) -> str:
    for mark, value in values.items():
        part = part.replace(mark, value)
    return part
