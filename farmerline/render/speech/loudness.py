"""How loud a sound is, as ears hear it: integrated loudness in LUFS by ITU-R BS.1770-4, and bringing a sound to a level.

Filters: the two of the recommendation's annex 1, derived for any number of samples a second from their analogue form
(Mansbridge, Finn and Reiss, "Implementation and evaluation of autonomous multi-track fader control", AES 132, 2012).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence

from farmerline.render.speech.wav import FULL

SILENCE = -70.0
"""LUFS: what is quieter counts as silence, and is what silence is given."""
_BLOCK, _STEP = 4, 0.1  # a block is four steps of 100 ms; blocks overlap by three quarters
_RELATIVE = -10.0
_TRIES = 4
_NEAR = 0.1


def loudness(samples: Sequence[int], rate: int) -> float:
    """The integrated loudness of one channel, in LUFS; ``SILENCE`` for silence and for less than 0.4 s."""
    steps = list(_steps(samples, rate))
    blocks = [sum(steps[at : at + _BLOCK]) / _BLOCK for at in range(len(steps) - _BLOCK + 1)]
    heard = [block for block in blocks if _level(block) > SILENCE]
    if not heard:
        return SILENCE
    gate = _level(sum(heard) / len(heard)) + _RELATIVE
    kept = [block for block in heard if _level(block) > gate]
    return _level(sum(kept) / len(kept))


def peak(samples: Sequence[int]) -> float:
    """The highest sample in dB of full scale."""
    top = max(max(samples, default=0), -min(samples, default=0))
    return 20 * math.log10(top / FULL) if top else SILENCE


def levelled(samples: Sequence[int], rate: int, target: float, most: float = -1.0) -> array[int]:
    """The sound at ``target`` LUFS with no sample above ``most`` dB of full scale: what would stand out is held down softly."""
    now = loudness(samples, rate)
    if now <= SILENCE:
        return array("h", samples)
    gain, found = target - now, array("h", samples)
    for _ in range(_TRIES):
        found = _held(samples, 10 ** (gain / 20), FULL * 10 ** (most / 20), rate)
        missing = target - loudness(found, rate)
        if abs(missing) < _NEAR:
            break
        gain += missing
    return found


def _held(samples: Sequence[int], gain: float, ceiling: float, rate: int) -> array[int]:
    """Louder by ``gain``; where 5 ms around a sample would pass the ceiling they are turned down together."""
    span = max(1, rate // 200)
    tops = [max(map(abs, samples[at : at + span])) * gain for at in range(0, len(samples), span)]
    wanted = [min(1.0, ceiling / top) if top else 1.0 for top in tops]
    around = [min(wanted[max(0, at - 1) : at + 2]) for at in range(len(wanted))]
    held: array[int] = array("h")
    for at, after in enumerate([*around[1:], 1.0]):
        piece = samples[at * span : (at + 1) * span]
        before = around[at]
        slope = (min(after, 1.0) - before) / span
        held.extend(int(sample * gain * (before + slope * index)) for index, sample in enumerate(piece))
    return held


def _steps(samples: Sequence[int], rate: int) -> Iterator[float]:
    """The mean square of each full 100 ms after both filters, full scale being 1."""
    (b0, b1, b2, a1, a2), (c1, c2) = _shelf(rate), _high_pass(rate)
    x1 = x2 = y1 = y2 = z1 = z2 = 0.0
    length = round(rate * _STEP)
    for start in range(0, len(samples) - length + 1, length):
        total = 0.0
        for x in samples[start : start + length]:
            y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
            z = y - 2 * y1 + y2 - c1 * z1 - c2 * z2
            x2, x1, y2, y1, z2, z1 = x1, x, y1, y, z1, z
            total += z * z
        yield total / length / (FULL + 1) ** 2


def _shelf(rate: int) -> tuple[float, float, float, float, float]:
    """Stage 1: the head, 4 dB above 1.7 kHz."""
    tangent, q, high = (
        math.tan(math.pi * 1681.974450955533 / rate),
        0.7071752369554196,
        10 ** (3.999843853973347 / 20),
    )
    middle, square = high**0.4996667741545416, tangent * tangent
    a0 = 1 + tangent / q + square
    return (
        (high + middle * tangent / q + square) / a0, 2 * (square - high) / a0, (high - middle * tangent / q + square) / a0,
        2 * (square - 1) / a0, (1 - tangent / q + square) / a0,
    )  # fmt: skip


def _high_pass(rate: int) -> tuple[float, float]:
    """Stage 2: without what is below 38 Hz."""
    tangent, q = math.tan(math.pi * 38.13547087602444 / rate), 0.5003270373238773
    a0 = 1 + tangent / q + tangent * tangent
    return 2 * (tangent * tangent - 1) / a0, (1 - tangent / q + tangent * tangent) / a0


def _level(square: float) -> float:
    return -0.691 + 10 * math.log10(square) if square > 0 else SILENCE
