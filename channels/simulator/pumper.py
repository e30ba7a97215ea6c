"""Keeps the simulated carrier going while the service runs."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from threading import Event, Thread

from channels.simulator.calls import Exchange

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Pumper:
    """A thread that lets the carrier do what is due, a few times a second."""

    exchange: Exchange
    every: float = 0.5
    _stop: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def start(self) -> None:
        self.exchange.end_lost()
        self._thread = Thread(target=self._run, name="carrier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)

    def _run(self) -> None:
        while not self._stop.wait(self.every):
            try:
                self.exchange.carrier.pump()
            except Exception as error:  # one bad step must not stop the carrier
                _log.error("carrier.failed error=%s", type(error).__name__)
