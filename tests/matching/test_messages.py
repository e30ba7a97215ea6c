"""Messages by hands that never saw the rules: what is reached is held, and what the command prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import matching
from matching.__main__ import main
from matching.messages import Judged as Message
from matching.messages import evaluate_messages, fate_of, load

GOLDEN = Path(__file__).parent / "golden"
KEYS = [
    "messages", "intents", "by_intent", "slots_f1", "wrong_draft", "asked_back", "to_a_person", "operator_minutes_per_1000",
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "intents", "slots"),
    [("north", 0.98, 0.93), ("east", 0.97, 0.93), ("mixed", 0.97, 0.91), ("south", 0.94, 0.87)],
)
def test_the_messages_of_four_hands_stay_understood(name: str, intents: float, slots: float) -> None:
    figures = evaluate_messages(load(GOLDEN / f"messages_{name}.jsonl"))
    assert figures["messages"] >= 140
    assert figures["intents"] >= intents
    assert figures["slots_f1"] >= slots
    missed = {"sell"} if name == "south" else set()  # as it stood when that set was first measured
    for intent, (right, seen) in figures["by_intent"].items():
        assert intent in missed or right >= seen * 0.9 or seen - right <= 1, (intent, right, seen)
    assert figures["asked_back"] <= 0.15
    assert figures["to_a_person"] <= 0.05


@pytest.mark.parametrize("name", ["fresh8", "fresh10"])
def test_of_a_hand_whose_messages_nobody_has_read_few_drafts_are_wrong_and_few_are_asked_back(
    name: str,
) -> None:
    figures = evaluate_messages(load(GOLDEN / f"messages_{name}.jsonl"))
    assert figures["intents"] >= 0.96
    assert figures["wrong_draft"] <= 0.08
    assert figures["asked_back"] <= 0.15
    assert figures["to_a_person"] <= 0.05


@pytest.mark.parametrize("name", ["fresh7", "fresh9", "probe"])
def test_the_drafts_made_of_a_set_that_was_learnt_from_are_right(name: str) -> None:
    figures = evaluate_messages(load(GOLDEN / f"messages_{name}.jsonl"))
    assert figures["messages"] >= 130
    assert figures["intents"] >= 0.97
    assert figures["slots_f1"] >= (
        0.85 if name == "fresh9" else 0.94
    )  # fresh9 names a sighting's crop its product
    assert figures["wrong_draft"] <= 0.05
    assert figures["asked_back"] <= 0.15
    assert figures["to_a_person"] <= 0.04


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("有鸡", [("supply", "鸡"), ("demand", "鸡")]),
        ("葡萄苗500株", [("supply", "葡萄苗"), ("demand", "葡萄苗")]),
        ("卖羊 大羊小羊一共43只", [("supply", "羊"), ("supply", "小羊")]),
        ("要红枣树苗下的枣 三百斤", [("demand", "枣"), ("demand", "枣苗")]),
        ("拖拉机前轮胎要两条 650-16的", [("demand", "农用轮胎"), ("demand", "拖拉机")]),
        ("卖旋耕机 九成新 4500", []),
        ("卖除草剂", []),
        ("卖农药敌敌畏100瓶", []),
        ("收购农药", []),
        ("旋耕机 九成新 4500", []),
        ("苹果三千斤 两块 栖霞", []),
        ("收柿子 做柿饼的 一千斤", []),
    ],
)
def test_what_a_second_opinion_does_not_trust_is_asked_back_with_what_may_be_meant(
    text: str, choices: list[tuple[str, str]]
) -> None:
    understood = matching.understand(text)
    reading = understood.reading
    assert reading is not None
    asked = matching.choices(understood) if matching.is_doubtful(understood) else ()
    told = [(each.side, (each.thing or reading.items[each.item or 0]).name) for each in asked]
    assert told == choices


def test_wishes_said_in_many_ways_are_told_apart() -> None:
    rows = [json.loads(line) for line in (GOLDEN / "acts.jsonl").read_text(encoding="utf-8").splitlines()]
    wrong = [
        row["text"]
        for row in rows
        if matching.printed_intent(matching.understand(row["text"]).intent) != row["intent"]
    ]
    assert len(rows) >= 1000
    assert len(wrong) <= len(rows) * 0.03, wrong


def test_the_command_prints_one_object_with_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["messages", str(GOLDEN / "messages_north.jsonl"), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert list(figures) == KEYS
    assert figures["operator_minutes_per_1000"] == pytest.approx(
        figures["to_a_person"] * 1000 * 40 / 60, abs=0.1
    )


def test_without_json_each_figure_stands_on_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["messages", str(GOLDEN / "messages_north.jsonl")]) == 0
    assert capsys.readouterr().out.startswith("messages")


@pytest.mark.parametrize(
    "content",
    [
        None, b"", b"not json\n", b"[1]\n", b'{"id": "a", "text": "x", "intent": "dance", "slots": {}}\n',
        b'{"id": "a", "text": "x", "intent": "sell", "slots": {"colour": "red"}}\n', b'{"id": "a", "text": 1, "intent": "sell", "slots": {}}\n',
    ],
)  # fmt: skip
def test_a_file_that_is_no_set_of_messages_gives_one_line_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / "set.jsonl"
    if content is not None:
        path.write_bytes(content)
    assert main(["messages", str(path), "--json"]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("text", "intent", "product", "fate"),
    [
        ("卖梨三百斤", "sell", "梨", "read"), ("卖梨三百斤", "buy", "梨", "wrong"), ("卖梨三百斤", "sell", "苹果", "wrong"),
        ("卖梨三百斤", "done", "梨", "wrong"), ("葡萄苗500株", "sell", "葡萄", "asked"), ("今天天气好", "other", "", "person"),
        ("谢谢", "other", "", "read"), ("葡萄怎么施肥", "question", "", "read"),
    ],
)  # fmt: skip
def test_what_becomes_of_a_message(text: str, intent: str, product: str, fate: str) -> None:
    judged = Message("a", text, intent, {"product": product, "form": "fresh"})
    assert fate_of(judged, matching.understand(text), matching.Matcher.default()) == fate
