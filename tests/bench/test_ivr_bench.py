"""A small run from end to end: callers walk the menus of a real process, and handsets are in a call at once."""

from __future__ import annotations

import json

import pytest

from bench import __main__ as bench_main


@pytest.mark.long
def test_no_turn_of_a_call_goes_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    bench_main.main(["ivr", "--json", "--accounts", "1000", "--seconds", "4", "--calls", "30"])
    found = json.loads(capsys.readouterr().out)
    assert (found["turns"], found["errors"], found["at_once"], found["at_once_errors"]) == (200, 0, 30, 0)
    assert 0 < found["p50_ms"] <= found["p95_ms"] <= found["p99_ms"]
