"""R-18: a worker is told to end in the middle of a broadcast, five times; another goes on."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

from bench.chaos.outcome import Outcome
from bench.rig.scene import FACTOR, Scene, scene

PEOPLE, TIMES = 4000, 5
_STOPS, _ENDS = 1.0, 10.0


def make(home: Path, dice: random.Random, outcome: Outcome) -> None:
    with scene(home, people=PEOPLE, options=["--rate", "400"]) as made:
        ended = [_end_one(made, dice.uniform(0.1, 1.0)) for _ in range(TIMES)]
        left = PEOPLE - len(made.gateway.accepted())
        made.gateway.behave(rate=0)
        made.start()
        made.finish(300)
        truth, verdict = made.gateway.truth(), made.verdict()
    last = max(stopped for stopped, _ in ended)
    outcome.figures |= {
        "people": PEOPLE, "times": TIMES, "left_then": left, "lost": verdict.lost, "repeated": verdict.repeated,
        "last_message_max_s": round(last, 2), "exit_max_s": round(max(took for _, took in ended), 2),
        "looked_up": truth["asked"], "factor": FACTOR,
    }  # fmt: skip
    outcome.claim("ended while work was left", left > 0)
    outcome.claim("the last message within a second", last <= _STOPS)
    outcome.claim("gone within ten seconds", max(took for _, took in ended) <= _ENDS)
    outcome.claim("none lost", verdict.holds)
    outcome.claim("none repeated", verdict.repeated == 0)


def _end_one(made: Scene, after: float) -> tuple[float, float]:
    """Seconds from the word to the last message, and to the worker's end."""
    worker = made.start()
    made.sending()
    time.sleep(after)
    began = time.monotonic()
    worker.signal(signal.SIGTERM)
    last, taken = began, made.gateway.taken
    while worker.is_running and time.monotonic() < began + 30:
        if made.gateway.taken > taken:
            last, taken = time.monotonic(), made.gateway.taken
        time.sleep(0.01)
    took = time.monotonic() - began
    worker.wait()
    made.commands.remove(worker)
    return last - began, took
