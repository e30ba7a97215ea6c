"""Small questions answered from the rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.domain.talking import SEEDLINGS, WANTED, Village, open_village


def test_a_search_names_three_posts_at_most_and_no_number(village: Village) -> None:
    """M16: a small trusted set."""
    sellers = [village.person(name) for name in ("王一一", "王二二", "王三三", "王四四")]
    numbers = [village.publish(one, SEEDLINGS).number for one in sellers]
    told = village.told("+8613800001111", "查 葡萄苗")
    assert "还没登记" in told
    told = village.told(village.person("陈小梅"), "查 葡萄苗")
    assert sum(str(number) in told for number in numbers) == 3
    assert told.count("龙山镇杨高村") == 3
    assert not any(one.phone[3:] in told for one in sellers)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("查 葡萄苗", True),
        ("谁卖葡萄苗", True),
        ("谁收葡萄苗", False),
        ("查 葡萄", True),
        ("查 草莓苗", False),
        ("查 火星果", False),
    ],
)
def test_a_search_keeps_to_the_thing_its_form_and_its_side(
    sqlite_village: Village, words: str, found: bool
) -> None:
    post = sqlite_village.publish(sqlite_village.person(), SEEDLINGS)
    assert (str(post.number) in sqlite_village.told(sqlite_village.person("陈小梅"), words)) == found


def test_nobody_finds_their_own_post_or_one_that_is_over(sqlite_village: Village) -> None:
    seller, buyer = sqlite_village.person(), sqlite_village.person("陈小梅")
    post = sqlite_village.publish(seller, SEEDLINGS)
    assert "现在没有合适的" in sqlite_village.told(seller, "查 葡萄苗")
    sqlite_village.say(seller, f"停{post.number}")
    assert "现在没有合适的" in sqlite_village.told(buyer, "查 葡萄苗")


def test_prices_are_what_was_asked_by_weight(sqlite_village: Village) -> None:
    for name, price in (("王一一", "3元"), ("王二二", "2.5元"), ("王三三", "5元")):
        sqlite_village.publish(sqlite_village.person(name), f"卖葡萄500斤{price}一斤")
    sqlite_village.publish(sqlite_village.person("王四四"), WANTED)
    told = sqlite_village.told(sqlite_village.person("陈小梅"), "价 葡萄")
    assert "2.5到5.0元/斤,中间价3.0,共3条" in told
    sqlite_village.wait(days=31)
    assert "现在没有葡萄的价" in sqlite_village.told(sqlite_village.person("孙长河"), "价 葡萄")


def test_help_names_no_word_of_a_module_that_is_off(tmp_path: Path, sqlite_url: str) -> None:
    with open_village(sqlite_url, tmp_path, modules="mailbox") as small:
        told = small.told(small.person(), "帮助")
        assert "卖 东西" in told and "报 作物" not in told and "问 问题" not in told
        assert "没看明白" in small.told(small.person(), "价 西兰花")
