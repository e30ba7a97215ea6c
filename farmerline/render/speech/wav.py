"""Sound in memory: WAV files of 16 bit and one channel, taken apart and put together. Needs the standard library only."""

from __future__ import annotations

import io
import sys
import wave
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate

TELEPHONE, WIDE = 8000, 16000
"""Samples a second: what a telephone carries; what a loudspeaker, a page and television are given."""
FULL = 32767
_EMPTY = 44  # a WAV file's header alone: what a silent caller leaves


class BadSound(ValueError):
    """These bytes are not a WAV file that can be played."""


def seconds_of(wav: bytes) -> float:
    """Length in seconds; 0 for an empty recording (44 bytes or none). Raises ``BadSound``."""
    if len(wav) <= _EMPTY:
        return 0.0
    try:
        with wave.open(io.BytesIO(wav)) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError) as error:
        raise BadSound(str(error)) from error


def make_wav(samples: array[int], rate: int = TELEPHONE) -> bytes:
    """A WAV file of 16-bit samples."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


def read_wav(wav: bytes) -> tuple[array[int], int]:
    """The samples of any PCM WAV file as 16 bit and one channel, and how many there are a second. Raises ``BadSound``."""
    try:
        with wave.open(io.BytesIO(wav)) as sound:
            channels, width, rate = sound.getnchannels(), sound.getsampwidth(), sound.getframerate()
            data = sound.readframes(sound.getnframes())
    except (wave.Error, EOFError, ValueError) as error:
        raise BadSound(str(error)) from error
    if not (4000 <= rate <= 192_000 and 1 <= channels <= 8):
        raise BadSound(f"{channels} channels of {rate} samples a second")
    samples = _sixteen_bits(data[: len(data) - len(data) % (width * channels)], width)
    if channels > 1:
        samples = array(
            "h", (sum(each) // channels for each in zip(*[iter(samples)] * channels, strict=True))
        )
    return samples, rate


def resampled(samples: Sequence[int], old: int, new: int) -> array[int]:
    """The same sound at another number of samples a second: each new one is the mean of the time that it stands for."""
    if old == new:
        return array("h", samples)
    sums = [0, *accumulate(samples)]
    step, length = old / new, int(len(samples) * new / old)
    edges = []
    for index in range(length + 1):
        whole = int(index * step)
        part = index * step - whole
        edges.append(sums[whole] + (part * samples[whole] if part and whole < len(samples) else 0))
    return array("h", (int((edges[at + 1] - edges[at]) / step) for at in range(length)))


def converted(wav: bytes, rate: int) -> bytes:
    """Any PCM WAV file as one of ours. Raises ``BadSound``."""
    samples, old = read_wav(wav)
    return make_wav(resampled(samples, old, rate), rate)


def is_ours(wav: bytes, rate: int) -> bool:
    """Whether these bytes are a WAV file of 16 bit and one channel with ``rate`` samples a second, and not empty."""
    try:
        with wave.open(io.BytesIO(wav)) as sound:
            shape = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth())
            return shape == (rate, 1, 2) and sound.getnframes() > 0
    except (wave.Error, EOFError):
        return False


def joined(wavs: Iterable[bytes], rate: int = TELEPHONE) -> bytes:
    """Several sounds as one; what has another shape is left out."""
    samples: array[int] = array("h")
    for wav in wavs:
        if is_ours(wav, rate):
            samples.extend(read_wav(wav)[0])
    return make_wav(samples, rate)


def _sixteen_bits(data: bytes, width: int) -> array[int]:
    if width == 1:  # the only width without a sign
        return array("h", ((each - 128) << 8 for each in data))
    samples: array[int] = array("h")
    if width > 2:
        data = b"".join(data[at + width - 2 : at + width] for at in range(0, len(data), width))
    samples.frombytes(data)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples
