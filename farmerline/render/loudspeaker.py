"""An announcement for the village loudspeaker: a chime, the words slowly, and all of it once more, at a stated loudness."""

from __future__ import annotations

import math
import re
import tempfile
from array import array
from dataclasses import dataclass
from pathlib import Path

from farmerline.errors import Conflict
from farmerline.render import ffmpeg
from farmerline.render.speech import Speech
from farmerline.render.speech.loudness import levelled, loudness, peak
from farmerline.render.speech.wav import FULL, WIDE, make_wav, read_wav

LOUDNESS = -16.0
"""LUFS: what telephones and players are made for (AES TD1008), 7 above television; amplifiers of villages have one knob."""
PEAK = -1.0
"""dB of full scale that no sample passes."""
TIMES = 2
_NOTES = ((659.26, 0.5), (523.25, 0.9))  # e'' and c'', and seconds of each
_SENTENCE = re.compile(r"[^。!?！？;；]+[。!?！？;；]?")
_GAP, _BEFORE, _BETWEEN = 0.5, 0.7, 2.0
"""Seconds of silence: after each sentence, for the echo of the hills; after the chime; before it is said again."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """The WAV file (16,000 samples a second, 16 bit, mono), how long it is, how loud (LUFS), and its highest sample in dB."""

    wav: bytes
    seconds: float
    loudness: float
    peak: float


def announce(words: str, speech: Speech, language: str = "zh") -> Announcement:
    """The announcement of these words. Raises ``Conflict`` where no voice is installed."""
    once: array[int] = array("h")
    once += _chime()
    once += _silence(_BEFORE)
    for sentence in _SENTENCE.findall(words):
        if sentence.strip():
            once += _said(sentence, speech, language)
            once += _silence(_GAP)
    once = levelled(once, WIDE, LOUDNESS, PEAK)
    whole = array("h", once)
    for _ in range(TIMES - 1):
        whole += _silence(_BETWEEN)
        whole += once
    return Announcement(
        make_wav(whole, WIDE), round(len(whole) / WIDE, 1), round(loudness(once, WIDE), 1), round(peak(once), 1)
    )  # fmt: skip


def to_mp3(wav: bytes) -> bytes:
    """The same as an MP3 file. Raises ``Conflict`` where the program ffmpeg is not there."""
    if ffmpeg.find() is None:
        raise Conflict(
            "mp3_missing", "An MP3 file needs the program ffmpeg on this machine; take the WAV file."
        )
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "sound.wav", Path(folder) / "sound.mp3"
        source.write_bytes(wav)
        ffmpeg.run(["-i", str(source), "-codec:a", "libmp3lame", "-b:a", "64k", str(made)])
        return made.read_bytes()


def _said(sentence: str, speech: Speech, language: str) -> array[int]:
    sound = speech.speak(sentence, language, slow=True, rate=WIDE)
    if sound is None:
        raise Conflict("voice_missing", "No voice is installed: pip install espeakng-loader.")
    return read_wav(sound)[0]


def _chime() -> array[int]:
    """Two notes that fall, each with its octave, dying away like a bell."""
    return array(
        "h",
        (
            int(FULL * 0.3 * math.exp(-3 * at / WIDE / seconds) * (math.sin(turn * at) + 0.4 * math.sin(2 * turn * at)))
            for hertz, seconds in _NOTES
            for turn in (2 * math.pi * hertz / WIDE,)
            for at in range(int(seconds * WIDE))
        ),
    )  # fmt: skip


def _silence(seconds: float) -> array[int]:
    return array("h", bytes(2 * round(seconds * WIDE)))
