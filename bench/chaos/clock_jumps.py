"""R-12: the machine's clock jumps every few seconds during a broadcast: an hour, a day, to 2038, and back. Two workers."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from bench.chaos.outcome import Outcome
from bench.rig.processes import until
from bench.rig.scene import FACTOR, Scene, scene
from farmerline.models import AuditRow, ScheduleRun

PEOPLE, JUMPS = 1800, 10
_EVERY = 5.0
_TO_2038 = (datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC) - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds()
OFFSETS = (3600, -3600, 86400, -86400, _TO_2038, 0)
_SLACK = timedelta(minutes=2)


def make(home: Path, dice: random.Random, outcome: Outcome) -> None:
    with scene(home, people=PEOPLE, rate=PEOPLE / (_EVERY * (JUMPS + 4)) / 2) as made:
        workers = [made.start(), made.start()]
        until(lambda: workers[0].said.read_text().count("Working for") == 2, within=120, what="both work")
        made.sending()
        began = _moment(made)
        for number in range(JUMPS):
            made.place.set_clock(OFFSETS[number % len(OFFSETS)])
            time.sleep(_EVERY)
        left = PEOPLE - len(made.gateway.accepted())
        made.place.set_clock(0)
        made.finish(300)
        ended = _moment(made)
        truth, verdict = made.gateway.truth(), made.verdict()
        outcome.claim("no worker died", all(worker.is_running for worker in workers))
        _look_at_jobs(made, began, ended, outcome)
    outcome.figures |= {
        "people": PEOPLE, "jumps": JUMPS, "every_s": _EVERY, "left_then": left, "lost": verdict.lost,
        "repeated": verdict.repeated, "leases_ended_early": truth["asked"], "factor": FACTOR,
    }  # fmt: skip
    outcome.claim("jumped while work was left", left > 0)
    outcome.claim("no lease ended early", truth["asked"] == 0)
    outcome.claim("none lost", verdict.holds)
    outcome.claim("none repeated", verdict.repeated == 0)


def _moment(made: Scene) -> datetime:
    """The right time by the county's clock, whose offset is 0 now."""
    with made.place.open() as runtime:
        return runtime.now()


def _look_at_jobs(made: Scene, began: datetime, ended: datetime, outcome: Outcome) -> None:
    """Each minute's jobs ran once, at their own minute; the audit's order is that of its times."""
    with made.place.open() as runtime, runtime.database.read() as session:
        runs = session.execute(
            select(ScheduleRun.name, ScheduleRun.fire_at).where(ScheduleRun.fire_at >= began - _SLACK)
        ).all()
        times = list(session.scalars(select(AuditRow.at).order_by(AuditRow.number)))
    each_minute = Counter(run.fire_at for run in runs if run.name == "intake")
    inside = [began + timedelta(minutes=n) for n in range(1, int((ended - began).total_seconds() // 60))]
    missing = [
        at for at in inside if not any(abs(at - fired) <= timedelta(seconds=60) for fired in each_minute)
    ]
    strange = [run for run in runs if run.fire_at > ended + _SLACK]
    outcome.figures |= {
        "minutes": len(inside),
        "fired": len(each_minute),
        "minutes_missed": len(missing),
        "fired_at_wrong_times": len(strange),
    }
    outcome.claim("each minute's job fired once", not missing and max(each_minute.values(), default=0) == 1)
    outcome.claim("nothing fired at a time that was not", not strange)
    outcome.claim("the audit's order is that of its times", times == sorted(times))
