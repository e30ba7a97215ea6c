"""How far apart two places are: measured where the map knows both, else reckoned from the tree of areas."""

from __future__ import annotations

import pytest

from farmerline.db import Database
from farmerline.domain.distances import distances, reckon
from farmerline.models import Area
from tests import factories
from tests.factories import COUNTY, OTHER_TOWN, SHUIXIANG, TOWN, XINDONG, YANGGAO


@pytest.mark.parametrize(
    ("centre", "code", "km"),
    [
        (YANGGAO, YANGGAO, 0),
        (YANGGAO, XINDONG, 5),
        (YANGGAO, TOWN, 5),
        (YANGGAO, SHUIXIANG, 20),
        (YANGGAO, COUNTY, 20),
        (YANGGAO, "330281", 60),
        (YANGGAO, "3301", 200),
        (YANGGAO, "310118102", 800),
        (COUNTY, YANGGAO, 0),
        (COUNTY, "330281", 60),
    ],
)
def test_without_a_map_the_tree_of_areas_tells_roughly(centre: str, code: str, km: float) -> None:
    assert reckon(centre, code) == km


def test_with_a_map_it_is_measured_and_said_so(database: Database) -> None:
    with database.write() as session:
        factories.fill_county(session)
        for code, lat, lon in (
            (YANGGAO, 30.07, 121.55),
            (OTHER_TOWN, 30.30, 121.45),
            (XINDONG, 30.08, 121.56),
        ):
            area = session.get_one(Area, code)
            area.lat, area.lon = lat, lon
        found = distances(session, YANGGAO, [YANGGAO, XINDONG, SHUIXIANG, TOWN, "310118102"])
    assert {code: (round(far.km, 1), far.measured) for code, far in found.items()} == {
        YANGGAO: (0.0, True),
        XINDONG: (1.5, True),
        SHUIXIANG: (27.3, True),  # where its town stands
        TOWN: (5.0, False),
        "310118102": (800.0, False),
    }


def test_two_villages_that_stand_where_their_town_stands_are_reckoned(database: Database) -> None:
    with database.write() as session:
        factories.fill_county(session)
        town = session.get_one(Area, TOWN)
        town.lat, town.lon = 30.07, 121.55
        far = distances(session, YANGGAO, [XINDONG])[XINDONG]
    assert (far.km, far.measured) == (5.0, False)
