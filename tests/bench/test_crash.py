"""A small run of the proof itself: kill -9 of the service's own worker, counted at the gateway."""

from __future__ import annotations

import json

import pytest

from bench import crash


def test_a_worker_killed_five_times_loses_nothing_and_repeats_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """R-01."""
    asked = "--recipients 5000 --kills 5 --factor 20 --warm --seed 5 --json"
    code = crash.main(asked.split())
    figures = json.loads(capsys.readouterr().out)
    assert (figures["kills"], figures["lost"], figures["repeated"]) == (5, 0, 0), figures
    assert figures["repeated_without_lookup_per_kill"] <= 20
    assert figures["unknown_resolved"] > 0
    assert code == 0, figures["broken"]
