"""A recogniser of the operator's own: a command that is given a recording and says what was spoken."""

from __future__ import annotations

import logging
import shlex
import subprocess
from dataclasses import dataclass

_log = logging.getLogger(__name__)
_SECONDS = 10
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Recogniser:
    """``command`` gets a WAV file (8,000 samples a second) on its input and the language as its last word; what it prints was
    said."""

    command: str

    def hear(self, wav: bytes, language: str) -> str:
        """The words; "" where it fails, takes too long or hears none."""
        try:
            done = subprocess.run(
                [*shlex.split(self.command), language],
                input=wav,
                capture_output=True,
                timeout=_SECONDS,
                check=True,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            _log.warning("switch.not_heard error=%s", type(error).__name__)
            return ""
        return " ".join(done.stdout.decode("utf-8", "replace").split())[:_LONGEST]
