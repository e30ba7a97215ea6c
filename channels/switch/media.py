"""What one call has beside its channel: sounds to play, a place for what is said, other phones."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from channels.contract import Heard, NotHeard, Recogniser
from channels.dialect.callbook import CallBook
from channels.switch.agi import Leg
from channels.switch.prompts import Prompts
from channels.voice.program import Connect, Joined, Sound
from channels.voice.sound import BadSound, seconds_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CallMedia:
    """One call's share of the switch: its ``sid``, and how ``join`` puts it through to another number."""

    sid: str
    book: CallBook
    prompts: Prompts
    folder: Path
    ear: Recogniser | None
    join: Callable[[Leg, Connect], Joined]

    def sound(self, sound: Sound) -> str:
        return self.prompts.path(sound)

    def beep(self) -> str:
        return self.prompts.beep()

    def place_for_recording(self) -> str:
        return str(self.folder / f"{self.sid}-{uuid.uuid4().hex[:8]}")

    def keep(self, path: str) -> tuple[str, str, float]:
        wav, seconds = _taken(path)
        sid, url = self.book.keep_recording(self.sid, wav, max(1, round(seconds))) if seconds else ("", "")
        return sid, url, seconds

    def forget(self, path: str) -> None:
        """What was recorded is not wanted after all."""
        _taken(path)

    def words(self, path: str, language: str) -> Heard:
        """What was said, in a language as the document names it; no words for silence and where it was not heard."""
        wav, seconds = _taken(path)
        if not seconds or self.ear is None:
            return Heard("")
        try:
            return self.ear.hear(wav, "en" if language.startswith("en") else "zh")
        except NotHeard as error:
            _log.warning("switch.not_heard why=%s", error.why)
            return Heard("")


def _taken(path: str) -> tuple[bytes, float]:
    """What was recorded, and its seconds; the switch's own file goes."""
    file = Path(f"{path}.wav")
    try:
        wav = file.read_bytes()
        seconds = seconds_of(wav)
    except (OSError, BadSound):
        return b"", 0.0
    finally:
        file.unlink(missing_ok=True)
    return wav, seconds
