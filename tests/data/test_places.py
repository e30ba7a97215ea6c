"""Vendored place codes, files of codes, short names, search keys."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from farmerline.errors import Absent, Invalid
from farmerline.places import (
    Level,
    check_file,
    normalise_code,
    place_row,
    read_file,
    read_vendored,
    search_key,
    short_name,
    vendored_counties,
)


@pytest.fixture(scope="module")
def whole() -> list:
    return list(read_vendored())


def test_every_place_stands_after_its_parent_and_once(whole: list) -> None:
    seen: set[str] = set()
    for row in whole:
        assert row.code not in seen
        assert row.parent_code is None or row.parent_code in seen
        assert row.name == row.name.strip()
        assert 0 < len(row.name) <= 60
        seen.add(row.code)


def test_the_country_has_31_provinces_and_each_town_has_a_county(whole: list) -> None:
    levels = {level: {row.code for row in whole if row.level is level} for level in Level}
    assert {level: len(codes) for level, codes in levels.items()} == {
        Level.PROVINCE: 31,
        Level.CITY: 342,
        Level.COUNTY: 2978,
        Level.TOWN: 41352,
        Level.VILLAGE: 406 + 343 + 168 + 394,
    }
    assert all(town[:6] in levels[Level.COUNTY] for town in levels[Level.TOWN])


def test_the_story_village_is_a_real_one() -> None:
    cixi = {row.code: row.name for row in read_vendored("330282")}
    assert cixi["330282123222"] == "杨高村委会"
    assert [cixi[code] for code in ("33", "3302", "330282123")] == ["浙江省", "宁波市", "龙山镇"]
    assert len([code for code in cixi if len(code) == 12]) == 406
    assert all("330282".startswith(code) or code.startswith("330282") for code in cixi)


def test_reading_can_stop_at_a_level() -> None:
    assert {row.level for row in read_vendored(through=Level.COUNTY)} == {
        Level.PROVINCE,
        Level.CITY,
        Level.COUNTY,
    }
    assert not [row for row in read_vendored("330282", through=Level.TOWN) if row.level is Level.VILLAGE]


def test_a_county_without_villages_here_still_has_its_towns() -> None:
    assert "330281" not in vendored_counties()
    assert {row.level for row in read_vendored("330281")} == set(Level) - {Level.VILLAGE}


def test_an_unknown_county_is_absent() -> None:
    for code in ("999999", "3302", ""):
        with pytest.raises(Absent):
            list(read_vendored(code))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("330282", "330282"),
        ("330282000000", "330282"),
        ("330282123000", "330282123"),
        ("330282123222", "330282123222"),
        ("330000000000", "33"),
        ("330200", "3302"),
        ("330000", "33"),
        (" ３３０２８２ ", "330282"),
        ("441900000000", "441900"),
        ("350527000", "350527000"),
    ],
)
def test_a_code_loses_only_the_zeros_that_fill_it(given: str, code: str) -> None:
    assert normalise_code(given) == code


@pytest.mark.parametrize(
    "given", ["", "3", "33028", "33028212", "33028x", "030282", "33 0282", "３３０２８２１2三"]
)
def test_what_is_no_code_is_refused(given: str) -> None:
    with pytest.raises(Invalid):
        normalise_code(given)


def _file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "places.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t"])
def test_a_file_of_codes_is_read_in_every_usual_form(tmp_path: Path, encoding: str, mark: str) -> None:
    lines = ["代码,城乡分类,名称", "330281001000,111,梨洲街道", "", "330281001201,220,示范村委会"]
    rows = read_file(_file(tmp_path, "\r\n".join(lines).replace(",", mark), encoding))
    assert rows == [place_row("330281001", "梨洲街道"), place_row("330281001201", "示范村委会")]


def test_a_file_without_heading_is_code_then_name(tmp_path: Path) -> None:
    rows = read_file(_file(tmp_path, "330281001201,示范村委会\n330281001,梨洲街道\n"))
    assert [row.code for row in rows] == ["330281001", "330281001201"]


def test_each_bad_line_is_named_with_its_number(tmp_path: Path) -> None:
    text = (
        "code,name\n330281001,梨洲街道\n33028100,短\n330281001,又一次\n330281002\n"
        "330281003,\n888888001,无县镇\n"
    )
    rows, problems = check_file(_file(tmp_path, text))
    assert [row.code for row in rows] == ["330281001"]
    assert [(problem.code, problem.values["line"]) for problem in problems] == [
        ("place_code", 3),
        ("place_twice", 4),
        ("place_columns", 5),
        ("place_name", 6),
        ("place_parent", 7),
    ]
    with pytest.raises(Invalid, match="Line 3"):
        read_file(tmp_path / "places.csv")


def test_an_open_quotation_mark_spoils_one_line_only(tmp_path: Path) -> None:
    rows, problems = check_file(
        _file(tmp_path, f'330281001,"梨洲街道\n330281002,{"长" * 200_000}\n330281003,好镇\n')
    )
    assert [row.name for row in rows] == ["梨洲街道", "好镇"]
    assert [problem.values["line"] for problem in problems] == [2]


@pytest.mark.parametrize("content", [b"", b"code,name\n", b"\xff\xd8\xff\xe0\x00\x10JFIF\x81\xff\xff"])
def test_a_file_without_places_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(Invalid):
        read_file(path)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("慈溪市", "慈溪"),
        ("渝水区", "渝水"),
        ("分宜县", "分宜"),
        ("赵县", "赵县"),
        ("浙江省", "浙江"),
        ("内蒙古自治区", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("恩施土家族苗族自治州", "恩施"),
        ("管城回族区", "管城"),
        ("景宁畲族自治县", "景宁"),
        ("庵东镇", "庵东"),
        ("坎墩街道", "坎墩"),
        ("科尔沁左翼中旗", "科尔沁左翼中旗"),
        ("杨高村委会", "杨高村"),
        ("杨高村民委员会", "杨高村"),
        ("新村村民委员会", "新村"),
        ("曙光社区居民委员会", "曙光社区"),
        ("马家路居民委员会", "马家路居委会"),
        ("马家路村委会", "马家路村"),
        ("曙光社区", "曙光社区"),
        ("市辖区", "市辖区"),
        ("现代农业开发区", "现代农业开发区"),
        ("神农架林区", "神农架林区"),
        ("省直辖县级行政区划", "省直辖县级行政区划"),
        ("敦达乌苏嘎查", "敦达乌苏嘎查"),
        ("福前社区第一居民委员会", "福前社区第一居委会"),
        ("村委会", "村委会"),
    ],
)
def test_places_are_said_short(name: str, short: str) -> None:
    assert short_name(name) == short


def test_villages_of_one_town_keep_different_short_names() -> None:
    for county in vendored_counties():
        said = [
            (row.parent_code, short_name(row.name))
            for row in read_vendored(county)
            if row.level is Level.VILLAGE
        ]
        assert len(said) == len(set(said))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("杨高村委会", ("yanggaocun", "ygc")),
        ("慈溪市", ("cixishi", "cxs")),
        ("重庆市", ("chongqingshi", "cqs")),
    ],
)
def test_places_are_found_by_pinyin_and_initials(name: str, key: tuple[str, str]) -> None:
    assert search_key(name) == key


def test_every_village_here_has_a_key_that_fits_its_column() -> None:
    for row in read_vendored("330282"):
        pinyin, initials = search_key(row.name)
        assert re.fullmatch("[a-z]{2,200}", pinyin), row
        assert re.fullmatch("[a-z]{2,40}", initials), row
