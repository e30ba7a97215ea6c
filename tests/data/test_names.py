"""Does what somebody calls himself mean this person?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farmerline.names import fits, pinyin_of, signed_as, split_name

OURS = [
    ("老杨", "杨大山"),
    ("小杨", "杨大山"),
    ("杨师傅", "杨大山"),
    ("杨大哥", "杨大山"),
    ("老杨头", "杨大山"),
    ("杨家", "杨大山"),
    ("杨大山", "杨大山"),
    ("杨 大 山", "杨大山"),
    ("大山", "杨大山"),
    ("山哥", "杨大山"),
    ("杨大山师傅", "杨大山"),
    ("杨", "杨大山"),
    ("小梅", "陈小梅"),
    ("小梅", "陈冬梅"),
    ("梅姐", "陈冬梅"),
    ("阿梅", "陈梅"),
    ("梅梅", "陈梅"),
    ("冬梅嫂", "陈冬梅"),
    ("小梅姐", "陈梅"),
    ("yangdashan", "杨大山"),
    ("Yang Dashan", "杨大山"),
    ("DASHAN YANG", "杨大山"),
    ("dashan", "杨大山"),
    ("laoyang", "杨大山"),
    ("yangshifu", "杨大山"),
    ("xiaomei", "陈冬梅"),
    ("yds", "杨大山"),
    ("ＹＤＳ", "杨大山"),
    ("Yáng Dàshān", "杨大山"),
    ("欧阳师傅", "欧阳大山"),
    ("老欧阳", "欧阳大山"),
    ("ouyangdashan", "欧阳大山"),
    ("阿明", "买买提·阿明"),
    ("买买提", "买买提·阿明"),
    ("lvmei", "吕梅"),
    ("lümei", "吕梅"),
    ("lumei", "吕梅"),
    ("老单", "单大山"),
    ("laoshan", "单大山"),
    ("chongdashan", "种大山"),
    ("changle", "杨长乐"),
    ("zhangle", "杨长乐"),
    ("changyue", "杨长乐"),
]
NOT_OURS = [
    ("老王", "杨大山"),
    ("王师傅", "杨大山"),
    ("小梅", "陈大山"),
    ("杨小山", "杨大山"),
    ("杨山", "杨大山"),
    ("大", ""),
    ("", "杨大山"),
    ("  ", "杨大山"),
    ("老", "杨大山"),
    ("师傅", "杨大山"),
    ("123", "杨大山"),
    ("yang da", "杨大山"),
    ("y", "杨大山"),
    ("老欧", "欧阳大山"),
    ("杨高村", "杨大山"),
    ("杨大衫", "杨大山"),
    ("山大", "杨大山"),
    ("wangdashan", "杨大山"),
    ("😀", "杨大山"),
]


@pytest.mark.parametrize(("said", "name"), OURS)
def test_what_people_call_a_person_fits(said: str, name: str) -> None:
    assert fits(said, name)


@pytest.mark.parametrize(("said", "name"), NOT_OURS)
def test_another_name_does_not_fit(said: str, name: str) -> None:
    assert not fits(said, name)


@pytest.mark.parametrize(
    ("name", "pinyin"),
    [
        ("单大山", "shandashan"),
        ("曾梅", "zengmei"),
        ("解甲禾", "xiejiahe"),
        ("仇乙苗", "qiuyimiao"),
        ("吕小梅", "lvxiaomei"),
        ("尉迟大山", "yuchidashan"),
        ("杨老根", "yanglaogen"),
        ("宓甲禾", "mijiahe"),
        ("岑甲禾", "cenjiahe"),
        ("", ""),
    ],
)
def test_a_surname_is_read_as_a_surname(name: str, pinyin: str) -> None:
    assert pinyin_of(name) == pinyin


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("岑大山", ("岑", "大山")),
        ("欧阳小梅", ("欧阳", "小梅")),
        ("欧阳", ("欧", "阳")),
        ("爱新觉罗甲", ("爱新觉罗", "甲")),
    ],
)
def test_a_name_splits_after_the_surname(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


HOUSE = ("杨甲松", "陈乙梅")


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("有翠冠梨三千来斤块八一斤杨高村老杨", (0,)),
        ("有梨三千斤,老杨。", (0,)),
        ("老杨:有梨三千斤", (0,)),
        ("我是小梅,卖葡萄", (1,)),
        ("我是小梅卖葡萄两千斤", (1,)),
        ("卖葡萄三千斤 陈乙梅", (1,)),
        ("li 3000jin laoyang", (0,)),
        ("卖葡萄三千斤杨高村", ()),
        ("有翠冠梨三千来斤块八一斤", ()),
        ("1", ()),
        ("", ()),
    ],
)
def test_a_text_names_its_writer_at_its_end_or_beginning(text: str, who: tuple[int, ...]) -> None:
    assert signed_as(text, HOUSE) == who


def test_a_name_that_fits_two_members_names_both() -> None:
    assert signed_as("有梨三千斤老杨", ("杨甲松", "杨乙禾")) == (0, 1)


@settings(max_examples=80)
@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert signed_as(text, HOUSE) in ((), (0,), (1,), (0, 1))
    assert isinstance(fits(text, "杨大山"), bool)
    assert isinstance(fits("老杨", text), bool)
    assert pinyin_of(text).isascii()
