"""Every name of the vocabulary in everyday sentences: which side, and which product."""

from __future__ import annotations

import pytest

from matching import Lexicon, Matcher

_SELLING = (
    "我家种的{}今年收成好 有三千来斤想出手",
    "慈溪{}两千斤 2块5",
    "老板要{}不 五百斤 便宜卖了",
    "{}出了 每天三百斤 联系老张",
    "自家{}吃不完 处理一批 便宜",
    "屋头有{} 百把斤 哪个要",
)
_BUYING = (
    "想买点{} 大概五十斤 要好的",
    "{}有没有 要两百斤",
    "谁家有{} 我要三百斤 余姚",
    "厂里长期收{} 量大价优",
    "求购{}一批 送到杭州",
    "要{}的话给我留两百斤",
)
_NOT_GOODS = {"labour", "service", "land"}


@pytest.mark.parametrize(
    ("sentence", "side"),
    [(one, "supply") for one in _SELLING] + [(one, "demand") for one in _BUYING],
)
def test_each_product_is_read_in_an_everyday_sentence(sentence: str, side: str) -> None:
    lexicon, matcher = Lexicon.default(), Matcher.default()
    goods = [
        concept
        for concept in lexicon.concepts.values()
        if concept.category not in _NOT_GOODS and len(concept.name) > 1
    ]
    wrong = []
    for concept in goods[:: max(1, len(goods) // 300)]:
        reading = matcher.read(sentence.format(concept.name))
        meant = lexicon.canonical(concept.name, concept.form)
        if reading.direction != side or not reading.items or reading.items[0].concept != meant:
            wrong.append((concept.name, reading.direction, [item.concept for item in reading.items]))
    assert len(wrong) <= 0.02 * len(goods[:: max(1, len(goods) // 300)]), wrong


def test_each_name_is_read_as_its_product_where_it_is_bought() -> None:
    lexicon, matcher = Lexicon.default(), Matcher.default()
    names = [word for word, sense in lexicon.senses.items() if len(word) > 1 and sense.variety is None]
    wrong = []
    for word in names[::5]:
        sense = lexicon.senses[word]
        items = matcher.read(f"收{word} 三百斤").items
        meant = {
            sense.concept,
            lexicon.canonical(sense.concept, sense.form or lexicon.default_form(sense.concept)),
        }
        if lexicon.category(sense.concept) not in _NOT_GOODS and (not items or items[0].concept not in meant):
            wrong.append((word, sense.concept, [item.concept for item in items]))
    assert len(wrong) <= 0.01 * len(names[::5]), wrong
