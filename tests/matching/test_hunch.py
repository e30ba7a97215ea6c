"""What a message sounds like: heard where the rules hold it for unlikely, and never for a yes."""

from __future__ import annotations

import pytest

import matching
from matching.hunch import heed
from matching.opinion import Opinion
from matching.values import Item, Reading

BARE = Reading("none", True, text="x")
PEAR = Reading("supply", True, items=(Item("梨", "fresh", text="梨", category="fruit"),), text="x")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("梨树叶子上一片一片红点子 不晓得是咋了", "pest_report"),
        ("我们这边最近有没有霜冻预警", "alert_check"),
        ("查一下我挂的信息", "lookup"),
        ("有人收冬枣的话给我说一下", "subscribe"),
        ("还没卖脱 再给我挂两天", "renew"),
        ("这个咋个弄法", "help"),
    ],
)
def test_what_strangers_wish_is_told(text: str, intent: str) -> None:
    assert matching.understand(text).intent == intent


@pytest.mark.parametrize(
    ("told", "reading", "weights", "heeded"),
    [
        ("other", BARE, {"help": 3.0, "other": 0.0}, "help"),
        ("other", BARE, {"help": 2.0, "other": 0.0}, "other"),
        ("other", BARE, {"confirm": 9.0, "other": 0.0}, "other"),
        ("other", BARE, {"deny": 9.0, "other": 0.0}, "other"),
        ("other", BARE, {"register": 9.0, "other": 0.0}, "other"),
        ("other", BARE, {"sell": 9.0, "other": 0.0}, "other"),
        ("other", PEAR, {"sell": 9.0, "other": 0.0}, "sell"),
        ("sell", PEAR, {"question": 9.0, "sell": 0.0}, "question"),
    ],
)
def test_only_a_wish_many_times_likelier_takes_the_place_of_the_one_the_rules_told(
    told: str, reading: Reading, weights: dict[str, float], heeded: str
) -> None:
    names = list(weights)
    rows = [("wish", "", " ".join(names))]
    rows.append(("wish", "B", " ".join(f"{place}:{weights[name]}" for place, name in enumerate(names))))
    assert heed(told, "x", reading, matching.Lexicon.default(), opinion=Opinion(rows)) == heeded
