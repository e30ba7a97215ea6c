"""A draft put right in a farmer's words: the other side, one thing of several."""

from __future__ import annotations

import pytest

from farmerline.models import Post
from tests.domain.talking import Village

SEVERAL = "卖生菜300斤1块，榨菜500斤8毛"


@pytest.mark.parametrize(
    ("words", "side"),
    [
        (("说错了 是卖不是买",), "卖"),
        (("不是买是卖",), "卖"),
        (("2", "我是卖的"), "卖"),
        (("2", "卖"), "卖"),
        (("2", "卖不是买"), "卖"),
        (("2", "是要买的"), "买"),
    ],
)
def test_the_side_is_put_right_in_a_few_words(
    sqlite_village: Village, words: tuple[str, ...], side: str
) -> None:
    person = sqlite_village.person()
    sqlite_village.say(person, "收芹菜2000斤" if side == "卖" else "卖芹菜2000斤")
    for text in words:
        told = sqlite_village.told(person, text)
    assert told.startswith(f"已记下:{side} 芹菜 2000斤"), told
    assert sqlite_village.count(Post) == 1


@pytest.mark.parametrize("words", [("榨菜600斤",), ("2", "榨菜600斤")])
def test_one_of_several_things_is_put_right_and_the_others_stay(
    sqlite_village: Village, words: tuple[str, ...]
) -> None:
    seller = sqlite_village.person()
    sqlite_village.say(seller, SEVERAL)
    for text in words:
        told = sqlite_village.told(seller, text)
    assert told.startswith("已记下:卖 生菜 300斤 1元/斤、榨菜 600斤 0.8元/斤"), told
    assert sqlite_village.count(Post) == 1


def test_a_whole_sentence_takes_the_place_of_several_things(sqlite_village: Village) -> None:
    seller = sqlite_village.person()
    sqlite_village.say(seller, SEVERAL)
    sqlite_village.say(seller, "2")
    assert sqlite_village.told(seller, "卖榨菜600斤").startswith("已记下:卖 榨菜 600斤")


def test_of_many_open_matters_the_newest_are_named(sqlite_village: Village) -> None:
    seller = sqlite_village.person()
    for goods in ("梨", "桃", "葡萄", "西瓜"):
        sqlite_village.say(seller, f"卖{goods}300斤")
    told = sqlite_village.told(seller, "1")
    assert "4件事" in told and "西瓜" in told and "梨" not in told, told


def test_a_number_that_is_not_ones_own_is_said_to_be_so(sqlite_village: Village) -> None:
    seller, other = sqlite_village.person(), sqlite_village.person()
    sqlite_village.publish(seller, "卖梨300斤")
    post = sqlite_village.publish(other, "卖桃300斤")
    assert f"没有{post.number}号" in sqlite_village.told(seller, f"停{post.number}")


def test_a_price_of_nothing_named_is_asked_back(sqlite_village: Village) -> None:
    assert sqlite_village.told(sqlite_village.person(), "多少钱").startswith("问什么的价")
