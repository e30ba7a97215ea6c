"""The comparison of match quality runs and prints what it promises."""

from __future__ import annotations

import json

import pytest

from bench import quality


# jieba leaves its own file open
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_one_object_with_the_systems_and_the_ablations(capsys: pytest.CaptureFixture[str]) -> None:
    assert quality.main(["--json", "--no-install", str(quality.GOLDEN / "posts.jsonl")]) == 0
    report = json.loads(capsys.readouterr().out)
    ours = report["systems"]["ours"]
    assert set(ours) == {"queries", "ndcg10", "p1", "recall10", "no_answer_answered"}
    peers = {name: figures for name, figures in report["systems"].items() if name != "ours"}
    assert {"TF-IDF", "fts5-jieba", "fts5-bigrams"} <= set(peers)
    assert all(ours["ndcg10"] > figures["ndcg10"] for figures in peers.values())
    assert set(report["ablations"]) >= {
        "ours",
        "without concept",
        "without form",
        "without variety",
        "without area",
    }
    assert report["ablations"]["without concept"]["ndcg10"] < ours["ndcg10"]
    assert all("operator_minutes_per_1000" in figures for figures in report["messages"].values())
