"""Part, extent and beginning of a trouble, as farmers say them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import PARTS, Lexicon, read_symptoms

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("葡萄叶子发黄", "叶"), ("叶片背面有白毛", "叶"), ("茎秆上有虫眼", "茎"), ("根烂了", "根"), ("果子上有斑", "果"), ("开的花都掉", "花"),
        ("穗子发白", "穗"), ("苹果树枝有虫", "枝"), ("嫩芽卷起来", "芽"), ("整株枯死", "整株"), ("死苗", "整株"), ("果子烂,叶子也黄", "果"),
        ("报 水稻 稻叶蝉", ""), ("西兰花 根烂了", "根"), ("花菜叶子有洞", "叶"), ("报 茶叶 小绿叶蝉", ""), ("穗颈瘟", ""), ("有虫", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_part_is_read_and_names_that_hold_one_are_not(text: str, part: str) -> None:
    assert read_symptoms(text, FRIDAY).part == part


@pytest.mark.parametrize(
    ("text", "in_ten"),
    [
        ("十株三株", 3), ("10棵里4棵", 4), ("10棵里有4棵", 4), ("每十株有三四株", 3), ("十株叶子里有3株", 3), ("20株5株", 3), ("100棵里20棵", 2),
        ("100株里有1株", 1), ("10株0株", 0), ("三成", 3), ("三四成", 3), ("半成", 1), ("30%", 3), ("百分之三十", 3), ("三分之一", 3),
        ("五分之二", 4), ("一半", 5), ("一大半", 7), ("一小半", 4), ("都有", 10), ("全都是", 10), ("10株全死了", 10), ("每棵都有", 10),
        ("少量", 1), ("零星几株", 1), ("有几棵", 1), ("十有八九", 8), ("2026 十株三株", 3), ("十株三株,一半叶子黄", 3), ("两百株里有四十株", 2),
        ("３成", 3), ("七成熟", None), ("3株10株", None), ("没有都", None), ("叶子有斑", None), ("卖葡萄10斤", None), ("3亩田里2亩", None),
        ("11月3号", None), ("", None),
    ],
)  # fmt: skip
def test_how_many_of_ten_is_read_as_people_say_it(text: str, in_ten: int | None) -> None:
    assert read_symptoms(text, FRIDAY).in_ten == in_ten


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("今天看到", 0), ("今早", 0), ("刚发现", 0), ("昨天开始", 1), ("昨晚", 1), ("前天", 2), ("大前天", 3), ("三天前", 3), ("3天了", 3), ("有两三天了", 2),
        ("好几天了", 3), ("几天前", 3), ("十来天前", 10), ("一个星期前", 7), ("两周了", 14), ("半个月前", 15), ("一个月了", 30), ("上周", 7),
        ("上周三", 9), ("周三", 2), ("星期五", 0), ("礼拜天", 5), ("上上周五", 14), ("11月3号", 17), ("十一月三日", 17), ("12月30号", 325),
        ("上个月", 30), ("打药三天了", None), ("下周三", None), ("三月前", None), ("周围都有", None), ("2月30号", None), ("叶子有斑", None), ("", None),
    ],
)  # fmt: skip
def test_the_beginning_is_read_as_a_day_that_is_not_to_come(text: str, ago: int | None) -> None:
    assert read_symptoms(text, FRIDAY).since == (None if ago is None else FRIDAY - timedelta(days=ago))


_WORDS = "十株三株 10棵里 4棵 成 % 半 都有 少量 昨天 三天前 上周 三 11月 3号 叶 果 茎 葡萄 稻叶蝉 分之 百分之 几 好几 天 个 月 了 前 里 有 , 0 99999 ％ １０株 零 廿 两".split(
    " "
)


@settings(max_examples=300)
@given(
    st.one_of(st.text(max_size=60), st.lists(st.sampled_from(_WORDS), max_size=12).map("".join)),
    st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31)),
)
def test_any_words_give_values_that_make_sense(text: str, today: date) -> None:
    found = read_symptoms(text, today)
    assert found.part in ("", *PARTS)
    assert found.in_ten is None or 0 <= found.in_ten <= 10
    assert found.since is None or today - timedelta(days=366) <= found.since <= today
    assert read_symptoms(text, today) == found


@settings(max_examples=60)
@given(
    st.integers(1, 10),
    st.integers(0, 10),
    st.sampled_from(["株", "棵", "穴"]),
    st.sampled_from(["", "里", "里有", "中有"]),
)
def test_so_many_of_so_many_is_that_share(whole: int, some: int, plant: str, link: str) -> None:
    found = read_symptoms(f"{whole}{plant}{link}{some}{plant}", FRIDAY).in_ten
    if whole < 2 or some > whole:
        assert found is None
    else:
        assert found is not None
        assert abs(found - some / whole * 10) <= 0.5 or (some and found == 1)


def test_another_vocabulary_hides_other_names() -> None:
    assert read_symptoms("稻叶蝉", FRIDAY, Lexicon([], {}, [], [])).part == "叶"
