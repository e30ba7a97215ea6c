"""``farmerline understand``: lines of messages in, intents and slots out, without settings or database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_people_commands import run
from tests.rules.source import ROOT

NOWHERE: dict[str, Any] = {"FARMERLINE_SETTINGS": "/nowhere/none.toml", "FARMERLINE_DATABASE_URL": "nonsense"}
INTENTS = frozenset(
    "sell buy pest_report question price_query lookup alert_check done renew subscribe confirm deny stop resume help "
    "register other".split()
)
SLOTS = frozenset("product form qty unit price place pest crop number name".split())


def lines(*rows: object) -> str:
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)


def test_a_file_of_messages_gives_one_object_a_line_in_its_order(tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    rows = lines({"id": "a", "text": "有翠冠梨三千来斤块八一斤杨高村老杨"}, {"id": 7, "text": "TD"})
    file.write_text("\ufeff" + rows + "\n", encoding="utf-8")
    ended = run("understand", str(file), "--json", **NOWHERE)
    assert ended.exit_code == 0
    assert [json.loads(line) for line in ended.stdout.splitlines()] == [
        {
            "id": "a",
            "intent": "sell",
            "slots": {
                "product": "梨", "form": "fresh", "qty": 1500.0, "unit": "kg", "price": 3.6, "place": "杨高村", "name": "老杨",
            },
        },
        {"id": 7, "intent": "stop", "slots": {}},
    ]  # fmt: skip


def test_standard_input_is_read_where_the_file_is_a_dash() -> None:
    ended = run("understand", "-", "--json", typed=lines({"id": "a", "text": "3"}))
    assert json.loads(ended.stdout) == {"id": "a", "intent": "other", "slots": {}}


@pytest.mark.parametrize(
    "text", ["退订 葡萄苗", "写信 老张 明天来", "3C11", "", "\ud800", "卖" * 3000, "\x00\u202e"]
)
def test_only_the_named_intents_and_slots_are_printed(text: str) -> None:
    ended = run("understand", "-", "--json", typed=json.dumps({"id": "\udc00", "text": text}) + "\n")
    assert ended.exit_code == 0
    answer = json.loads(ended.stdout)
    assert answer["intent"] in INTENTS
    assert answer["slots"].keys() <= SLOTS


def test_every_intent_can_be_printed() -> None:
    golden = ROOT / "tests/matching/golden/messages_mixed.jsonl"
    ended = run("understand", str(golden), "--json")
    assert {json.loads(line)["intent"] for line in ended.stdout.splitlines()} == INTENTS


@pytest.mark.parametrize(
    "bad",
    ["no json", '{"id": "b"}', '{"text": "卖梨"}', '["b"]', '{"id": "b", "text": 1}', '{"id": null, "text": "x"}', "[" * 100_000],
)  # fmt: skip
def test_a_bad_line_is_named_and_nothing_is_printed(bad: str) -> None:
    ended = run("understand", "-", "--json", typed=lines({"id": "a", "text": "卖梨"}) + f"{bad}\n")
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert "Line 2 " in ended.stderr


def test_a_line_that_is_no_utf_8_is_named(tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    file.write_bytes(b'{"id": "a", "text": "\xff"}\n')
    ended = run("understand", str(file), "--json", english=False)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "第1行" in ended.stderr


def test_a_file_that_is_not_there_ends_with_2() -> None:
    assert run("understand", "/nowhere/none.jsonl", "--json").exit_code == 2


def test_without_json_a_person_reads_one_line_a_message() -> None:
    ended = run("understand", "-", typed=lines({"id": "a", "text": "卖梨三百斤"}))
    assert ended.stdout == "a\tsell\tproduct=梨 form=fresh qty=150.0 unit=kg\n"
