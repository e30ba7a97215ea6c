"""The word that nobody knows is found where goods are named, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matching import Item, Lexicon, Matcher, Reading, read
from matching.editing import Edit, edited
from matching.unknown import is_everyday, is_place, unknown_word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("卖鸟饭果500斤3元一斤杨高村老杨", "鸟饭果"),
        ("收购雷公刺 三千斤", "雷公刺"),
        ("家里有鸟饭果30斤，谁要", "鸟饭果"),
        ("求购鸟饭果苗两千株", "鸟饭果"),
        ("我想要点救兵粮，有的联系", "救兵粮"),
        ("鸟饭果 30斤 5块", "鸟饭果"),
        ("老杨家的鸟饭果熟了，5元一斤", "鸟饭果"),
        ("出奶奶草,量大从优,电话13900001111", "奶奶草"),
        ("大量收购鸟饭果，每斤3元，张师傅", "鸟饭果"),
        ("卖一批旧门板，便宜处理", "旧门板"),
        ("今天下雨了", ""),
        ("你好", ""),
        ("卖桃子500斤", ""),
        ("要饭的来了", ""),
        ("", ""),
        ("500斤", ""),
        ("卖3元一斤", ""),
    ],
)
def test_the_word_where_goods_are_named(text: str, word: str) -> None:
    assert unknown_word(read(text)) == word


def test_what_was_guessed_by_its_sound_is_unknown_as_it_was_written() -> None:
    sure = Item("葡萄", "seedling", text="葡淘苗")
    guessed = replace(sure, confidence=0.5)
    assert unknown_word(Reading("supply", False, (guessed,), text="有葡淘苗两千株")) == "葡淘"
    assert unknown_word(Reading("supply", True, (sure,), text="有葡淘苗两千株")) == ""
    elsewhere = replace(sure, confidence=0.5, text="山家")
    assert unknown_word(Reading("supply", False, (elsewhere,), text="卖鸟饭果300斤,大山家的")) == "鸟饭果"
    assert unknown_word(read("shou da suan 5 dun")) == ""


def test_a_word_that_an_editor_settled_is_asked_about_no_more() -> None:
    for edit in (Edit("forbid", "鸟饭果"), Edit("add", "鸟饭果", "葡萄")):
        words = edited(Lexicon.default(), [edit])
        reading = Matcher.default().with_lexicon(words).read("卖鸟饭果500斤")
        assert unknown_word(reading, words) == ""


def test_everyday_words_and_places_are_told_from_goods() -> None:
    assert all(is_everyday(word) for word in ("卖", "收购", "便宜", "亩", "运输", "一斤", "块八"))
    assert not any(is_everyday(word) for word in ("鸟饭果", "桃", "葡萄苗"))
    assert is_place("慈溪") and not is_place("葡萄")
