"""Times, amounts and places are said as people say them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from farmerline.domain.seasons import farm_year
from farmerline.web import format as said

NOW = datetime(2026, 10, 12, 1, 46, tzinfo=UTC)  # 9:46 in China


def ago(**step: float) -> datetime:
    return NOW - timedelta(**step)


@pytest.mark.parametrize(
    ("moment", "chinese", "english"),
    [
        (ago(minutes=66), "今天8:40", "today 8:40"),
        (ago(hours=9, minutes=46), "今天0:00", "today 0:00"),
        (ago(hours=9, minutes=47), "昨天23:59", "yesterday 23:59"),
        (ago(days=2), "前天", "2 days ago"),
        (ago(days=9), "9天前", "9 days ago"),
        (ago(days=10), "10月2日", "2 Oct"),
        (ago(days=365), "2025年10月12日", "12 Oct 2025"),
        (ago(hours=-14), "今天23:46", "today 23:46"),
        (ago(hours=-15), "明天0:46", "tomorrow 0:46"),
        (ago(days=-2), "后天", "in 2 days"),
        (ago(days=-3), "3天后", "in 3 days"),
        (ago(days=-30), "11月11日", "11 Nov"),
    ],
)
def test_a_moment_is_told_from_today(moment: datetime, chinese: str, english: str) -> None:
    assert (said.when("zh", moment, NOW), said.when("en", moment, NOW)) == (chinese, english)


@pytest.mark.parametrize(
    ("days", "chinese", "english", "soon"),
    [
        (59, "还有59天到期", "59 days left", False),
        (5, "还有5天到期", "5 days left", False),
        (4, "还有4天到期", "4 days left", True),
        (1, "明天到期", "ends tomorrow", True),
        (0.1, "今天到期", "ends today", True),
        (0, "到期了", "ended", True),
        (-3, "到期了", "ended", True),
    ],
)
def test_an_end_is_told_in_days_and_marked_when_near(
    days: float, chinese: str, english: str, soon: bool
) -> None:
    end = NOW + timedelta(days=days)
    assert (said.ends("zh", end, NOW), said.ends("en", end, NOW)) == (chinese, english)
    assert said.ends_soon(end, NOW) is soon


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (11400, "还剩3小时10分", "3 h 10 min left"),
        (3600, "还剩1小时", "1 h left"),
        (59, "还剩1分", "1 min left"),
        (0, "还剩1分", "1 min left"),
        (190800, "还剩2天5小时", "2 d 5 h left"),
        (86400 + 300, "还剩1天", "1 d left"),
        (-1500, "过了25分", "25 min late"),
    ],
)
def test_a_deadline_is_told_by_what_is_left_of_it(seconds: int, chinese: str, english: str) -> None:
    deadline = NOW + timedelta(seconds=seconds)
    assert (said.time_left("zh", deadline, NOW), said.time_left("en", deadline, NOW)) == (chinese, english)


@pytest.mark.parametrize(
    ("function", "values", "chinese", "english"),
    [
        (said.price, (Decimal("3.20"), "株"), "3.2元/株", "¥3.2/plant"),
        (said.price, (4, "株", True), "4元/株以内", "up to ¥4/plant"),
        (said.price, (160, "天"), "160元/天", "¥160/day"),
        (said.price, (5, None), "5元", "¥5"),
        (said.price, (None, "斤"), "面议", "price to agree"),
        (said.quantity, (2000, "株"), "2000株", "2000 plants"),
        (said.quantity, (Decimal("1.00"), "株"), "1株", "1 plant"),
        (said.quantity, (1500, "株", 2000), "1500到2000株", "1500 to 2000 plants"),
        (said.quantity, (1500, "株", 1500), "1500株", "1500 plants"),
        (said.quantity, (3, "船"), "3船", "3 船"),
        (said.quantity, (3, None), "3", "3"),
        (said.quantity, (None, "斤"), "", ""),
        (said.money, (Decimal("0.045"),), "0.045元", "¥0.045"),
        (said.money, (Decimal("1E+3"),), "1000元", "¥1000"),
        (said.distance, (12.4,), "12公里", "12 km"),
        (said.distance, (0,), "本村", "this village"),
        (said.distance, (0.4,), "不到1公里", "under 1 km"),
        (said.distance, (None,), "", ""),
        (said.span, (26,), "26秒", "26 s"),
        (said.span, (200,), "3分20秒", "3 min 20 s"),
        (said.exact, (ago(minutes=66), NOW), "10月12日8:40", "12 Oct 8:40"),
        (said.greeting, (NOW,), "上午好", "good morning"),
        (said.greeting, (NOW + timedelta(hours=3),), "下午好", "good afternoon"),
        (said.greeting, (NOW + timedelta(hours=9),), "晚上好", "good evening"),
    ],
)
def test_a_value_is_said_with_its_unit(
    function: Any, values: tuple[Any, ...], chinese: str, english: str
) -> None:
    assert (function("zh", *values), function("en", *values)) == (chinese, english)


def test_a_number_to_call_loses_its_dashes() -> None:
    assert said.tel("0574-0000-2169") == "tel:057400002169"
    assert said.tel("+86 136 0000 3308") == "tel:+8613600003308"


def test_markup_that_keeps_a_phrase_whole_escapes_the_phrase() -> None:
    assert said.nb("<b>1</b>") == '<span class="nb">&lt;b&gt;1&lt;/b&gt;</span>'


@pytest.mark.parametrize(
    ("today", "term", "day", "past", "left"),
    [
        (date(2026, 2, 3), "Great Cold", 15, 23, 0),
        (date(2026, 2, 4), "Start of Spring", 1, 0, 23),
        (date(2026, 10, 12), "Cold Dew", 5, 16, 7),
        (date(2026, 1, 4), "Winter Solstice", 15, 21, 2),
        (date(2026, 12, 31), "Winter Solstice", 10, 21, 2),
        (date(2028, 2, 29), "Rain Water", 11, 1, 22),
    ],
)
def test_a_day_has_its_place_in_the_farm_year(today: date, term: str, day: int, past: int, left: int) -> None:
    year = farm_year(today)
    assert (year.term, year.day, year.past, year.left) == (term, day, past, left)
