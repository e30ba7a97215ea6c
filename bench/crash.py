"""``./run crash --recipients N --kills K``: a broadcast whose worker is killed K times, counted at the gateway.

Twice: by a gateway that can be asked what it took, and by one that cannot. The worker is the service's own command,
started with a settings file, and killed with SIGKILL at random moments (``--seed``): mostly while it sends, now and then
while it starts. Exit 1 where a claim does not hold.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.machine import machine
from bench.progress import progress
from bench.rig.county import Place, Table, databases, fill
from bench.rig.nursery import Nursery
from bench.rig.oracle import Verdict, compare, is_over, states
from bench.rig.processes import ROOT, Command, Loopback, until

LEASE = 60.0
_WINDOW = 0.15, 0.6
"""Seconds of sending before a kill."""
_EARLY = 0.1
"""Share of the kills that come while the worker starts."""
_START = 60.0
_RESUME = 10.0
_REPEATS = 20
_FAST = 2000.0
"""Messages a second once nobody is killed any more."""


@dataclass
class Pass:
    """One broadcast by one kind of gateway."""

    kills: int = 0
    resumes: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    verdict: Verdict | None = None
    resolved: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Wanted:
    """What to run."""

    recipients: int
    kills: int
    db: str
    seed: int
    factor: float
    nursery: Nursery | None = None


def main(arguments: list[str]) -> int:
    """Run it; exit 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(prog="./run crash", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--db", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--seed", type=int, default=None, help="of the moments; printed")
    parser.add_argument(
        "--factor",
        type=float,
        default=1.0,
        help="run the clock so many times as fast: leases end that much sooner",
    )
    parser.add_argument(
        "--warm", action="store_true", help="fork the worker from a parent that has loaded it"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    wanted = parser.parse_args(arguments)
    seed = random.randrange(10**6) if wanted.seed is None else wanted.seed
    print(f"seed {seed}", file=sys.stderr)
    with ExitStack() as ending:
        nursery = ending.enter_context(closing(Nursery(ROOT))) if wanted.warm else None
        figures = measure(Wanted(wanted.recipients, wanted.kills, wanted.db, seed, wanted.factor, nursery))
    print(json.dumps(figures, ensure_ascii=False, indent=None if wanted.json else 2))
    return int(not figures["held"])


def measure(wanted: Wanted) -> dict[str, Any]:
    """Both passes, on copies of one county."""
    with (
        tempfile.TemporaryDirectory(prefix="farmerline-crash-") as folder,
        databases(wanted.db, Path(folder)) as made,
    ):
        home = Path(folder)
        model = Place(home / "model", made.make("model"), wanted.factor)
        model.write([Table(9)])
        with progress("people", wanted.recipients) as advance:
            campaign = fill(model, wanted.recipients, advance)
        passes = []
        for name, lookup in (("asked", True), ("silent", False)):
            place = Place(home / name, made.copy(model.url, name), wanted.factor)
            passes.append(run(place, campaign, wanted, lookup=lookup))
    return report(wanted, *passes)


def run(place: Place, campaign: str, wanted: Wanted, *, lookup: bool) -> Pass:
    """One broadcast: kill after kill, then to its end."""
    dice, done, began = random.Random(wanted.seed + lookup), Pass(), time.monotonic()
    pace = (
        wanted.recipients / max(1, wanted.kills) / 2
    )  # a claim takes a second of it: half of a kill's part of the list
    place.home.mkdir(parents=True, exist_ok=True)
    with closing(_Line(place, pace, lookup)) as line, progress("kills", wanted.kills) as advance:
        for _ in range(wanted.kills):
            done.kills += _kill_once(line, done, dice, wanted)
            advance(1)
        line.open_up()
        last = Command(place, nursery=wanted.nursery).start()
        try:
            _finish(place, campaign, last, wanted)
        finally:
            last.stop()
        done.resolved = int(line.gateway.truth()["asked"])
        done.verdict = compare(place, campaign, line.gateway.accepted())
    done.seconds = time.monotonic() - began
    return done


class _Line:
    """The gateway, and the county's file that names it."""

    def __init__(self, place: Place, pace: float, lookup: bool) -> None:
        options = ["--rate", str(pace)] + ([] if lookup else ["--no-lookup"])
        self.gateway = Loopback(place.home / "taken.log", *options)
        self.place = place
        answer = min(10.0, LEASE / place.factor / 3)
        self._table = Table(self.gateway.port, rate=pace, lookup=lookup, read_seconds=answer)
        place.write([self._table])

    def open_up(self) -> None:
        """As fast as it goes from now on, for a worker that is started afterwards."""
        self.gateway.behave(rate=0)
        self.place.write([replace(self._table, rate=_FAST)])

    def close(self) -> None:
        self.gateway.stop()


def _kill_once(line: _Line, done: Pass, dice: random.Random, wanted: Wanted) -> bool:
    """Start a worker and kill it; true where work was left."""
    before, began = line.gateway.taken, time.monotonic()
    worker = Command(line.place, nursery=wanted.nursery).start()
    try:
        if dice.random() < _EARLY:
            time.sleep(dice.uniform(0, 2))
        else:
            until(
                lambda: worker.must_live() and line.gateway.taken > before,
                within=_START,
                every=0.002,
                what="messages",
            )
            done.resumes.append(time.monotonic() - began)
            done.cpu.append(worker.cpu)
            time.sleep(dice.uniform(*_WINDOW))
    except TimeoutError:
        print(worker.said.read_text()[-3000:], file=sys.stderr)
        raise
    finally:
        worker.kill()
    return len(line.gateway.accepted()) < wanted.recipients


def _finish(place: Place, campaign: str, worker: Command, wanted: Wanted) -> None:
    """Wait until the whole broadcast is settled."""
    within = 120 + 4 * LEASE / place.factor + wanted.recipients / 50

    def over() -> bool:
        return worker.must_live() and is_over(runtime.database, campaign)

    with place.open() as runtime:
        try:
            until(over, within=within, every=0.2)
        except TimeoutError:
            print(f"left: {states(runtime.database, campaign)}", file=sys.stderr)
            print(worker.said.read_text()[-3000:], file=sys.stderr)


def report(wanted: Wanted, asked: Pass, silent: Pass) -> dict[str, Any]:
    """The figures, and whether the claims hold."""
    assert asked.verdict and silent.verdict
    each = silent.verdict.repeated / max(1, silent.kills)
    resume = _p95(asked.resumes + silent.resumes)
    held = {
        "all_kills_while_work_was_left": asked.kills == silent.kills == wanted.kills,
        "none_lost": asked.verdict.holds and silent.verdict.holds,
        "none_repeated_where_it_can_be_asked": asked.verdict.repeated == 0,
        "few_repeated_where_it_cannot": each <= _REPEATS,
        "sending_again_in_time": resume <= _RESUME,
    }
    return {
        "db": wanted.db, "recipients": wanted.recipients, "kills": min(asked.kills, silent.kills),
        "lost": max(asked.verdict.lost, silent.verdict.lost), "repeated": asked.verdict.repeated,
        "repeated_without_lookup_per_kill": round(each, 2), "unknown_resolved": asked.resolved,
        "resume_p95_s": round(resume, 2), "resume_cpu_p95_s": round(_p95(asked.cpu + silent.cpu), 2), "lease_s": LEASE / wanted.factor, "factor": wanted.factor,
        "started": "forked" if wanted.nursery else "afresh", "seed": wanted.seed,
        "seconds": round(asked.seconds + silent.seconds, 1), "held": all(held.values()),
        "broken": [name for name, holds in held.items() if not holds],
        "passes": {name: _plain(one) for name, one in (("asked", asked), ("silent", silent))}, "machine": machine(),
    }  # fmt: skip


def _plain(one: Pass) -> dict[str, Any]:
    assert one.verdict
    return {
        "kills": one.kills, "lost": one.verdict.lost, "repeated": one.verdict.repeated, "failed": one.verdict.failed,
        "misnoted": one.verdict.misnoted, "sound": one.verdict.sound, "seconds": round(one.seconds, 1),
    }  # fmt: skip


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * 0.95))] if seconds else 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
