"""R-10: of two carriers the cheaper one fails altogether, then both do, then both come back."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from bench.chaos.outcome import Outcome
from bench.rig.county import Place, Table, fill
from bench.rig.oracle import compare, is_over, states
from bench.rig.processes import Command, Loopback, until
from bench.rig.scene import FACTOR, READ_SECONDS
from farmerline.models import GatewayRow

PEOPLE, RATE = 4000, 30.0
_MOVED, _BACK = 120 / FACTOR, 900 / FACTOR
_WATCHED, _BOTH_OUT = 10.0, 20.0
_SHARE = 0.95
_ALL_FAIL = "500:1"


def make(home: Path, dice: random.Random, outcome: Outcome) -> None:
    place = Place(home, f"sqlite:///{home / 'farmerline.db'}", FACTOR)
    with ExitStack() as ending:
        cheap, dear = (Loopback(home / f"{name}.log") for name in ("cheap", "dear"))
        ending.callback(cheap.stop)
        ending.callback(dear.stop)
        costs = {"cheap": (cheap, 0.03), "dear": (dear, 0.05)}
        place.write(
            [
                Table(one.port, name=name, rate=RATE, read_seconds=READ_SECONDS, more=f"cost = {cost}")
                for name, (one, cost) in costs.items()
            ]
        )
        campaign = fill(place, PEOPLE)
        worker = Command(place).start()
        ending.callback(worker.kill)
        until(lambda: worker.must_live() and cheap.taken >= 60, within=60, what="the cheap one works")
        before = cheap.taken / max(1, cheap.taken + dear.taken)
        cheap.behave(mix=_ALL_FAIL)
        time.sleep(_MOVED)
        moved = _share(dear, cheap)
        dear.behave(mix=_ALL_FAIL)
        time.sleep(2)
        dropped, taken = _both_out(place, campaign, [cheap, dear])
        cheap.behave(mix="")
        dear.behave(mix="")
        back = until(
            lambda: _whole(place, "cheap"), within=2 * _BACK, every=0.5, what="the cheap one has its share"
        )
        with place.open() as runtime:
            until(
                lambda: worker.must_live() and is_over(runtime.database, campaign),
                within=300,
                every=0.5,
                what="the end",
            )
        verdict = compare(place, campaign, cheap.accepted() + dear.accepted())
    outcome.figures |= {
        "people": PEOPLE, "factor": FACTOR, "cheap_share_before": round(before, 3), "dear_share_after_120_s": round(moved, 3),
        "dropped_while_both_failed": dropped, "taken_while_both_failed": taken, "back_after_s": round(back * FACTOR),
        "lost": verdict.lost, "repeated": verdict.repeated, "failed": verdict.failed,
    }  # fmt: skip
    outcome.claim("the cheap one carries all while it is well", before >= _SHARE)
    outcome.claim("95 % by the other within 120 s", moved >= _SHARE)
    outcome.claim("while both fail the queue holds", dropped == 0)
    outcome.claim("the cheap one has its share again within 15 min", back <= _BACK)
    outcome.claim("none lost", verdict.holds and verdict.failed == 0)
    outcome.claim("none repeated", verdict.repeated == 0)


def _share(well: Loopback, ill: Loopback) -> float:
    """What part of the hand-overs tried within a while went to the one that is well."""
    taken, tried = well.taken, _refused(ill)
    time.sleep(_WATCHED)
    taken, tried = well.taken - taken, _refused(ill) - tried
    return taken / max(1, taken + tried)


def _both_out(place: Place, campaign: str, both: list[Loopback]) -> tuple[int, int]:
    """Messages that the ledger gave up while both failed, and that were taken."""
    before = sum(one.taken for one in both)
    time.sleep(_BOTH_OUT)
    with place.open() as runtime:
        stand = Counter(states(runtime.database, campaign))
    return stand["dead"] + stand["cancelled"] + stand["failed"], sum(one.taken for one in both) - before


def _refused(one: Loopback) -> int:
    return int(one.truth()["faults"].get("500", 0))


def _whole(place: Place, name: str) -> bool:
    with place.open() as runtime, runtime.database.read() as session:
        return session.get_one(GatewayRow, name).share >= 1.0
