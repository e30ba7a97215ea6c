"""Waking a loop before its time: who stored something to do rings, and who rests on that line of the timetable goes on.

Nothing depends on it. A ring that is lost costs what is left of a short rest, one too many a look for nothing.
"""

from __future__ import annotations

from collections import defaultdict
from threading import Event, Lock
from weakref import WeakSet


class Bell:
    """One for each process. ``patience`` is the shortest rest in seconds, for where rings can be relied on more than usual."""

    def __init__(self) -> None:
        self.patience = 0.0
        self._ears: dict[str, WeakSet[Ear]] = defaultdict(WeakSet)
        self._turn = Lock()

    def ear(self, name: str) -> Ear:
        """What one loop rests on; ``name`` is its line of the timetable."""
        made = Ear(self)
        with self._turn:
            self._ears[name].add(made)
        return made

    def ring(self, name: str) -> None:
        """Wake whoever rests on this line; who is busy looks once more before the next rest. Never waits."""
        for ear in self._listening(name):
            ear.rung.set()

    def ring_all(self) -> None:
        """Wake everybody: the process ends."""
        for name in list(self._ears):
            self.ring(name)

    def _listening(self, name: str) -> list[Ear]:
        with self._turn:
            return list(self._ears.get(name, ()))


class Ear:
    """One loop's own: another that was woken does not take its ring away."""

    def __init__(self, bell: Bell) -> None:
        self.rung = Event()
        self._bell = bell

    def rest(self, seconds: float) -> None:
        """Wait until somebody rings, or so long."""
        self.rung.wait(max(seconds, self._bell.patience))
        self.rung.clear()
