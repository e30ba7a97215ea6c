"""An alert's life as a machine of steps in any order, with what must hold after each of them. (R-19)

A small run is part of every test run; ``./run soak-model --examples 5000 --steps 80`` is the long one.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.domain.alert_machine import AlertMachine

EXAMPLES, STEPS = int(os.environ.get("MODEL_EXAMPLES", "5")), int(os.environ.get("MODEL_STEPS", "22"))


def test_nothing_that_must_hold_is_ever_broken() -> None:
    run_state_machine_as_test(
        AlertMachine,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, derandomize="MODEL_EXAMPLES" not in os.environ,
            phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck), database=None, print_blob=True,
        ),
    )  # fmt: skip
