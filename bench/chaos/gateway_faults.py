"""R-09: one message in five meets a fault of the gateway: 500, 429, silence, a connection that breaks after the message was
taken, an answer that drips, an answer that cannot be read. Pages answer meanwhile."""

from __future__ import annotations

import random
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from bench.chaos.outcome import Outcome
from bench.rig.processes import free_port
from bench.rig.scene import FACTOR, scene

PEOPLE = 800
MIX = "500:.05,429:.05,hang:.02,reset:.03,slow:.02,bad:.03"
_WITHIN = 400.0
_BLIND = {"reset", "slow", "cut"}
"""Faults after which nobody can know whether the message was taken."""


def make(home: Path, dice: random.Random, outcome: Outcome) -> None:
    outcome.figures |= {"people": PEOPLE, "mix": MIX, "factor": FACTOR}
    for name, lookup in (("asked", True), ("silent", False)):
        _broadcast(home / name, lookup, dice.randrange(1000), outcome)


def _broadcast(home: Path, lookup: bool, seed: int, outcome: Outcome) -> None:
    port = free_port()
    options = ["--mix", MIX, "--hang", "3", "--seed", str(seed)]
    address = {"listen": f"127.0.0.1:{port}", "public_url": f"http://127.0.0.1:{port}"}
    with scene(home, people=PEOPLE, lookup=lookup, options=options, changes=address) as made:
        made.start("serve")
        made.sending()
        with Reader(port) as reader:
            took = made.finish(_WITHIN)
        truth, verdict = made.gateway.truth(), made.verdict()
    name = "asked" if lookup else "silent"
    after = dict(truth["repeated_after"])
    outcome.figures[name] = {
        "lost": verdict.lost, "repeated": verdict.repeated, "repeated_after": after, "failed": verdict.failed,
        "faults": truth["faults"], "asked": truth["asked"], "sent_in_s": round(took, 1), "pages_p99_s": reader.p99,
        "pages_failed": reader.failed,
    }  # fmt: skip
    outcome.claim(f"{name}: none lost", verdict.holds)
    if lookup:
        outcome.claim(f"{name}: none repeated", verdict.repeated == 0)
    else:
        outcome.claim(f"{name}: repeated only where nobody can know", set(after) <= _BLIND)
    outcome.claim(f"{name}: pages within a second", reader.p99 <= 1.0 and reader.failed == 0)


class Reader:
    """Somebody who reads a page ten times a second meanwhile."""

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}/"
        self._stop = Event()
        self._thread = Thread(target=self._read, daemon=True)
        self.times: list[float] = []
        self.failed = 0

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        with suppress(RuntimeError):
            self._thread.join(15)

    @property
    def p99(self) -> float:
        return round(sorted(self.times)[int(len(self.times) * 0.99)], 3) if self.times else 99.0

    def _read(self) -> None:
        while not self._stop.wait(0.1):
            began = time.monotonic()
            try:
                with urllib.request.urlopen(self._address, timeout=15) as answer:
                    answer.read()
            except OSError:
                self.failed += 1
            self.times.append(time.monotonic() - began)
