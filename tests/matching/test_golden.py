"""Our own judged sets: posts and messages written for the purpose, each graded by the rule in docs/matching.md."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import matching
from matching.__main__ import main
from matching.evaluate import evaluate, load

GOLDEN = Path(__file__).parent / "golden"


def test_the_posts_are_matched_well() -> None:
    figures = evaluate(load(GOLDEN / "posts.jsonl"))
    assert figures["queries"] >= 60
    assert figures["ndcg10"] >= 0.9
    assert figures["direction_accuracy"] >= 0.95
    assert figures["item_accuracy"] >= 0.94
    assert figures["no_answer_answered"] <= 0.05


@pytest.mark.parametrize(
    "name",
    ["south", "north", "east", "mixed", "fresh", "fresh2", "fresh3", "fresh4", "fresh5", "fresh6", "fresh7"],
)
def test_posts_by_hands_that_had_not_seen_the_rules_are_matched_well(name: str) -> None:
    figures = evaluate(load(GOLDEN / f"posts_{name}.jsonl"))
    assert figures["queries"] >= 100
    assert figures["ndcg10"] >= 0.8
    assert figures["direction_accuracy"] >= 0.95
    assert figures["item_accuracy"] >= 0.86
    assert figures["no_answer_answered"] <= 0.15


@pytest.mark.parametrize(("name", "ndcg10"), [("fresh8", 0.75), ("fresh9", 0.85)])
def test_the_posts_of_hands_whose_errors_nobody_has_read_are_matched(name: str, ndcg10: float) -> None:
    figures = evaluate(load(GOLDEN / f"posts_{name}.jsonl"))
    assert figures["ndcg10"] >= ndcg10 and figures["item_accuracy"] >= 0.86
    assert figures["direction_accuracy"] >= 0.95
    assert figures["no_answer_answered"] <= 0.1


def test_the_messages_are_understood() -> None:
    rows = [json.loads(line) for line in (GOLDEN / "messages.jsonl").read_text(encoding="utf-8").splitlines()]
    resolve = matching.Lexicon.default().resolve
    right = hits = extra = missed = 0
    for row in rows:
        understood = matching.understand(row["text"])
        right += understood.intent == row["intent"]
        found = matching.slots_json(understood)
        for name in row["slots"].keys() | found.keys():
            gold, ours = row["slots"].get(name), found.get(name)
            if name in {"product", "crop"} and isinstance(gold, str) and (sense := resolve(gold)):
                gold = sense.concept
            same = gold == ours or (
                isinstance(gold, float)
                and isinstance(ours, int | float)
                and math.isclose(gold, ours, rel_tol=0.01)
            )
            hits += same
            extra += not same and ours is not None
            missed += not same and gold is not None
    assert len(rows) >= 60
    assert right / len(rows) >= 0.96
    assert 2 * hits / (2 * hits + extra + missed) >= 0.93


def test_further_messages_are_taken_for_what_they_are() -> None:
    rows = [json.loads(line) for line in (GOLDEN / "intents.jsonl").read_text(encoding="utf-8").splitlines()]
    wrong = [row["text"] for row in rows if matching.understand(row["text"]).intent != row["intent"]]
    assert len(wrong) <= len(rows) * 0.04, wrong


def test_the_command_prints_one_object_with_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", str(GOLDEN / "posts.jsonl"), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert list(figures) == [
        "queries",
        "ndcg10",
        "p1",
        "recall10",
        "direction_accuracy",
        "item_accuracy",
        "no_answer_answered",
        "by_tag",
    ]


@pytest.mark.parametrize("content", [None, b"", b"not json\n", b'{"id": 1}\n', b"\xff\xfe\x00", b"[1]\n"])
def test_a_file_that_is_no_judged_set_gives_one_line_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / "set.jsonl"
    if content is not None:
        path.write_bytes(content)
    assert main(["eval", str(path), "--json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
