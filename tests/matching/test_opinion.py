"""The second opinion: it knows no rule, and is heard where the rules are wrong, silent or in doubt."""

from __future__ import annotations

import pytest

import matching
from matching.direction import MASK, Heading
from matching.opinion import Opinion
from matching.rivals import Look, look, turn
from matching.sides import heed
from matching.values import Direction, Item

PEAR = Item("梨", "fresh", qty=150.0, unit="kg", category="fruit")


@pytest.mark.parametrize(
    ("masked", "direction"),
    [
        (f"我们食堂想要{MASK}三百斤", "demand"),
        (f"自家种的{MASK} 三百斤 块八一斤 自己来拉", "supply"),
        (f"收{MASK}", "demand"),
        (f"谢谢大家 {MASK}节 都来看", "none"),
    ],
)
def test_a_side_is_heard_without_any_rule(masked: str, direction: Direction) -> None:
    heard = Opinion.default().sides(masked, [PEAR])
    assert sum(heard.values()) == pytest.approx(1)
    assert max(heard, key=heard.__getitem__) == direction


@pytest.mark.parametrize(
    ("text", "form"),
    [("梨苗三百株 带土球", "seedling"), ("梨 三百斤 刚摘的", "fresh"), ("烘干的梨片 干的 三百斤", "dried")],
)
def test_a_form_is_heard_without_any_rule(text: str, form: str) -> None:
    heard = Opinion.default().forms(text, PEAR, "fresh")
    assert max(heard, key=heard.__getitem__) == form


@pytest.mark.parametrize(
    ("told", "sure", "likely", "direction", "still_sure"),
    [
        ("supply", True, {"supply": 0.3, "demand": 0.6, "none": 0.1}, "supply", True),
        ("supply", True, {"supply": 0.05, "demand": 0.9, "none": 0.05}, "demand", False),
        ("supply", True, {"supply": 0.005, "demand": 0.99, "none": 0.005}, "demand", True),
        ("supply", False, {"supply": 0.85, "demand": 0.1, "none": 0.05}, "supply", True),
        ("supply", False, {"supply": 0.7, "demand": 0.2, "none": 0.1}, "supply", False),
        ("none", False, {"supply": 0.1, "demand": 0.05, "none": 0.85}, "none", False),
    ],
)
def test_the_rules_are_turned_only_where_the_second_opinion_is_sure(
    told: Direction, sure: bool, likely: dict[Direction, float], direction: Direction, still_sure: bool
) -> None:
    heeded = heed(Heading(told, sure, 3), likely)
    assert (heeded.direction, heeded.sure, heeded.at) == (direction, still_sure, 3)


def test_a_table_says_what_each_sign_speaks_for() -> None:
    opinion = Opinion([("side", "", "demand supply"), ("side", "收", "0:2"), ("side", "卖G", "1:3.00")])
    assert opinion.sides(f"卖{MASK}{MASK}", []) == pytest.approx(
        {"demand": 0.0474, "supply": 0.9526}, abs=1e-3
    )
    assert opinion.sides("", []) == {"demand": 0.5, "supply": 0.5}


def test_a_product_is_known_in_some_forms_only() -> None:
    forms = matching.Lexicon.default().forms_of
    assert {"fresh", "seedling", "dried"} <= forms("梨")
    assert "egg" not in forms("梨") and "egg" in forms("鸡") | forms("鸡蛋")


BALES = Item("打捆", "service", qty=400.0, unit="捆", category="service", text="打捆", name="打捆")
STRAW = Item("麦秸", "straw", category="straw", text="麦秸", name="麦秸")


@pytest.mark.parametrize(
    ("seen", "first", "rival"),
    [
        (Look(0.05, STRAW, 0.7), "麦秸", "打捆"),
        (Look(0.2, STRAW, 0.7), "打捆", "麦秸"),
        (Look(0.05, STRAW, 0.5), "打捆", "麦秸"),
        (Look(0.05), "打捆", None),
    ],
)
def test_a_thing_gives_way_only_where_its_form_is_most_unlikely_and_another_likely(
    seen: Look, first: str, rival: str | None
) -> None:
    items, left = turn([BALES], seen)
    assert [item.name for item in items] == [first]
    assert (left.rival.name if left.rival else None) == rival


def test_another_thing_that_is_named_takes_over_the_amounts() -> None:
    seen = look("麦秸打捆 四百捆", [BALES], [STRAW], matching.Lexicon.default(), Opinion.default())
    assert seen.rival is not None
    assert (seen.rival.concept, seen.rival.qty, seen.rival.unit) == ("麦秸", 400.0, "捆")


def test_a_form_that_the_very_word_says_is_asked_about_and_never_turned() -> None:
    seen = look(
        "收瓜子苗片三百斤", [Item("猪", "young", category="livestock", text="猪崽", name="仔猪")], [],
        matching.Lexicon.default(), Opinion.default(),
    )  # fmt: skip
    assert seen.likelier == 0
