"""Sound files that the switch plays: words made audible once, recordings of the service, and the tone before one speaks."""

from __future__ import annotations

import hashlib
import math
import os
import tempfile
from array import array
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock

from channels.voice.program import Sound
from channels.voice.sound import RATE, BadSound, Voice, make_wav, seconds_of

_KNOWN = 2000
_BEEP_SECONDS, _BEEP_HERTZ = 0.25, 1000


@dataclass(slots=True)
class Prompts:
    """``folder`` is one that the switch can read. ``fetch`` brings the service's recordings by their address."""

    folder: Path
    voice: Voice
    fetch: Callable[[str], bytes | None]
    _known: OrderedDict[Sound, str] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def path(self, sound: Sound) -> str:
        """Where the sound is, without its ending; "" where there is nothing to hear."""
        with self._lock:
            known = self._known.get(sound, "")
        if known and Path(f"{known}.wav").is_file():
            return known
        wav = self.fetch(sound.url) if sound.url else self.voice.speak(sound.text, sound.language, sound.slow)
        try:
            if not wav or not seconds_of(wav):
                return ""
        except BadSound:
            return ""
        path = self._write(wav)
        if sound.text:  # an address of a recording is good for a short while alone
            with self._lock:
                self._known[sound] = path
                while len(self._known) > _KNOWN:
                    self._known.popitem(last=False)
        return path

    def beep(self) -> str:
        step = 2 * math.pi * _BEEP_HERTZ / RATE
        tone = (int(8000 * math.sin(step * index)) for index in range(int(RATE * _BEEP_SECONDS)))
        return self._write(make_wav(array("h", tone)))

    def forget(self, before: datetime) -> int:
        """Delete files that were made before then; how many."""
        old = [path for path in self.folder.glob("*.wav") if path.stat().st_mtime < before.timestamp()]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _write(self, wav: bytes) -> str:
        """Whole or not at all: the switch may be reading."""
        path = self.folder / f"{hashlib.sha256(wav).hexdigest()[:32]}.wav"
        if not path.is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder)
            with os.fdopen(handle, "wb") as file:
                file.write(wav)
            Path(name).chmod(0o640)  # the switch may run as another person of the same group
            Path(name).replace(path)
        return str(path.with_suffix(""))
