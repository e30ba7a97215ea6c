"""R-16: a worker is stopped in its tracks (SIGSTOP) with messages in hand; its lease ends, another sends them; then it is
let go on. Five times, on PostgreSQL: SQLite's one file has one worker."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

from bench.chaos.outcome import Outcome
from bench.rig.processes import until
from bench.rig.scene import FACTOR, Scene, scene

PEOPLE, TIMES = 3500, 5
_LEASE = 60 / FACTOR


def make(home: Path, dice: random.Random, outcome: Outcome) -> None:
    with scene(home, people=PEOPLE, db="postgres", rate=15.0) as made:
        for _ in range(TIMES):
            _pause_one(made, dice.uniform(0.05, 0.8))
        left = PEOPLE - len(made.gateway.accepted())
        for worker in made.commands:
            worker.stop()
        made.commands.clear()
        made.open_up()
        made.start()
        made.finish(300)
        truth, verdict = made.gateway.truth(), made.verdict()
    outcome.figures |= {
        "people": PEOPLE, "pauses": TIMES, "left_then": left, "paused_s": round(_LEASE * 1.7, 1), "lease_s": _LEASE,
        "lost": verdict.lost, "repeated": verdict.repeated, "looked_up": truth["asked"], "factor": FACTOR,
    }  # fmt: skip
    outcome.claim("paused while work was left", left > 0)
    outcome.claim("another took over", truth["asked"] > 0)
    outcome.claim("none lost", verdict.holds)
    outcome.claim("none repeated", verdict.repeated == 0)


def _pause_one(made: Scene, after: float) -> None:
    """Stop one worker while it sends, let another take over, let the first go on."""
    while len(made.commands) < 2:
        made.start()
    first, _ = made.commands
    made.sending(20)
    time.sleep(after)
    first.signal(signal.SIGSTOP)
    try:
        asked = made.gateway.truth()["asked"]
        time.sleep(_LEASE)
        until(lambda: made.gateway.truth()["asked"] > asked, within=2 * _LEASE, what="the other looks up")
        time.sleep(0.7 * _LEASE)
    except TimeoutError:
        pass  # nothing was in its hands at that moment
    finally:
        first.signal(signal.SIGCONT)
    made.commands.reverse()
