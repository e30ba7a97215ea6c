"""How fast requests leave, and how many of them may wait for their answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Lock
from typing import Any


class Bucket:
    """At most ``rate`` a second, a tenth of a second's worth at once; a turn is waited for in its order."""

    def __init__(self, rate: float) -> None:
        self._rate, self._burst = rate, max(1.0, rate / 10)
        self._full_at = 0.0
        self._lock = Lock()

    def take(self) -> float:
        """Reserve one; returns how many seconds to wait for it."""
        with self._lock:
            now = time.monotonic()
            self._full_at = max(self._full_at, now - self._burst / self._rate) + 1 / self._rate
            return max(0.0, self._full_at - now)


class Asked:
    """A request on its way. ``then`` is called once with its answer, late ones too; never where the bind was lost."""

    def __init__(self, then: Callable[[Any], None], free: Callable[[], None]) -> None:
        self._then, self._free = then, free
        self._over = Event()
        self._lock = Lock()

    def answer(self, pdu: Any) -> None:
        self._then(pdu)
        self.end()

    def end(self) -> None:
        """Give its place in the window back, once."""
        with self._lock:
            if not self._over.is_set():
                self._over.set()
                self._free()

    def wait(self, seconds: float) -> None:
        """Until it is over, or that long: an answer may still come."""
        self._over.wait(max(0.0, seconds))
        self.end()
