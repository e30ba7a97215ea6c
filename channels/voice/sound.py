"""WAV sounds of the telephone: 8,000 samples a second, 16 bit, one channel."""

from __future__ import annotations

import io
import math
import wave
from array import array
from collections.abc import Iterable
from typing import Protocol

RATE = 8000
_EMPTY = 44  # a WAV file's header alone: what a silent caller leaves


class BadSound(ValueError):
    """These bytes are not a WAV file that a telephone can keep."""


class Voice(Protocol):
    """Makes words audible."""

    def speak(self, text: str, language: str, slow: bool) -> bytes | None:
        """WAV bytes, or None where no voice is installed."""
        ...


def seconds_of(wav: bytes) -> float:
    """Length in seconds; 0 for an empty recording (44 bytes or none). Raises ``BadSound``."""
    if len(wav) <= _EMPTY:
        return 0.0
    try:
        with wave.open(io.BytesIO(wav)) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError) as error:
        raise BadSound(str(error)) from error


def make_wav(samples: array[int], rate: int = RATE) -> bytes:
    """A WAV file of 16-bit samples."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


def joined(wavs: Iterable[bytes]) -> bytes:
    """Several sounds of the telephone as one; what has another shape is left out."""
    samples: array[int] = array("h")
    for wav in wavs:
        with wave.open(io.BytesIO(wav)) as sound:
            if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 1, 2):
                samples.frombytes(sound.readframes(sound.getnframes()))
    return make_wav(samples)


def hum(seconds: float) -> bytes:
    """A low tone in place of a voice, where no voice can be made."""
    step = 2 * math.pi * 180 / RATE
    return make_wav(array("h", (int(6000 * math.sin(step * index)) for index in range(int(RATE * seconds)))))


def guess_seconds(text: str) -> float:
    """About how long it takes to say: four Chinese signs a second, fourteen other letters."""
    chinese = sum("\u4e00" <= sign <= "\u9fff" for sign in text)
    return round(0.3 + chinese / 4 + (len(text) - chinese) / 14, 1) if text else 0.0
