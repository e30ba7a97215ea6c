"""Sightings by text: on record with a number, read back in one line, what is missing asked back once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from farmerline.domain import sightings
from farmerline.domain.sightings import Seen
from farmerline.errors import Invalid
from farmerline.messages import Channel
from farmerline.models import AuditRow, CaseKind, Photo, Sighting
from tests.domain.reports import seen
from tests.domain.talking import Village, open_village, read, sms_parts
from tests.factories import SHUIXIANG, YANGGAO

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("报 葡萄 霜霉病 叶子 十株三株 昨天开始", Seen("葡萄", "霜霉病", "叶", 3, date(2026, 11, 19))),
        ("报 水稻 稻飞虱 都有 水湘村", Seen("水稻", "稻飞虱", "", 10, None, SHUIXIANG)),
        ("葡萄叶子有白粉,三成", Seen("葡萄", "白粉病", "叶", 3)),
        ("报 稻飞虱", Seen("水稻", "稻飞虱")),
        ("报 粘虫 一半", Seen("", "粘虫", "", 5)),
        ("报虫 十株里三株叶子有斑", Seen("", "", "叶", 3)),
        ("报 葡萄", Seen("葡萄")),
        ("有虫", Seen()),
    ],
)  # fmt: skip
def test_words_give_crop_pest_part_extent_beginning_and_place(text: str, found: Seen) -> None:
    assert sightings.read(read(text), text, on=TODAY) == found


@pytest.mark.parametrize(
    ("text", "answer", "kept"),
    [
        ("报 葡萄 霜霉病 叶子 十株三株", "记下了:葡萄 霜霉病 叶子 十株里3株,杨高村。植保员看了告诉您。编号101", ("葡萄", "霜霉病", "叶", 3)),
        ("报 小麦 赤霉病", "记下了:小麦赤霉病,杨高村。植保员看了告诉您。编号101", ("小麦", "小麦赤霉病", "", None)),
        ("报 粘虫 一半", "记下了:粘虫 十株里5株,杨高村,编号101。是哪样庄稼?回个名字就行", ("", "粘虫", "", 5)),
        ("报 葡萄 叶子有白点", "记下了:葡萄 叶子,杨高村,编号101。植保员会看。知道是什么虫病就回个名字", ("葡萄", "", "叶", None)),
        ("报 不知道啥东西", "记下了:报 不知道啥东西,杨高村,编号101。是什么庄稼、什么虫病?回一句就行", ("", "", "", None)),
    ],
)  # fmt: skip
def test_a_text_is_a_sighting_and_is_read_back_in_one_line(
    village: Village, text: str, answer: str, kept: tuple[Any, ...]
) -> None:
    told = village.told(village.person(), text)
    (row,) = village.all(Sighting)
    assert told == answer
    assert sms_parts(told) == 1
    assert (row.crop, row.pest, row.part, row.in_ten) == kept
    assert (row.text, row.channel, row.area_code) == (text, Channel.SMS, YANGGAO)
    assert village.cases() == []


def test_the_village_in_the_words_goes_before_ones_own(village: Village) -> None:
    village.say(village.person(), "报 葡萄 霜霉病 水湘村")
    (row,) = village.all(Sighting)
    assert row.area_code == SHUIXIANG


def test_an_english_reader_is_answered_in_english(sqlite_village: Village) -> None:
    told = sqlite_village.told(sqlite_village.person(language="en"), "REPORT 葡萄 霜霉病")
    assert told.startswith("Noted: 葡萄, 霜霉病, 杨高村")


@pytest.mark.parametrize(
    ("first", "then", "crop", "pest"),
    [
        ("报 粘虫 一半", "玉米", "玉米", "粘虫"),
        ("报 粘虫 一半", "是玉米", "玉米", "粘虫"),
        ("报 葡萄 叶子有白点", "霜霉病", "葡萄", "霜霉病"),
        ("报 葡萄 叶子有白点", "不知道", "葡萄", ""),
        ("报 叶子发黄", "葡萄 十株三株", "葡萄", ""),
    ],
)
def test_what_is_answered_is_added_to_the_sighting(
    village: Village, first: str, then: str, crop: str, pest: str
) -> None:
    farmer = village.person()
    village.say(farmer, first)
    village.wait(minutes=5)
    told = village.told(farmer, then)
    (row,) = village.all(Sighting)
    assert (row.crop, row.pest) == (crop, pest)
    assert first in row.text and then in row.text
    assert told.endswith("植保员看了告诉您。编号101")
    assert (village.cases(), village.published()) == ([], 0)


@pytest.mark.parametrize(
    ("then", "hours"),
    [
        ("卖葡萄苗2000株3元一株", 0), ("葡萄2000斤", 0), ("葡萄苗10株", 0), ("报 葡萄 霜霉病", 0), ("报 水稻 稻飞虱", 0), ("帮助", 0), ("不知道", 2),
        ("明天上午九点钟你们来不来人呀我等着你们", 0), ("玉米", 30),
    ],
)  # fmt: skip
def test_other_matters_are_never_added(sqlite_village: Village, then: str, hours: int) -> None:
    farmer = sqlite_village.person()
    sqlite_village.say(farmer, "报 粘虫 一半")
    sqlite_village.wait(hours=hours)
    sqlite_village.say(farmer, then)
    first = min(sqlite_village.all(Sighting), key=lambda row: row.number)
    assert (first.crop, first.text) == ("", "报 粘虫 一半")


def test_without_the_module_a_person_reads_it_as_before(tmp_path: Any, sqlite_url: str) -> None:
    with open_village(sqlite_url, tmp_path, modules="voice") as small:
        small.contact()
        small.say(small.person(), "报 葡萄 霜霉病")
        assert len(small.cases(CaseKind.UNCLEAR)) == 1
        assert small.all(Sighting) == []


def test_the_same_text_twice_is_one_sighting(village: Village) -> None:
    farmer = village.person()
    for _ in range(2):
        village.say(farmer, "报 葡萄 霜霉病", ref="twice")
    assert village.count(Sighting) == 1


def test_a_member_of_a_household_is_named_in_the_answer(sqlite_village: Village) -> None:
    first = sqlite_village.person("杨大山")
    second = sqlite_village.person("杨小山", phone=first.phone)
    told = sqlite_village.told(first, "报 葡萄 霜霉病 杨小山")
    (row,) = sqlite_village.all(Sighting)
    assert row.account_id == second.id
    assert "(杨小山)" in told


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"part": "尾巴"}, "part_unknown"), ({"in_ten": 11}, "in_ten_range"), ({"in_ten": -1}, "in_ten_range"),
        ({"since": TODAY + timedelta(days=1)}, "since_wrong"), ({"since": date(2020, 1, 1)}, "since_wrong"),
    ],
)  # fmt: skip
def test_values_that_make_no_sense_are_refused(
    sqlite_village: Village, values: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        seen(sqlite_village, sqlite_village.person(), **values)
    assert refused.value.code == code
    assert sqlite_village.count(Sighting) == 0


LONG: dict[str, Any] = {
    "crop": "四季常绿的大叶种茶树",
    "pest": "南方根结线虫与黄萎病混合发生",
    "part": "整株",
    "in_ten": 10,
}


def test_a_long_answer_is_shortened_to_one_text_and_keeps_its_number(sqlite_village: Village) -> None:
    row = seen(sqlite_village, sqlite_village.person(), **LONG)
    with sqlite_village.session() as session:
        told = sightings.answer(session, session.merge(row), "zh", room=sightings.room_of(session, "zh"))
    assert sms_parts(told) == 1
    assert str(row.number) in told


def test_a_photo_is_sealed(village: Village) -> None:
    row = seen(village, village.person(), photo=b"\xff\xd8 a picture")
    assert row.photo_id is not None
    photo = village.get(Photo, row.photo_id)
    assert photo.body == b"\xff\xd8 a picture"
    assert b"a picture" not in photo.body_sealed


def test_a_contact_point_stands_beside_the_reporter(village: Village) -> None:
    helper, farmer = village.contact(), village.person()
    row = seen(village, farmer, operator=helper, channel=Channel.CONTACT)
    with village.database.read() as session:
        noted = session.scalars(select(AuditRow).where(AuditRow.act == "sighting.report")).one()
    assert (row.account_id, row.operator_id) == (farmer.id, helper.id)
    assert (noted.actor_id, noted.for_id, noted.subject) == (helper.id, farmer.id, f"sighting:{row.id}")
