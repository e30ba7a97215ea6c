"""WAV sounds of the telephone: 8,000 samples a second, 16 bit, one channel."""

from __future__ import annotations

import math
from array import array
from typing import Protocol

from farmerline.render.speech.wav import TELEPHONE, BadSound, joined, make_wav, seconds_of

__all__ = ["RATE", "BadSound", "Voice", "guess_seconds", "hum", "joined", "make_wav", "seconds_of"]

RATE = TELEPHONE


class Voice(Protocol):
    """Makes words audible."""

    def speak(self, text: str, language: str, slow: bool) -> bytes | None:
        """WAV bytes, or None where no voice is installed."""
        ...


def hum(seconds: float) -> bytes:
    """A low tone in place of a voice, where no voice can be made."""
    step = 2 * math.pi * 180 / RATE
    return make_wav(array("h", (int(6000 * math.sin(step * index)) for index in range(int(RATE * seconds)))))


def guess_seconds(text: str) -> float:
    """About how long it takes to say: four Chinese signs a second, fourteen other letters."""
    chinese = sum("\u4e00" <= sign <= "\u9fff" for sign in text)
    return round(0.3 + chinese / 4 + (len(text) - chinese) / 14, 1) if text else 0.0
