"""Places are loaded once, found by what people type, and named from the town down."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from farmerline.db import Database
from farmerline.domain import areas
from farmerline.errors import Invalid
from farmerline.models import Area, AreaLevel
from farmerline.places import place_row, read_vendored
from tests.factories import COUNTY, PLACES, TOWN, XINDONG, YANGGAO, fill_county

ROWS = [place_row(code, name) for code, name in PLACES.items()]


def test_a_load_is_safe_to_repeat_and_takes_new_names(database: Database) -> None:
    with database.write() as session:
        assert areas.load(session, reversed(ROWS)) == areas.Loaded(len(ROWS), 0, 0)
    with database.write() as session:
        assert areas.load(session, ROWS) == areas.Loaded(0, 0, len(ROWS))
        renamed = [place_row(YANGGAO, "羊羔村委会"), place_row("330282123229", "新村委会")]
        assert areas.load(session, renamed) == areas.Loaded(1, 1, 0)
    with database.read() as session:
        found = areas.get(session, YANGGAO)
        assert found is not None
        assert (found.name, found.pinyin) == ("羊羔村委会", "yanggaocun")
        assert areas.get(session, "99") is None


def test_the_vendored_places_of_a_county_are_loaded_with_progress(database: Database) -> None:
    told: list[int] = []
    rows = list(read_vendored(COUNTY))
    with database.write() as session:
        loaded = areas.load(session, rows, tell=told.append)
    assert loaded.added == len(rows) == sum(told)
    with database.read() as session:
        assert (
            session.scalar(select(func.count()).select_from(Area).where(Area.level == AreaLevel.VILLAGE))
            == 406
        )
        assert areas.path_name(session, YANGGAO) == "龙山镇杨高村"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("杨高", YANGGAO),
        ("杨高村", YANGGAO),
        ("yanggao", YANGGAO),
        ("Yang Gao", YANGGAO),
        ("ｙｇｃ", YANGGAO),
        ("慈溪", COUNTY),
        ("cxs", COUNTY),
        ("龙山", TOWN),
    ],
)
def test_a_place_is_found_by_characters_pinyin_and_initials(
    database: Database, typed: str, code: str
) -> None:
    with database.write() as session:
        fill_county(session)
        assert areas.search(session, typed)[0].code == code


def test_a_search_stays_within_its_area_and_level(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        assert [area.code for area in areas.search(session, "新东")] == ["330282112230", XINDONG]
        assert [area.code for area in areas.search(session, "新东", within=TOWN)] == [XINDONG]
        assert areas.search(session, "新", level=AreaLevel.TOWN)[0].name == "新浦镇"
        assert len(areas.search(session, "新", limit=2)) == 2
        for nothing in ("", "  ", "%", "_", "nowhere", "\0"):
            assert areas.search(session, nothing) == []


@pytest.mark.parametrize(
    ("code", "start", "name"),
    [
        (YANGGAO, AreaLevel.TOWN, "龙山镇杨高村"),
        (YANGGAO, AreaLevel.VILLAGE, "杨高村"),
        (YANGGAO, AreaLevel.PROVINCE, "浙江省宁波市慈溪市龙山镇杨高村"),
        (TOWN, AreaLevel.VILLAGE, "龙山镇"),
        (COUNTY, AreaLevel.TOWN, "慈溪市"),
        ("310118102", AreaLevel.PROVINCE, "上海市青浦区朱家角镇"),
        ("330282999999", AreaLevel.TOWN, ""),
        ("", AreaLevel.TOWN, ""),
    ],
)
def test_a_place_is_named_from_the_town_down(
    database: Database, code: str, start: AreaLevel, name: str
) -> None:
    with database.write() as session:
        fill_county(session)
        assert areas.path_name(session, code, start) == name


def test_names_come_for_many_codes_at_once(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        assert areas.names(session, [YANGGAO, TOWN, "77"]) == {YANGGAO: "杨高村", TOWN: "龙山镇"}
        assert [area.name for area in areas.children(session, "330282")] == ["新浦镇", "龙山镇"]
        assert [area.code for area in areas.children(session, "")] == ["31", "33"]


def test_inside_is_a_prefix(database: Database) -> None:
    with database.write() as session:
        fill_county(session)

        areas.load(session, [place_row("34", "安徽省"), place_row("3303", "温州市")])

        def count(code: str) -> int:
            return len(session.scalars(select(Area).where(areas.inside(Area.code, code))).all())

        assert (count(""), count("33"), count(COUNTY), count(TOWN), count(YANGGAO)) == (15, 10, 7, 3, 1)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("杨高", YANGGAO),
        ("杨高村", YANGGAO),
        ("杨高村委会", YANGGAO),
        ("羊高村", YANGGAO),
        ("yanggao", YANGGAO),
        ("YangGaoCun", YANGGAO),
        ("ygc", YANGGAO),
        ("龙山镇杨高村", YANGGAO),
        ("龙山杨高", YANGGAO),
        ("慈溪市龙山镇杨高村", YANGGAO),
        ("龙山镇新东村", XINDONG),
        ("龙山新东", XINDONG),
        (YANGGAO, YANGGAO),
    ],
)
def test_the_village_meant_is_one(database: Database, said: str, code: str) -> None:
    with database.write() as session:
        fill_county(session)
        assert areas.resolve_village(session, said, county=COUNTY).code == code


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ("", "village_missing"),
        ("新东村", "village_several"),
        ("xindong", "village_several"),
        ("天宫村", "village_unknown"),
        ("村", "village_several"),
    ],
)
def test_a_village_that_is_not_clear_is_asked_for_with_its_choices(
    database: Database, said: str, refusal: str
) -> None:
    with database.write() as session:
        fill_county(session)
        with pytest.raises(Invalid) as caught:
            areas.resolve_village(session, said, county=COUNTY)
    assert caught.value.code == refusal
    if said == "新东村":
        assert caught.value.values["choices"] == "新浦镇新东村、龙山镇新东村"
