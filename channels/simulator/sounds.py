"""What is heard in simulated calls: words made audible where a voice is installed, recordings of the service."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from channels.voice.program import Sound
from channels.voice.sound import BadSound, Voice, guess_seconds, joined, seconds_of

_KEPT = 300


class Silent:
    """No voice: the words alone are shown."""

    def speak(self, text: str, language: str, slow: bool) -> bytes | None:
        return None


@dataclass(slots=True)
class Sounds:
    """The latest sounds, by name. ``fetch`` brings the service's own recordings by their address."""

    voice: Voice
    fetch: Callable[[str], bytes | None]
    _kept: dict[str, bytes] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def make(self, sound: Sound) -> tuple[float, str]:
        """Seconds of a sound and its name; a guess and no name where it cannot be heard."""
        words = sound.text, sound.language, sound.slow
        wav = self.fetch(sound.url) if sound.url else self.voice.speak(*words)
        try:
            seconds = seconds_of(wav) if wav else 0.0
        except BadSound:
            seconds = 0.0
        if not wav or not seconds:
            return guess_seconds(sound.text), ""
        name = hashlib.sha256(wav).hexdigest()[:24]
        with self._lock:
            self._kept[name] = wav
            while len(self._kept) > _KEPT:
                self._kept.pop(next(iter(self._kept)))
        return round(seconds, 1), name

    def get(self, names: str) -> bytes | None:
        """One sound, or several (names with dots between) as one; None where none is kept."""
        with self._lock:
            known = [self._kept[one] for one in names.split(".") if one in self._kept]
        return joined(known) if known else None
