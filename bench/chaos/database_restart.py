"""R-06: PostgreSQL is killed twenty times during a broadcast and started again; the worker is not."""

from __future__ import annotations

import random
import time
from pathlib import Path

from bench.chaos.outcome import Outcome
from bench.rig.scene import FACTOR, Scene, scene

PEOPLE, KILLS = 4000, 20
_RESUME = 30.0
_PACE = 300


def make(home: Path, dice: random.Random, outcome: Outcome) -> None:
    with scene(home, people=PEOPLE, db="postgres", options=["--rate", str(_PACE)]) as made:
        worker = made.start()
        made.sending()
        resumes, ready = [], []
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.1, 0.5))
            started, again = _restart(made)
            ready.append(started)
            resumes.append(again)
        made.gateway.behave(rate=0)
        made.finish(300)
        outcome.claim("the worker was not restarted", worker.is_running)
        verdict = made.verdict()
    outcome.figures |= {
        "people": PEOPLE, "kills": len(resumes), "lost": verdict.lost, "repeated": verdict.repeated,
        "database_back_max_s": round(max(ready), 2), "sending_again_max_s": round(max(resumes), 2), "factor": FACTOR,
    }  # fmt: skip
    outcome.claim("none lost", verdict.holds)
    outcome.claim("none repeated", verdict.repeated == 0)
    outcome.claim("killed while work was left", len(resumes) == KILLS)
    outcome.claim("sending again in time", max(resumes) <= _RESUME)


def _restart(made: Scene) -> tuple[float, float]:
    """Kill the server and start it; seconds until it serves, then until messages go out again."""
    cluster = made.databases.cluster
    assert cluster is not None
    if len(made.gateway.accepted()) >= PEOPLE:
        raise RuntimeError("the work ended before the kills")
    cluster.kill()
    began = time.monotonic()
    cluster.start_again()
    back = time.monotonic()
    made.sending(within=60)
    return back - began, time.monotonic() - back
