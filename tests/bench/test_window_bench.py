"""Small runs from end to end: reading few finds what scoring all finds, and both sides are told at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as bench_main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = bench_main.main([*arguments, "--json"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, report


def test_all_agree_on_the_best_three_of_a_small_pool(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = run(capsys, "match-window", "--posts", "400", "--queries", "30", "--cache", str(tmp_path))
    assert code == 0
    assert (report["queries"], report["posts"], report["agree_top3"]) == (30, 400, 1.0)
    assert report["old_near_lots"] == 6
    assert report["old_near_lots_found"] == 6


@pytest.mark.long
def test_both_sides_of_every_match_are_told_in_a_small_town(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = run(capsys, "match-notice", "--posts", "400", "--new", "12", "--cache", str(tmp_path))
    assert report["posts"] == 400
    assert 0 < report["matched"] <= report["new_posts"] == 12
    assert report["told_on_both_sides"] == report["matched"]
    assert 0 < report["seconds_p50"] <= report["seconds_max"]
    assert code == int(report["seconds_max"] > 1)
