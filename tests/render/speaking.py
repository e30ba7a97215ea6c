"""Sound that is like speech, for tests: syllables of a tone, a gap after each."""

from __future__ import annotations

import math
from array import array

from farmerline.render.speech.wav import make_wav


def spoken_like(
    seconds: float, level: float, *, before: float = 0.0, after: float = 0.0, rate: int = 16000
) -> array[int]:
    """Five syllables a second at ``level`` of full scale; silence before and after."""
    step = 2 * math.pi * 300 / rate

    def sample(at: int) -> int:
        within = (at / rate * 5) % 1
        return int(32767 * level * math.sin(step * at)) if within < 0.8 else 0

    silence = array("h", bytes(2 * int(before * rate)))
    return (
        silence
        + array("h", map(sample, range(int(seconds * rate))))
        + array("h", bytes(2 * int(after * rate)))
    )


class Babble:
    """A voice that costs little: a second of that for any words."""

    name = "babble"

    def make(self, text: str, language: str, *, slow: bool, rate: int) -> bytes:
        return make_wav(spoken_like(1.0, 0.5, rate=rate), rate)
