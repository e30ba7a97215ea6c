"""R-14: four workers share a timetable of five hundred things to do; every few seconds one is killed and started again."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from bench.chaos.clockwork import ITEMS, moment
from bench.chaos.outcome import Outcome
from bench.rig.county import Place, Table, databases, fill
from bench.rig.processes import ROOT, until
from farmerline.db import Database
from farmerline.models import ScheduleRun
from jobs.runner import LOST_AFTER

FACTOR = 40.0
WORKERS, EVERY = 4, 10.0
_LATE = 60.0


def make(home: Path, dice: random.Random, outcome: Outcome) -> None:
    did = home / "did"
    did.mkdir()
    with databases("postgres", home) as made:
        place = Place(home / "county", made.make("county"), FACTOR)
        place.write([Table(9)])
        fill(place, 1)
        with place.open() as runtime:
            workers = [_start(place, did) for _ in range(WORKERS)]
            try:
                until(lambda: _said(did)["ready"] >= WORKERS, within=120, what="workers ready")
                first = (runtime.now() + timedelta(minutes=12)).replace(second=0, microsecond=0)
                _did_yesterday(runtime.database, first)
                (did / "new").write_text(first.isoformat())
                (did / "new").rename(did / "first")
                killed: list[int] = []
                while runtime.now() < moment(first, ITEMS - 1):
                    time.sleep(dice.uniform(0.6, 1.4) * EVERY)
                    killed.append(_replace(workers, dice.randrange(WORKERS), place, did))
                within = LOST_AFTER.total_seconds() / FACTOR + 60
                with suppress(TimeoutError):
                    until(lambda: _ended(did) == ITEMS, within=within, every=0.5)
                time.sleep(2)
            finally:
                for worker in workers:
                    worker.kill()
                    worker.wait()
            _judge(
                _runs(runtime.database, first),
                first,
                _said(did),
                len(killed),
                _last_begun(did, killed),
                outcome,
            )


def _judge(
    runs: dict[str, ScheduleRun],
    first: datetime,
    said: Counter[str],
    kills: int,
    cut_off: set[str],
    outcome: Outcome,
) -> None:
    late = [
        (runs[name].fire_at - moment(first, number)).total_seconds()
        for number in range(ITEMS)
        if (name := f"item-{number:03d}") in runs
    ]
    begun = [said[f"begin item-{number:03d}"] for number in range(ITEMS)]
    ended = [said[f"end item-{number:03d}"] for number in range(ITEMS)]
    outcome.figures |= {
        "items": ITEMS, "workers": WORKERS, "kills": kills, "fired": len(runs), "done_once": ended.count(1),
        "done_twice": sum(count > 1 for count in ended), "never_done": ended.count(0),
        "cut_off_and_taken_up": sum(count > 1 for count in begun), "factor": FACTOR,
    }  # fmt: skip
    outcome.claim("each fired for its own minute", len(runs) == ITEMS and not any(late))
    again = {f"item-{number:03d}" for number, count in enumerate(begun) if count > 1}
    outcome.claim("each was done", ended.count(0) == 0)
    outcome.claim("none was begun again but where a kill cut it off", again <= cut_off and max(begun) <= 2)
    if open_ := [
        f"{name} {run.started_at - run.fire_at}" for name, run in runs.items() if run.ended_at is None
    ]:
        outcome.figures["begun_not_ended"] = open_[:10]
    if gone := [f"item-{number:03d}" for number in range(ITEMS) if f"item-{number:03d}" not in runs]:
        outcome.figures["never_fired"] = gone[:20]
    starts = [runs[name].started_at - runs[name].fire_at for name in runs if said[f"begin {name}"] == 1]
    worst = max(starts, default=timedelta()).total_seconds() / FACTOR
    outcome.figures["late_max_s"] = round(worst, 2)
    outcome.claim("none a minute late", worst <= _LATE)


def _start(place: Place, did: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "FARMERLINE_SETTINGS": str(place.file)}
    words = ["-m", "bench.chaos.clockwork", str(did)]
    with (did / "said.log").open("ab") as log:
        return subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment, stdout=log, stderr=log)


def _replace(workers: list[subprocess.Popen[bytes]], which: int, place: Place, did: Path) -> int:
    """Kill a worker and start another; returns the process id of the dead one."""
    dead = workers[which]
    dead.kill()
    dead.wait()
    workers[which] = _start(place, did)
    return dead.pid


def _said(did: Path) -> Counter[str]:
    return Counter(line for file in did.glob("*.did") for line in file.read_text().splitlines())


def _last_begun(did: Path, killed: list[int]) -> set[str]:
    """What each killed worker had begun last: its work, or the record of its work, may have been cut off."""
    files = [did / f"{pid}.did" for pid in killed]
    lines = [
        [line for line in file.read_text().splitlines() if line.startswith("begin ")]
        for file in files
        if file.exists()
    ]
    return {begun[-1].removeprefix("begin ") for begun in lines if begun}


def _ended(did: Path) -> int:
    return len({line for line in _said(did) if line.startswith("end ")})


def _did_yesterday(database: Database, first: datetime) -> None:
    """Each thing was done the day before: a worker that starts late knows what it has missed."""
    with database.write() as session:
        for number in range(ITEMS):
            at = moment(first, number) - timedelta(days=1)
            session.add(
                ScheduleRun(
                    name=f"item-{number:03d}", fire_at=at, started_at=at, ended_at=at, result="", failed=False
                )
            )


def _runs(database: Database, first: datetime) -> dict[str, ScheduleRun]:
    mine = select(ScheduleRun).where(ScheduleRun.name.like("item-%"), ScheduleRun.fire_at >= first)
    with database.read() as session:
        return {row.name: row for row in session.scalars(mine)}
