"""A recording as somebody made it: looked at, cut to its words, brought to the voice's loudness, fit for a telephone.

WAV files of PCM are read by the standard library; any other kind by the program ffmpeg, where the machine has it.
"""

from __future__ import annotations

import math
import tempfile
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from farmerline.errors import Conflict, Invalid
from farmerline.render import ffmpeg
from farmerline.render.speech.loudness import levelled, loudness
from farmerline.render.speech.wav import FULL, TELEPHONE, BadSound, make_wav, read_wav, resampled, seconds_of

LOUDNESS = -18.0
"""LUFS: the built-in voice's own, so that a sentence of each does not jump."""
_LONGEST_FILE = 60.0
_FRAME = TELEPHONE // 50  # 20 ms
_QUIET, _BELOW_LOUDEST = -42.0, 30.0
"""dB of full scale that speech has at least; a frame is speech that is no further below the loudest one."""
_CLIPPED, _RUN, _CLIPPED_SHARE = 0.985, 4, 0.001
_AROUND = 0.15
"""Seconds left before the first word and after the last."""
_TOLD = 0.5


@dataclass(frozen=True, slots=True)
class Take:
    """``wav`` is 8000 Hz, mono, 16 bit; ``cut`` are seconds of silence that were taken away."""

    wav: bytes
    seconds: float
    loudness: float
    cut: float


def accept(sound: bytes, about: float) -> Take:
    """The recording, fit to be played in place of words that take ``about`` so many seconds. Raises ``Invalid`` that says
    what is wrong: not readable, nothing heard, too quiet, overdriven, too long, too short."""
    samples = _read(sound)
    if _clipped(samples) > _CLIPPED_SHARE:
        raise _wrong(
            "sound_clipped", "It is overdriven: hold the microphone further away, and record it once more."
        )
    words, level = _words(samples)
    if level < _QUIET:
        raise _wrong(
            "sound_quiet", "It is too quiet: speak nearer to the microphone, and record it once more."
        )
    seconds = len(words) / TELEPHONE
    if seconds > max(3.0, about * 2.5):
        raise _wrong(
            "sound_long", "It takes {n} seconds; these words take about {usual}.", n=round(seconds), usual=round(about)
        )  # fmt: skip
    if seconds < about * 0.4:
        raise _wrong("sound_short", "It is shorter than these words: was all of it said?")
    fit = levelled(words, TELEPHONE, LOUDNESS)
    return Take(
        make_wav(fit), round(seconds, 1), round(loudness(fit, TELEPHONE), 1), round(len(samples) / TELEPHONE - seconds, 1)
    )  # fmt: skip


def is_worth_telling(take: Take) -> bool:
    """Whether so much silence was cut away that its speaker wants to know."""
    return take.cut >= _TOLD


def _read(sound: bytes) -> array[int]:
    try:
        if not sound.startswith(b"RIFF"):
            sound = _converted(sound)
        if seconds_of(sound) > _LONGEST_FILE:
            raise _wrong(
                "sound_long", "It takes {n} seconds; at most {most} fit.", n=round(seconds_of(sound)), most=60
            )
        return resampled(*read_wav(sound), TELEPHONE)
    except BadSound as error:
        raise _wrong("sound_unreadable", "This is no sound that can be read: take a WAV file.") from error


def _converted(sound: bytes) -> bytes:
    """The sound of another kind of file as WAV."""
    if ffmpeg.find() is None:
        raise _wrong(
            "sound_kind", "Take a WAV file: other kinds need the program ffmpeg on the service's machine."
        )
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "sound", Path(folder) / "sound.wav"
        source.write_bytes(sound)
        try:
            ffmpeg.run(
                ["-protocol_whitelist", "file", "-t", str(_LONGEST_FILE + 1), "-i", str(source), "-vn", "-ac", "1",
                 "-ar", "16000", "-c:a", "pcm_s16le", str(made)]
            )  # fmt: skip
        except Conflict as error:
            raise BadSound("not converted") from error
        return made.read_bytes()


def _clipped(samples: Sequence[int]) -> float:
    """The share of samples that lie at the top, several in a row."""
    top = int(FULL * _CLIPPED)
    runs = (sum(1 for _ in run) for high, run in groupby(samples, lambda one: abs(one) >= top) if high)
    return sum(run for run in runs if run >= _RUN) / max(1, len(samples))


def _words(samples: array[int]) -> tuple[array[int], float]:
    """What lies between the first word and the last, and the level of the speech in dB of full scale."""
    levels = [_level(samples[at : at + _FRAME]) for at in range(0, len(samples) - _FRAME + 1, _FRAME)]
    loudest = max(levels, default=-120.0)
    heard = [
        at for at, level in enumerate(levels) if level > loudest - _BELOW_LOUDEST and level > _QUIET - 10
    ]
    if not heard:
        raise _wrong("sound_silent", "Nothing is heard on it.")
    around = int(_AROUND * TELEPHONE)
    first, last = heard[0] * _FRAME - around, (heard[-1] + 1) * _FRAME + around
    speech = sum(10 ** (levels[at] / 10) for at in heard) / len(heard)
    return samples[max(0, first) : last], 10 * math.log10(speech)


def _level(frame: Sequence[int]) -> float:
    power = sum(sample * sample for sample in frame) / max(1, len(frame))
    return 10 * math.log10(power / FULL**2) if power else -120.0


def _wrong(code: str, sentence: str, **values: object) -> Invalid:
    return Invalid(code, sentence, field="sound", **values)
