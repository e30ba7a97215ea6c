"""What a message wants, and the replies that close a question."""

from __future__ import annotations

import re

import pytest

import matching
from tests.rules.source import ROOT


@pytest.mark.parametrize(
    ("text", "intent", "reply", "code"),
    [
        ("1", "confirm", "1", None),
        ("１", "confirm", "1", None),
        ("1 A12", "confirm", "1", "A12"),
        ("A12 1", "confirm", "1", "A12"),
        ("1A12", "confirm", "1", "A12"),
        ("a12 好的", "confirm", "1", "A12"),
        ("Y", "confirm", "1", None),
        ("要得", "confirm", "1", None),
        ("係", "confirm", "1", None),
        ("2", "deny", "2", None),
        ("N", "deny", "2", None),
        ("2 B07", "deny", "2", "B07"),
        ("不对", "deny", "2", None),
        ("3", "list_only", "3", None),
        ("3C11", "list_only", "3", "C11"),
    ],
)
def test_a_reply_is_read_with_its_code(text: str, intent: str, reply: str, code: str | None) -> None:
    understood = matching.understand(text)
    assert (understood.intent, understood.reply, understood.code) == (intent, reply, code)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("R", "stop"),
        ("T", "stop"),
        ("td", "stop"),
        ("退订", "stop"),
        ("取消", "stop"),
        ("别再发短信了", "stop"),
        ("恢复", "resume"),
        ("帮助", "help"),
        ("?", "help"),
        ("？", "help"),
        ("停", "done"),
        ("已卖", "done"),
        ("枇杷卖完了", "done"),
        ("续", "renew"),
        ("查 葡萄苗", "lookup"),
        ("查 2026-11", "alert_check"),
        ("这几天有没有霜冻预警", "alert_check"),
        ("没有收到预警", "other"),
        ("价 大蒜", "price_query"),
        ("报 水稻 稻飞虱", "pest_report"),
        ("葡萄叶子有白粉", "pest_report"),
        ("甘蓝菜青虫 十株里有五株", "pest_report"),
        ("甘蓝有菜青虫 十株里3株", "pest_report"),
        ("问甘蓝菜青虫十株里三株怎么办", "question"),
        ("卖脱毒抗病葡萄苗10株送2株", "sell"),
        ("问 柑橘怎么修剪", "question"),
        ("写信 老张 明天来", "letter"),
        ("在吗", "other"),
        ("", "other"),
        ("。。。", "other"),
    ],
)
def test_the_first_word_or_its_meaning_decides(text: str, intent: str) -> None:
    assert matching.understand(text).intent == intent


def test_stopping_one_product_is_not_stopping_all() -> None:
    understood = matching.understand("退订 葡萄苗")
    assert (understood.intent, understood.slots) == ("unsubscribe", {"product": "葡萄", "form": "seedling"})


def test_a_correction_denies_and_carries_the_new_amount() -> None:
    understood = matching.understand("不是两百斤是两千斤", frozenset({"post"}))
    assert (understood.intent, understood.reply) == ("deny", "2")
    assert understood.slots == {"qty": 1000.0, "unit": "kg"}


def test_a_registration_gives_name_and_village() -> None:
    assert matching.understand("注册 李四 杨高村").slots == {"name": "李四", "place": "杨高村"}
    assert matching.understand("注册李四杨高村").slots == {"name": "李四", "place": "杨高村"}


def test_a_sighting_gives_crop_and_pest() -> None:
    assert matching.understand("报 稻田 水稻 稻飞虱好多").slots == {"pest": "稻飞虱", "crop": "水稻"}


def test_slots_print_in_the_order_of_the_format() -> None:
    slots = matching.slots_json(matching.understand("有翠冠梨三千来斤块八一斤杨高村老杨"))
    assert list(slots.items()) == [
        ("product", "梨"),
        ("form", "fresh"),
        ("qty", 1500.0),
        ("unit", "kg"),
        ("price", 3.6),
        ("place", "杨高村"),
        ("name", "老杨"),
    ]


ENGLISH = [
    ("SELL 葡萄苗 2000株", "sell"), ("BUY 葡萄苗 500株", "buy"), ("Buy: 葡萄 500 jin", "buy"), ("REPORT 葡萄 叶子有虫", "pest_report"),
    ("ASK 葡萄怎么施肥", "question"), ("FIND 葡萄", "lookup"), ("DONE 1001", "done"), ("RENEW 1001", "renew"), ("RESUME", "resume"),
    ("REGISTER 李四 杨高村", "register"), ("HELP", "help"), ("TD", "stop"), ("letter 陈小梅 您好", "letter"), ("SUBSCRIBE 葡萄苗", "subscribe"),
    ("UNSUBSCRIBE 葡萄苗", "unsubscribe"), ("APPEAL 1001", "other"), ("price 葡萄", "price_query"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "intent"), ENGLISH)
def test_what_the_english_texts_tell_to_write_is_understood(text: str, intent: str) -> None:
    assert matching.understand(text).intent == intent


def test_each_command_named_in_an_english_text_is_tried() -> None:
    named: set[str] = set()
    for path in (ROOT / "farmerline/web/translations/zh").glob("*.po"):
        for sentence in re.findall(r"^msgid (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            named |= set(re.findall(r"\b[A-Z]{4,}\b", sentence))
    looked_for = {"NEWS", "STILL", "LEAVE", "GROUP"}  # before anything is read
    assert named - {"BROKEN", "README", "XLSX", "JSON", "LUFS"} - looked_for <= {
        text.split()[0].strip(":") for text, _ in ENGLISH
    }


@pytest.mark.parametrize(
    ("text", "qty", "price"),
    [("3000 jin", 1500, None), ("2.5 yuan per jin", None, 5), ("3 tons 1.2 yuan/jin", 3000, 2.4), ("3000jin", 1500, None)],
)  # fmt: skip
def test_amounts_are_read_in_english_units(text: str, qty: float | None, price: float | None) -> None:
    amount = matching.read_amount(text)
    assert amount is not None
    assert (amount.qty, amount.unit_price) == (qty, price)


def test_who_asks_where_a_thing_is_and_names_an_amount_wants_to_buy() -> None:
    assert matching.understand("哪里有好葡萄苗 要500株").intent == "buy"
