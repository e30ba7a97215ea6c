"""``./run soak-model --examples N --steps M``: an alert's life as a machine of steps in any order, looked at after each.

The same machine as in the tests, with fresh chance each time unless ``--seed`` is given. A broken invariant is printed with the
steps that led to it, and the exit is 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from traceback import print_exc

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from bench.machine import machine
from tests.domain.alert_machine import AlertMachine


def main(arguments: list[str]) -> int:
    """Run it; one JSON object on standard output."""
    parser = argparse.ArgumentParser(prog="./run soak-model", description=__doc__)
    parser.add_argument("--examples", type=int, default=200, help="how many lives")
    parser.add_argument("--steps", type=int, default=80, help="steps of each at most")
    parser.add_argument("--seed", type=int, default=0, help="the same lives again; 0 for new ones")
    parser.add_argument("--json", action="store_true", help="print JSON (it always does)")
    wanted = parser.parse_args(arguments)
    chosen = wanted.seed or time.time_ns() % 2**31
    began, broken, steps = time.perf_counter(), 0, _count_steps()
    made = settings(
        max_examples=wanted.examples, stateful_step_count=wanted.steps, deadline=None, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck), verbosity=Verbosity.normal,
    )  # fmt: skip
    try:
        run_state_machine_as_test(seed(chosen)(AlertMachine), settings=made)
    except Exception:
        print_exc(file=sys.stderr)
        broken = 1
    told = {
        "bench": "soak-model", "command": f"./run soak-model --examples {wanted.examples} --steps {wanted.steps} --seed {chosen}",
        "examples": wanted.examples, "steps": steps[0], "broken": broken, "took_s": round(time.perf_counter() - began, 1),
        "machine": machine(),
    }  # fmt: skip
    print(json.dumps(told, ensure_ascii=False, indent=2))
    return broken


def _count_steps() -> list[int]:
    """How often the invariants were looked at, counted in the list's one place."""
    done = [0]
    looked = AlertMachine.check_invariants

    def check(self: AlertMachine, *given: object, **named: object) -> None:
        done[0] += 1
        looked(self, *given, **named)

    AlertMachine.check_invariants = check  # type: ignore[method-assign]
    return done


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
