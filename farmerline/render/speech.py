"""Words made audible: 8 kHz, 16 bit, one channel WAV, by espeak-ng 1.52 in a program beside ours.

The library comes with the optional package ``espeakng-loader``; where it is missing there is no sound and the words
alone are shown. (Debian's own espeak-ng 1.51 reads Mandarin's tone digits aloud in English: it is never used.)
Recordings of people replace fixed phrases: a folder with ``phrases.tsv``, one line each: file name, tab, the words.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import os
import subprocess
import sys
import tempfile
import wave
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from farmerline.errors import Misconfigured

RATE = 8000
NORMAL, SLOW = 165, 115
"""Words a minute, as espeak-ng counts them; a Chinese sign is about one word."""

_HELPER = Path(__file__).resolve().with_name("espeak.py")
_VOICES = {"zh": "cmn", "cmn": "cmn", "en": "en-us"}
_SECONDS_ALLOWED = 20
_LONGEST = 4000


@dataclass(slots=True)
class Speech:
    """Speaks. ``cache`` is a folder where each sound is made once; ``folder`` holds recordings of fixed phrases.

    Raises ``Misconfigured`` where that folder's list is wrong.
    """

    cache: Path
    folder: Path | None = None
    phrases: Mapping[str, Path] = field(init=False)

    def __post_init__(self) -> None:
        self.phrases = read_phrases(self.folder)

    def speak(self, text: str, language: str = "zh", slow: bool = False) -> bytes | None:
        """WAV bytes of the words; None where there is no voice, or nothing to say.

        ``language`` is "zh", "en" or a carrier's code ("cmn-CN", "en-US").
        """
        words = text.replace("\0", "").strip()[:_LONGEST]
        if not words:
            return None
        if words in self.phrases:
            return self.phrases[words].read_bytes()
        voice, speed = _VOICES.get(language.split("-")[0].lower(), "cmn"), SLOW if slow else NORMAL
        kept = self.cache / f"{_name(words, voice, speed)}.wav"
        if kept.is_file():
            return kept.read_bytes()
        sound = _ask_helper(words, voice, speed) if is_voice_installed() else None
        if sound:
            _keep(kept, sound)
        return sound

    def seconds(self, text: str, language: str = "zh", slow: bool = False) -> float | None:
        """How long it takes to say, measured on the sound; None where there is no voice."""
        sound = self.speak(text, language, slow)
        return seconds_of(sound) if sound else None


def read_phrases(folder: Path | None) -> dict[str, Path]:
    """The recordings of a folder by their words; none without a folder.

    Raises ``Misconfigured`` naming the line whose file is missing or is not a WAV file of 8,000 samples a second.
    """
    listing = folder / "phrases.tsv" if folder else None
    if folder is None or listing is None or not listing.is_file():
        return {}
    found = {}
    for number, line in enumerate(listing.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        file, _, words = line.partition("\t")
        path = folder / file.strip()
        if not words.strip() or not _is_telephone_sound(path):
            raise Misconfigured(
                f"{listing}, line {number}: give a WAV file of 8000 Hz, mono, 16 bit, a tab and its words."
            )
        found[words.strip()] = path
    return found


def is_voice_installed() -> bool:
    """Whether the optional speech library is there."""
    return importlib.util.find_spec("espeakng_loader") is not None


def seconds_of(wav: bytes) -> float:
    with wave.open(io.BytesIO(wav)) as sound:
        return float(sound.getnframes() / sound.getframerate())


def _is_telephone_sound(path: Path) -> bool:
    try:
        with wave.open(str(path)) as sound:
            return (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 1, 2)
    except (OSError, EOFError, wave.Error):
        return False


def _name(text: str, voice: str, speed: int) -> str:
    return hashlib.sha256(f"{voice} {speed} {text}".encode()).hexdigest()[:40]


def _ask_helper(text: str, voice: str, speed: int) -> bytes | None:
    """A process of its own: a foreign library that crashes or hangs takes no call with it."""
    request = json.dumps({"text": text, "voice": voice, "speed": speed}).encode()
    try:
        # -P: the program's own folder is no place to look for modules
        done = subprocess.run(
            [sys.executable, "-P", str(_HELPER)],
            input=request,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS_ALLOWED,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 and done.stdout[:4] == b"RIFF" else None


def _keep(path: Path, sound: bytes) -> None:
    """Write whole or not at all: others may be reading."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # what was read aloud to people
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(sound)
    Path(name).replace(path)
