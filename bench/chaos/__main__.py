"""``./run chaos [R-09 …] --json``: each fault is made on purpose, on the service's own processes.

One line a fault: ``{"id", "held", "figures"}``. The county's clock runs ``--factor`` times as fast, so that leases, pauses
and retries are that much shorter. Exit 1 where something did not hold.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
import traceback
from importlib import import_module
from pathlib import Path

from bench.chaos.outcome import Outcome
from bench.machine import machine

FAULTS = {
    "R-05": "full_disk",
    "R-06": "database_restart",
    "R-09": "gateway_faults",
    "R-10": "failover",
    "R-11": "receipts",
    "R-12": "clock_jumps",
    "R-14": "scheduler",
    "R-16": "paused_worker",
    "R-18": "ended_politely",
}


def main(arguments: list[str]) -> int:
    """Make the faults that are named, or all; exit 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="./run chaos", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "faults", nargs="*", metavar="ID", help=f"which: {', '.join(FAULTS)}; without it, all"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--seed", type=int, default=None, help="of the moments; printed")
    wanted = parser.parse_args(arguments)
    if unknown := set(wanted.faults) - FAULTS.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    seed = random.randrange(10**6) if wanted.seed is None else wanted.seed
    print(f"seed {seed} machine {json.dumps(machine(), ensure_ascii=False)}", file=sys.stderr)
    held = True
    for fault in wanted.faults or FAULTS:
        outcome, seconds = _make(fault, random.Random(f"{seed} {fault}"))
        held = held and outcome.held
        line = outcome.line(fault, seconds)
        print(json.dumps(line, ensure_ascii=False) if wanted.json else _words(line), flush=True)
    return int(not held)


def _make(fault: str, dice: random.Random) -> tuple[Outcome, float]:
    began, outcome = time.monotonic(), Outcome()
    module = import_module(f"bench.chaos.{FAULTS[fault]}")
    with tempfile.TemporaryDirectory(prefix="farmerline-chaos-", ignore_cleanup_errors=True) as home:
        try:
            module.make(Path(home), dice, outcome)
        except Exception as error:  # a proof that cannot be made has not held
            traceback.print_exc()
            outcome.claim(f"{type(error).__name__}: {str(error)[:200]}", False)
    return outcome, time.monotonic() - began


def _words(line: dict[str, object]) -> str:
    return f"{line['id']} {'held' if line['held'] else 'DID NOT HOLD'} {json.dumps(line['figures'], ensure_ascii=False)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
