"""Words made audible: 8 kHz, 16 bit, one channel WAV, by espeak-ng 1.52 in a program beside ours.

The library comes with the optional package ``espeakng-loader``; where it is missing there is no sound and the words
alone are shown. (Debian's own espeak-ng 1.51 reads Mandarin's tone digits aloud in English: it is never used.)
Recordings of people replace fixed phrases: a folder with ``phrases.tsv``, one line each: file name, tab, the words.
This file is also the helper program: run by itself it reads one JSON request and writes the sound.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import io
import json
import os
import subprocess
import sys
import tempfile
import wave
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

RATE = 8000
NORMAL, SLOW = 165, 115
"""Words a minute, as espeak-ng counts them; a Chinese sign is about one word."""

_VOICES = {"zh": "cmn", "cmn": "cmn", "en": "en-us"}
_SECONDS_ALLOWED = 20
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Speech:
    """Speaks. ``cache`` is a folder where each sound is made once; ``phrases`` maps words to a recording of them."""

    cache: Path
    phrases: Mapping[str, Path] = field(default_factory=dict)

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

    Raises ``ValueError`` naming the line whose file is missing or is not a WAV file of 8,000 samples a second.
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
            raise ValueError(f"{listing}, line {number}: a WAV file of 8000 Hz, mono, 16 bit, a tab and its words are wanted")
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
        # -P: the folder of this file is no place to look for modules
        done = subprocess.run(
            [sys.executable, "-P", str(Path(__file__).resolve())],
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
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(sound)
    Path(name).replace(path)


# The helper program


def synthesise(text: str, voice: str, speed: int) -> bytes:
    """The words as WAV bytes, made by the library in this process. Raises ``RuntimeError``."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    # AUDIO_OUTPUT_SYNCHRONOUS; espeakINITIALIZE_DONT_EXIT; it answers with the samples a second
    rate = library.espeak_Initialize(2, 0, str(espeakng_loader.get_data_path()).encode(), 0x8000)
    if rate <= 0 or library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise RuntimeError("no such voice")
    samples: array[int] = array("h")

    def hear(sound: int | None, count: int, _events: int | None) -> int:
        if sound and count > 0:
            samples.frombytes(ctypes.string_at(sound, count * 2))
        return 0

    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(hear)
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetParameter(1, speed, 0)  # espeakRATE
    words = text.encode() + b"\0"
    if library.espeak_Synth(words, len(words), 0, 1, 0, 1, None, None) != 0:  # by characters, UTF-8
        raise RuntimeError("nothing was spoken")
    library.espeak_Synchronize()
    return _wav(_slow_down(samples, rate))


def _slow_down(samples: array[int], rate: int) -> array[int]:
    """The same sound at 8,000 samples a second: each new sample is the mean of those it stands for."""
    sums = [0, *accumulate(samples)]
    step, length = rate / RATE, int(len(samples) * RATE / rate)
    edges = [int(index * step) for index in range(length + 1)]
    return array("h", ((sums[b] - sums[a]) // (b - a) for a, b in zip(edges, edges[1:], strict=False)))


def _wav(samples: array[int]) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


if __name__ == "__main__":
    _asked = json.load(sys.stdin)
    sys.stdout.buffer.write(synthesise(_asked["text"], _asked["voice"], _asked["speed"]))
