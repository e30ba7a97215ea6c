"""Words made audible: 16 bit, one channel WAV, by espeak-ng 1.52 in a program beside ours, or by an engine of the county's own.

The built-in voice comes with the optional package ``espeakng-loader``; where no voice is there is no sound and the words alone
are shown. Recordings of people replace fixed phrases (``recordings``); a table says how words are read (``pronunciation``).
"""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass, field
from pathlib import Path

from farmerline.messages import SpokenScript
from farmerline.render.speech.engines import Engine, EngineError, Espeak, is_voice_installed
from farmerline.render.speech.files import write_whole
from farmerline.render.speech.pieces import cut
from farmerline.render.speech.pronunciation import Pronunciation
from farmerline.render.speech.recordings import Recordings
from farmerline.render.speech.wav import TELEPHONE, converted, joined, seconds_of

__all__ = ["Speech", "is_voice_installed", "seconds_of"]

_log = logging.getLogger(__name__)
_PIECE = 400
"""Signs that an engine is given at once: hosted ones take no more than about 500."""
_LONGEST = 20_000
_REST = 60.0
"""Seconds for which an engine that failed is not asked again: nobody waits for it at each sentence of a call."""


@dataclass(slots=True)
class Speech:
    """Speaks. ``cache`` is a folder where each sound is made once; ``engine`` falls back to the built-in voice."""

    cache: Path
    engine: Engine = field(default_factory=Espeak)
    pronunciation: Pronunciation = field(default_factory=Pronunciation)
    recordings: Recordings = field(default_factory=Recordings)
    _rests_until: float = 0.0

    def speak(
        self, text: str, language: str = "zh", slow: bool = False, rate: int = TELEPHONE
    ) -> bytes | None:
        """WAV bytes of the words; None where there is no voice, or nothing to say.

        ``language`` is "zh", "en" or a carrier's code ("cmn-CN", "en-US"); ``rate`` counts samples a second.
        """
        words = text.replace("\0", "").strip()[:_LONGEST]
        if not words:
            return None
        recorded = self.recordings.find(words)
        if recorded and (wav := self.recordings.get(recorded)):
            return wav if rate == TELEPHONE else converted(wav, rate)
        known = "en" if language.lower().startswith("en") else "zh"
        if known == "zh":
            words = self.pronunciation.apply(words)
        sounds = [self._piece(piece, known, slow, rate) for piece in cut(words, _PIECE)]
        return (
            sounds[0]
            if len(sounds) == 1
            else joined([one for one in sounds if one], rate)
            if all(sounds)
            else None
        )

    def seconds(self, text: str, language: str = "zh", slow: bool = False) -> float | None:
        """How long it takes to say, measured on the sound; None where there is no voice."""
        sound = self.speak(text, language, slow)
        return seconds_of(sound) if sound else None

    def voiced(self, script: SpokenScript, *, carrier: bool) -> SpokenScript:
        """The script as it is handed out: recordings in place of their phrases; where a ``carrier`` speaks (not a screen that
        shows the words) the county's own words in signs that sound right."""
        return self.recordings.played(script, self.pronunciation.apply_own if carrier else str)

    def _piece(self, words: str, language: str, slow: bool, rate: int) -> bytes | None:
        for engine in (self.engine, Espeak()) if self.engine != Espeak() else (Espeak(),):
            kept = self.cache / f"{_name(engine.name, language, slow, rate, words)}.wav"
            if kept.is_file():
                return kept.read_bytes()
            if engine is self.engine and time.monotonic() < self._rests_until:
                continue
            try:
                sound = engine.make(words, language, slow=slow, rate=rate)
            except EngineError as error:
                if engine is self.engine:
                    self._rests_until = time.monotonic() + _REST
                _log.warning("speech.failed engine=%s why=%s", engine.name.split()[0], error)
                continue
            kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # what was read aloud to people
            write_whole(kept, sound, mode=0o600)
            return sound
        return None


def _name(engine: str, language: str, slow: bool, rate: int, words: str) -> str:
    return hashlib.sha256(f"{engine}\n{language} {slow} {rate}\n{words}".encode()).hexdigest()[:40]
