"""``./run bench ivr``: how long a caller waits for the line's next words, and how many callers it has at once.

Two runs on a demo county of 20,000 accounts with its articles, posts and an alert in force. In the first, callers walk the menus of
``farmerline serve`` (one process, its jobs running) by signed webhooks, 50 turns a second; each turn is counted from its own moment.
In the second, 200 handsets of the simulated carrier are in a call at the same time, each with its own keys. Exit 1 where a claim
does not hold.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from statistics import quantiles
from threading import Barrier
from typing import Any

from sqlalchemy import func, select

from bench import ivr_county
from bench.ivr_load import PATHS, Wanted
from bench.machine import machine
from bench.rig.county import Place
from bench.rig.processes import ROOT, serving
from channels.simulator.caller import follow, read_keys
from channels.voice.program import APOLOGY
from farmerline.app import create_app
from farmerline.models import Call

RATE, AT_ONCE, ON_LINE = 50.0, 200, 100
P95_MS, P99_MS = 30.0, 100.0
_WARM_UP = 5.0


def main(arguments: list[str]) -> int:
    """Run it; exit 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(prog="./run bench ivr", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--calls", type=int, default=AT_ONCE, help="at once, on the simulated carrier")
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    wanted = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="farmerline-ivr-") as home:
        _say(f"making a county of {wanted.accounts} accounts")
        place = ivr_county.make(Path(home) / "county", wanted.accounts)
        _say("callers walk the menus")
        figures = walked(place, wanted.seconds)
        _say(f"{wanted.calls} calls at once")
        figures |= at_once(place, wanted.calls)
    held = (
        figures["p95_ms"] <= P95_MS and figures["p99_ms"] <= P99_MS and not figures["errors"]
        and not figures["at_once_errors"]
    )  # fmt: skip
    found = {"bench": "ivr", **figures, "accounts": wanted.accounts, "held": held, "machine": machine()}
    print(json.dumps(found, ensure_ascii=False, indent=None if wanted.json else 2))
    return int(not held)


def walked(place: Place, seconds: float) -> dict[str, Any]:
    """Turns by HTTP, and the processor time that each took of the service."""
    settings = place.settings()
    url, token = settings.public_url, settings.twilio_auth_token.get_secret_value()
    with serving(place, "serve") as command:
        _load(Wanted(url, token, ivr_county.callers(), RATE, _WARM_UP, ON_LINE))
        spent = command.cpu
        found = _load(Wanted(url, token, ivr_county.callers(), RATE, seconds, ON_LINE))
        spent = command.cpu - spent
    times = sorted(found["times"])
    cuts = quantiles(times, n=100)
    return {
        "p50_ms": round(cuts[49], 1), "p95_ms": round(cuts[94], 1), "p99_ms": round(cuts[98], 1), "max_ms": times[-1],
        "errors": found["errors"], "turns": found["turns"], "turns_per_s": round(found["turns"] / found["seconds"], 1),
        "cpu_ms": round(1000 * spent / found["turns"], 2),
    }  # fmt: skip


def at_once(place: Place, calls: int) -> dict[str, Any]:
    """So many handsets in a call at the same time: none presses a key before all are connected."""
    with place.open() as runtime:
        create_app(runtime)
        assert runtime.simulator is not None
        exchange, all_connected = runtime.simulator.exchange, Barrier(calls)
        sorry = {APOLOGY, runtime.line.apology}
        began = time.perf_counter()
        with runtime.database.read() as session:
            before = session.scalar(select(func.count()).select_from(Call)) or 0

        def ring(number: int) -> bool:
            """Whether the caller heard the line's words after each key, and no apology."""
            keys = " ".join(PATHS[number % len(PATHS)])
            live = exchange.dial(f"+8615800{number:06d}")
            all_connected.wait(120)
            told = follow(exchange, live, read_keys(keys), "")
            return bool(told.heard) and sorry.isdisjoint(told.heard)

        with ThreadPoolExecutor(calls) as people:
            answered = sum(people.map(ring, range(calls)))
        with runtime.database.read() as session:
            kept = (session.scalar(select(func.count()).select_from(Call)) or 0) - before
    return {
        "at_once": calls, "at_once_errors": max(calls - answered, calls - kept),
        "at_once_s": round(time.perf_counter() - began, 1),
    }  # fmt: skip


def _load(wanted: Wanted) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.ivr_load"],
        cwd=ROOT, check=True, input=json.dumps(asdict(wanted)).encode(), stdout=subprocess.PIPE,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
