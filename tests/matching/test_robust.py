"""Whatever arrives, a reading comes back, and soon."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import matching
from bench.robust import made_texts
from matching import INTENTS

_PIECES = [
    "收", "卖", "求购", "要", "不要", "不是", "葡萄", "葡萄苗", "鸡", "三千", "一斤", "块八", "元", "每", "/", "半", "公5母", "1", "１", "A12", "查", "退订",
    "村", "老杨", "慈溪", "，", "、", "?", " ", "\x00", "🌹", "\u202e", "繁體雞", "亩地", "租", "1.5", "0", "亿", "九九九", "帮我割",
]  # fmt: skip


def check(text: str) -> None:
    understood = matching.understand(text)
    assert understood.intent in INTENTS
    reading = matching.read(text)
    assert reading.direction in {"supply", "demand", "none"}
    for item in reading.items:
        assert item.qty is None or item.qty > 0
        assert item.unit_price is None or item.unit_price >= 0
        assert item.name


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    check(text)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(_PIECES), max_size=60).map("".join))
def test_any_mixture_of_our_own_words_is_read(text: str) -> None:
    check(text)


def test_each_product_with_any_form_behind_it_is_read() -> None:
    lexicon = matching.Lexicon.default()
    forms = sorted(lexicon.suffixes)
    for place, name in enumerate(sorted(lexicon.concepts)):
        check(f"出售{name}{forms[place % len(forms)]}")


@pytest.mark.parametrize(
    "piece",
    [
        "一",
        "1",
        "收",
        "葡萄苗、",
        "一斤",
        "不是",
        "不要葡萄,",
        "公1母1",
        "1块1",
        "村镇",
        "a ",
        "半",
        "每",
        "元/",
    ],
)
def test_the_longest_message_of_one_thing_repeated_is_read_soon(piece: str) -> None:
    text = (piece * 1600)[:1600]
    matching.understand(text)
    start = time.perf_counter()
    matching.understand(text)
    assert time.perf_counter() - start < 0.5


def test_a_post_twice_as_long_takes_hardly_more_than_twice_the_time() -> None:
    names = "".join(sorted(matching.Lexicon.default().concepts))

    def seconds(length: int) -> float:
        times = []
        for _ in range(5):
            begun = time.thread_time()
            matching.read(names[:length])
            times.append(time.thread_time() - begun)
        return min(times)

    assert seconds(400) < 3 * seconds(200)


def test_of_a_very_long_text_the_beginning_and_the_end_are_read() -> None:
    story = "今年雨水多,我们村修了路,孩子也回来了。" * 80
    reading = matching.read(f"卖红薯三千斤,{story}慈溪老杨")
    assert [(item.concept, item.qty) for item in reading.items] == [("红薯", 1500.0)]
    assert (reading.name, reading.place_text) == ("老杨", "慈溪")


def test_texts_of_every_plane_and_changed_posts_are_read() -> None:
    matcher = matching.Matcher.default()
    for text in made_texts(random.Random(7), 600, ["卖鸡蛋200斤5元一斤", "求购葡萄苗两百株，慈溪"], matcher):
        check(text)


def test_a_message_longer_than_any_is_cut_not_refused() -> None:
    check("卖葡萄苗两百株" + "。" * 100_000)


def test_reading_is_the_same_in_full_width_and_in_traditional_characters() -> None:
    plain = matching.read("卖鸡蛋200斤5元一斤").items
    assert matching.read("賣雞蛋２００斤５元一斤").items[0].concept == plain[0].concept
    assert matching.read("賣雞蛋２００斤５元一斤").items[0].qty == plain[0].qty


def test_the_library_loads_quickly_and_brings_no_web_and_no_database() -> None:
    code = (
        "import sys, time; start = time.perf_counter(); import matching; matching.read('卖葡萄'); "
        "print(time.perf_counter() - start, sorted({'flask', 'sqlalchemy', 'farmerline', 'pypinyin', 'opencc'} & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    seconds, rest = printed.split(" ", 1)
    assert rest.strip() == "[]"
    assert float(seconds) < 3
