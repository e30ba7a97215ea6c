"""The sightings map: the scheme stays where it is, the bureau's shapes are taken as they are or named as wrong."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from farmerline import places
from farmerline.errors import Misconfigured
from farmerline.render import map as drawn
from farmerline.render import map_frame, map_shapes
from farmerline.render.map import Drawing, Mark, Spot, Town

COUNTY, TOWN, OTHER_TOWN = "330282", "330282123", "330282112"
TOWNS = [
    Town(OTHER_TOWN, "新浦镇", ("330282112209", "330282112230")),
    Town(TOWN, "龙山镇", ("330282123222", "330282123227")),
]
YANGGAO = "330282123222"
_SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawing: Drawing) -> ET.Element:
    return ET.fromstring(drawing.svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def texts(drawing: Drawing) -> dict[str, ET.Element]:
    return {str(text.text): text for text in parsed(drawing).iter(f"{_SVG}text")}


def marks(drawing: Drawing) -> dict[str, ET.Element]:
    found = {}
    for group in parsed(drawing).iter(f"{_SVG}g"):
        title = group.find(f"{_SVG}title")
        if title is not None:
            found[str(title.text)] = list(group)[-1]
    return found


def square(west: float, south: float, size: float = 0.1) -> list[list[float]]:
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(code: Any, kind: str = "Polygon", held: Any = None) -> dict[str, Any]:
    shape = {"type": kind, "coordinates": held if held is not None else [square(121.5, 30.0)]}
    return {"type": "Feature", "properties": {"code": code}, "geometry": shape}


def write(folder: Path, *features: dict[str, Any], name: str = "towns.geojson") -> Path:
    held = {"type": "FeatureCollection", "features": list(features)}
    (folder / name).write_text(json.dumps(held), encoding="utf-8")
    return folder


def test_each_mark_has_its_shape_and_the_size_says_how_many_in_ten() -> None:
    spots = [
        Spot(YANGGAO, "杨高村", Mark.CHECKED, 9),
        Spot("330282123227", "新东村", Mark.UNCHECKED, 1),
        Spot("330282112209", "水湘村", Mark.NOT),
    ]
    found = marks(drawn.draw(TOWNS, spots, title="图"))
    checked, unchecked, cross = (found[name] for name in ("杨高村", "新东村", "水湘村"))
    assert (checked.get("fill"), unchecked.get("fill")) == ("#16211a", "#fff")
    assert float(checked.get("r", 0)) > float(unchecked.get("r", 0)) + 3
    assert cross.tag == f"{_SVG}path"


def test_a_village_is_always_at_the_same_spot_whatever_was_reported() -> None:
    one = Spot(YANGGAO, "杨高村", Mark.CHECKED, 3)
    alone = marks(drawn.draw(TOWNS, [one], title="图"))["杨高村"]
    among = marks(
        drawn.draw(TOWNS, [Spot("330282112209", "水湘村", Mark.NOT), one], warned=[TOWN], title="图")
    )["杨高村"]
    assert (alone.get("cx"), alone.get("cy")) == (among.get("cx"), among.get("cy"))


def test_the_area_of_an_alert_has_a_thick_edge_a_hatch_and_a_name_that_phones_keep() -> None:
    quiet = drawn.draw(TOWNS, [], title="图")
    warned = drawn.draw(TOWNS, [], warned=[TOWN], title="图")
    whole = drawn.draw(TOWNS, [], warned=[COUNTY], title="图")
    village = drawn.draw(TOWNS, [], warned=[YANGGAO], title="图")
    for drawing, hatched in ((quiet, 0), (warned, 1), (whole, 2), (village, 1)):
        assert drawing.svg.count('fill="url(#hatch)"') == hatched
    assert texts(warned)["龙山"].get("class") is None
    assert texts(warned)["新浦"].get("class") == "mn"


def test_names_are_escaped_and_long_ones_cut() -> None:
    drawing = drawn.draw([Town(TOWN, '<b>&"镇')], [], title='"><script>')
    assert parsed(drawing).get("aria-label") == '"><script>'
    assert "<script" not in drawing.svg
    assert [drawn.short_town(name) for name in ("浒山街道", "龙山镇", "高新技术产业园区", "街道")] == [
        "浒山", "龙山", "高新技术…", "街道",
    ]  # fmt: skip


@pytest.mark.parametrize("county", places.vendored_counties())
def test_each_county_that_comes_along_fits_its_scheme(county: str) -> None:
    rows = list(places.read_vendored(county))
    villages = [row.code for row in rows if len(row.code) == 12]
    towns = [
        Town(row.code, row.name, tuple(code for code in villages if code.startswith(row.code)))
        for row in rows
        if len(row.code) == 9
    ]
    spots = [Spot(code, code, Mark.UNCHECKED, 10) for code in villages]
    drawing = drawn.draw(towns, spots, title="图", grid=drawn.scheme(county))
    assert drawing.schematic and not drawing.missing
    height = float(str(parsed(drawing).get("viewBox")).split()[3])
    found = marks(drawing)
    assert len(found) == len(villages)
    for mark in found.values():
        assert 0 < float(mark.get("cx", 0)) < drawn.WIDTH and 0 < float(mark.get("cy", 0)) < height
    blocks = [(rect.get("x"), rect.get("y")) for rect in parsed(drawing).iter(f"{_SVG}rect") if rect.get("x")]
    assert len(blocks) == len(set(blocks)) == len(towns)


def test_a_county_without_anything_is_an_empty_drawing() -> None:
    assert drawn.draw([], [], title="图").schematic
    assert drawn.scheme("110101") == {}


def test_the_bureau_s_shapes_and_points_are_drawn_where_they_are(tmp_path: Path) -> None:
    inner = feature(YANGGAO, "Point", [121.52, 30.08])
    away = feature(OTHER_TOWN, "MultiPolygon", [[square(121.2, 30.1)], [square(121.25, 30.3)]])
    write(tmp_path, feature(f"{TOWN}000"), away)
    write(tmp_path, inner, feature("310118102"), feature(COUNTY), name="villages.json")
    shapes = map_shapes.read(tmp_path, county=COUNTY)
    assert set(shapes.rings) == {TOWN, OTHER_TOWN} and set(shapes.points) == {YANGGAO}
    spots = [Spot(YANGGAO, "杨高村", Mark.CHECKED, 3), Spot("330282123227", "新东村", Mark.NOT)]
    spots.append(Spot("330282999001", "别处", Mark.NOT))
    drawing = drawn.draw(TOWNS, spots, warned=[TOWN, "330282112209"], title="图", shapes=shapes)
    assert not drawing.schematic and drawing.missing == ("别处",)
    found, named = marks(drawing), texts(drawing)
    east, west = float(named["龙山"].get("x", 0)), float(named["新浦"].get("x", 0))
    assert east > west and float(found["杨高村"].get("cx", 0)) > west
    assert drawing.svg.count('fill="url(#hatch)"') == 2


def test_a_fine_outline_is_made_coarse_for_slow_lines(tmp_path: Path) -> None:
    ring = [[121.5 + 0.1 * math.cos(step / 500), 30.1 + 0.1 * math.sin(step / 500)] for step in range(3142)]
    write(tmp_path, feature(TOWN, held=[[*ring, ring[0]]]))
    drawing = drawn.draw(TOWNS, [], title="图", shapes=map_shapes.read(tmp_path, county=COUNTY))
    assert len(drawing.svg) < 4000


@pytest.mark.parametrize(
    ("held", "says"),
    [
        ("{", "towns.geojson is no GeoJSON FeatureCollection"),
        ("[]", "towns.geojson is no GeoJSON FeatureCollection"),
        ('{"type": "FeatureCollection", "features": 3}', "is no GeoJSON FeatureCollection"),
        ([{}], 'feature 1 has no "code"'),
        ([feature(TOWN), feature("x")], 'feature 2 has no "code"'),
        ([feature(None)], 'feature 1 has no "code"'),
        ([feature(TOWN, "LineString", [[1, 2], [3, 4]])], "feature 1 is no Polygon, MultiPolygon or Point"),
        ([feature(TOWN, held=[[[500000, 3300000]] * 4])], "in degrees"),
        ([feature(TOWN, held=[[[121, 30]] * 3])], "feature 1 is no Polygon"),
        ([feature(TOWN, held=[])], "feature 1 is no Polygon"),
        ([feature(TOWN, "Point", ["a", "b"])], "feature 1 is no Polygon"),
        ([feature(TOWN, "Point", [float("nan"), 30])], "feature 1 is no Polygon"),
        ([feature("310118102")], "no town or village of 330282"),
    ],
)
def test_a_wrong_file_is_refused_with_one_line(tmp_path: Path, held: Any, says: str) -> None:
    if isinstance(held, str):
        (tmp_path / "towns.geojson").write_text(held, encoding="utf-8")
    else:
        write(tmp_path, *held)
    with pytest.raises(Misconfigured) as refused:
        map_shapes.read(tmp_path, county=COUNTY)
    assert says in str(refused.value) and "\n" not in str(refused.value)


def test_a_folder_that_is_not_there_or_empty_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(Misconfigured, match="FARMERLINE_MAP_FOLDER"):
            map_shapes.read(folder, county=COUNTY)


@pytest.mark.parametrize("own", [True, False])
def test_a_frame_of_television_fills_the_towns_under_an_alert_and_names_them_all(
    own: bool, tmp_path: Path
) -> None:
    """M05."""
    near, far = feature(TOWN), feature(OTHER_TOWN, held=[square(121.7, 30.0)])
    shapes = map_shapes.read(write(tmp_path, near, far), county=COUNTY) if own else None
    warned = [(TOWN, "red"), (f"{OTHER_TOWN}209", "blue")]
    frame = Image.new("RGB", (400, 300), "white")
    named: dict[str, tuple[float, float]] = {}
    map_frame.paint(
        ImageDraw.Draw(frame), map_frame.Chart(TOWNS, warned, shapes), (20, 20, 380, 280), fills={"red": "#ff0000", "blue": "#0000ff"},
        write=lambda name, middle, width: named.update({name: middle}),
    )  # fmt: skip
    assert set(named) == {"龙山", "新浦"}
    assert [_pixel(frame, *named[town]) for town in ("龙山", "新浦")] == [(255, 0, 0), (0xF1, 0xF5, 0xEE)]
    x, y = named["新浦"]
    assert _pixel(frame, x, y + 26) == (0, 0, 255)  # one village of it, alone
    assert _pixel(frame, 5, 5) == (255, 255, 255)


def _pixel(frame: Image.Image, x: float, y: float) -> Any:
    return frame.getpixel((round(x), round(y)))
