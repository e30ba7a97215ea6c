"""An amount sold outside a match, an open post put right, a word for many things: which is meant is asked by number."""

from __future__ import annotations

import pytest

from farmerline.models import Post, PostState, Subscription
from tests.domain.talking import Village, sms_parts

PERSIMMONS = "卖柿子1000斤2块一斤杨高村"
PEARS = "卖梨800斤3块一斤杨高村"


def left(village: Village, post: Post) -> float | None:
    return village.get(Post, post.id).items[0].qty_left


@pytest.mark.parametrize(
    ("words", "rest"), [("卖了300斤", 350), ("我的柿子卖了300斤", 350), ("柿子卖了一半", 250)]
)
def test_an_amount_sold_goes_off_the_only_lot_it_can_be(
    sqlite_village: Village, words: str, rest: float
) -> None:
    seller = sqlite_village.person()
    post = sqlite_village.publish(seller, PERSIMMONS)
    told = sqlite_village.told(seller, words)
    assert f"{post.number}号还挂着" in told and sms_parts(told) == 1
    assert left(sqlite_village, post) == rest
    assert sqlite_village.count(Post) == 1
    assert [step.note for step in sqlite_village.get(Post, post.id).history][-1].startswith("sold: ")


def test_of_several_lots_it_is_asked_which(village: Village) -> None:
    seller = village.person()
    first, second = village.publish(seller, PERSIMMONS), village.publish(seller, PEARS)
    asked = village.told(seller, "卖了300斤")
    assert asked.startswith(
        f"300斤是哪一条的?1梨800斤({second.number}) 2柿子1000斤({first.number}) 3都不是"
    ), asked
    assert sms_parts(asked) == 1
    assert "还挂着700斤" in village.told(seller, "2")
    assert (left(village, first), left(village, second)) == (350, 400)


def test_none_of_the_lots_changes_nothing_and_a_name_is_an_answer_too(sqlite_village: Village) -> None:
    seller = sqlite_village.person()
    first, second = sqlite_village.publish(seller, PERSIMMONS), sqlite_village.publish(seller, PEARS)
    sqlite_village.say(seller, "卖了300斤")
    assert "带上名字" in sqlite_village.told(seller, "都不是")
    sqlite_village.say(seller, "卖了300斤")
    assert "还挂着500斤" in sqlite_village.told(seller, "梨")
    assert (left(sqlite_village, first), left(sqlite_village, second)) == (500, 250)


def test_all_that_was_left_ends_the_post(sqlite_village: Village) -> None:
    seller = sqlite_village.person()
    post = sqlite_village.publish(seller, PERSIMMONS)
    assert f"续{post.number}" in sqlite_village.told(seller, "卖了1000斤")
    assert sqlite_village.get(Post, post.id).state is PostState.DONE


@pytest.mark.parametrize(
    ("words", "shown", "qty", "price"),
    [
        ("改 价 3块", "柿子 1000斤 3元/斤", 500, 6),
        ("改成200斤", "柿子 200斤 2元/斤", 100, 4),
        ("柿子改成200斤", "柿子 200斤 2元/斤", 100, 4),
    ],
)
def test_an_open_post_is_shown_as_it_will_be_and_changed_by_a_yes(
    village: Village, words: str, shown: str, qty: float, price: float
) -> None:
    seller = village.person()
    post = village.publish(seller, PERSIMMONS)
    asked = village.told(seller, words)
    assert asked.startswith(f"{post.number}号改成:{shown}。回1改,回2不改"), asked
    assert sms_parts(asked) == 1
    item = village.get(Post, post.id).items[0]
    assert (item.qty, item.unit_price) == (500, 4)  # nothing yet
    assert shown in village.told(seller, "1")
    kept = village.get(Post, post.id)
    assert (kept.items[0].qty_left, kept.items[0].unit_price) == (qty, price)
    assert [step.note for step in kept.history][-1] == "changed: 1000斤 2元/斤"
    assert kept.state is PostState.OPEN


def test_a_no_leaves_the_post_and_several_posts_are_asked_about(sqlite_village: Village) -> None:
    seller = sqlite_village.person()
    first, second = sqlite_village.publish(seller, PERSIMMONS), sqlite_village.publish(seller, PEARS)
    assert f"{second.number}号改成:梨 200斤" in sqlite_village.told(seller, "梨改成200斤")
    assert f"{second.number}号没有动" in sqlite_village.told(seller, "2")
    assert "1梨800斤" in sqlite_village.told(seller, "改成200斤")
    assert f"{first.number}号改成:柿子 200斤" in sqlite_village.told(seller, "2")
    sqlite_village.say(seller, "1")
    assert (left(sqlite_village, first), left(sqlite_village, second)) == (100, 400)


def test_nobody_elses_post_is_changed_nor_taken_off(sqlite_village: Village) -> None:
    seller, other = sqlite_village.person(), sqlite_village.person("王芳")
    post = sqlite_village.publish(seller, PERSIMMONS)
    for words in ("卖了300斤", "改成200斤", f"{post.number}号改成200斤"):
        sqlite_village.say(other, words)
    assert left(sqlite_village, post) == 500


def test_a_word_for_many_things_is_asked_which_from_what_is_on_the_market(village: Village) -> None:
    seller, buyer = village.person(), village.person("王芳")
    for text in (PERSIMMONS, PEARS):
        village.publish(seller, text)
    asked = village.told(buyer, "订水果")
    assert asked.startswith("水果要订哪一种?1") and "梨" in asked and "柿子" in asked and "3都不是" in asked
    assert village.count(Subscription) == 0
    assert "有人卖柿子" in village.told(buyer, "柿子")
    assert [row.key for row in village.all(Subscription)] == ["柿子·supply"]


def test_a_word_for_many_things_of_which_none_is_there_asks_for_a_name(sqlite_village: Village) -> None:
    assert "水果太宽了" in sqlite_village.told(sqlite_village.person(), "订水果")
    assert sqlite_village.count(Subscription) == 0
