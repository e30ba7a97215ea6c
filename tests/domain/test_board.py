"""What the board finds: filters, order, distance, price, counts. On both databases."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from farmerline.domain import posts
from farmerline.models import Area, Post
from farmerline.queries import board, product_tree
from farmerline.queries.board_filters import Sort, Wanted
from tests.domain.talking import Village
from tests.factories import COUNTY, SHUIXIANG, TOWN, XINDONG, YANGGAO


@pytest.fixture
def county(village: Village) -> Village:
    """Eight posts; 1001 the oldest, ten days before the rest."""
    near, far, away = (
        village.person("杨阿毛"),
        village.person("岑利民", area_code=SHUIXIANG),
        village.person("陆文彬", area_code="310118102"),
    )
    village.publish(far, "卖夏黑葡萄苗2000株3.2元一株")  # 1001
    village.wait(days=10)
    for who, words in (
        (near, "卖巨峰葡萄苗500株2.5元一株"),  # 1002
        (near, "卖洋芋800斤1.2元一斤,自家种的"),  # 1003
        (far, "卖土豆2000斤1元一斤"),  # 1004
        (far, "求购西兰花5000斤1.4元一斤"),  # 1005
        (away, "卖土豆10吨,2000元一吨"),  # 1006
        (near, "卖土豆300斤"),  # 1007
        (near, "卖夏黑葡萄苗200株4元一株,巨峰葡萄苗150株3元一株"),  # 1008
    ):
        village.publish(who, words)
    return village


def numbers(village: Village, **wanted: Any) -> list[int]:
    with village.database.read() as session:
        found = board.board(session, Wanted(**wanted), now=village.now)
        assert found.found == len(found.rows)
        assert board.count(session, Wanted(**wanted), found.tree, now=village.now) == found.found
        newest = board.newest(session, Wanted(**wanted), most=50, now=village.now)
        assert {row.number for row in newest} == {row.number for row in found.rows}
        return [row.number for row in found.rows]


_ASKED: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [1008, 1007, 1006, 1005, 1004, 1003, 1002, 1001]),
    ({"kinds": ("demand",)}, [1005]),
    ({"product": "fruit"}, [1008, 1002, 1001]),
    ({"product": "葡萄"}, [1008, 1002, 1001]),
    ({"product": "葡萄·seedling"}, [1008, 1002, 1001]),
    ({"product": "葡萄·fresh"}, []),
    ({"product": "葡萄·seedling·巨峰"}, [1008, 1002]),
    ({"product": "马铃薯·fresh"}, [1007, 1006, 1004, 1003]),
    ({"product": "没有这个"}, []),
    ({"form": "seedling"}, [1008, 1002, 1001]),
    ({"form": "seedling", "product": "veg"}, []),
    ({"area_code": COUNTY}, [1008, 1007, 1005, 1004, 1003, 1002, 1001]),
    ({"area_code": TOWN}, [1008, 1007, 1003, 1002]),
    ({"area_code": "31"}, [1006]),
    ({"days": 3}, [1008, 1007, 1006, 1005, 1004, 1003, 1002]),
    ({"words": "自家种的"}, [1003]),
    ({"words": "自家 洋芋"}, [1003]),
    ({"words": "土豆", "area_code": TOWN}, [1007]),
    ({"low": 1.1, "unit": "斤"}, [1005, 1003]),
    ({"low": 1.1, "high": 1.3, "unit": "斤"}, [1003]),
    ({"high": 2400, "unit": "吨", "product": "马铃薯·fresh"}, [1006, 1004, 1003]),
    ({"high": 2, "unit": "公斤"}, [1006, 1004]),
    ({"high": 3, "unit": "株"}, [1008, 1002]),
    ({"high": 1, "product": "马铃薯·fresh"}, [1006, 1004]),
    ({"product": "葡萄", "sort": Sort.CHEAPEST, "unit": "株"}, [1002, 1008, 1001]),
    ({"product": "马铃薯·fresh", "sort": Sort.CHEAPEST, "unit": "斤"}, [1006, 1004, 1003, 1007]),
    ({"centre": YANGGAO, "km": 10}, [1008, 1007, 1003, 1002]),
    ({"centre": XINDONG, "km": 10}, [1008, 1007, 1003, 1002]),
    ({"centre": YANGGAO, "km": 30}, [1008, 1007, 1005, 1004, 1003, 1002, 1001]),
    ({"centre": SHUIXIANG, "km": 10, "product": "马铃薯·fresh"}, [1004]),
    ({"centre": SHUIXIANG, "sort": Sort.NEAREST, "product": "马铃薯·fresh"}, [1004, 1007, 1003, 1006]),
    ({"centre": "310118102", "sort": Sort.NEAREST, "words": "土豆"}, [1006, 1007, 1004]),
    ({"centre": YANGGAO, "km": 10, "product": "马铃薯", "sort": Sort.CHEAPEST, "unit": "斤"}, [1003, 1007]),
    ({"kinds": ("supply",), "product": "葡萄", "area_code": COUNTY, "days": 30, "low": 3, "high": 3, "unit": "株", "words": "夏黑"}, [1008]),
]  # fmt: skip


def test_the_board_finds_what_is_asked(county: Village) -> None:
    found = [(wanted, numbers(county, **wanted)) for wanted, _expected in _ASKED]
    assert [one for one, expected in zip(found, _ASKED, strict=True) if one != expected] == []


def test_the_map_decides_where_it_knows_the_places(county: Village) -> None:
    with county.database.write() as session:
        for code, lat, lon in ((YANGGAO, 30.07, 121.55), (SHUIXIANG, 30.08, 121.56)):
            area = session.get_one(Area, code)
            area.lat, area.lon = lat, lon
    assert numbers(county, centre=YANGGAO, km=10) == [1008, 1007, 1005, 1004, 1003, 1002, 1001]
    with county.database.read() as session:
        wanted = Wanted(centre=YANGGAO, km=10)
        found = board.board(session, wanted, now=county.now)
    assert not found.reckoned
    assert {round(row.far.km, 1) for row in found.rows if row.far} == {0.0, 1.5}


def test_pages_follow_each_other_without_a_gap_or_a_double(village: Village) -> None:
    homes = (YANGGAO, XINDONG, SHUIXIANG)
    people = [village.person(f"杨{number}", area_code=area) for number, area in enumerate(homes)]
    for number in range(42):
        village.publish(people[number % 3], f"卖西兰花{100 + number}斤1.5元一斤")
    with village.database.read() as session:
        for sort, km in product((Sort.NEWEST, Sort.NEAREST), (None, 30)):
            seen: list[int] = []
            for page, rows in enumerate((20, 20, 2, 0), start=1):
                wanted = Wanted(centre=YANGGAO, km=km, sort=sort, page=page)
                found = board.board(session, wanted, now=village.now)
                assert (found.found, len(found.rows)) == (42, rows)
                seen += [row.number for row in found.rows]
            assert len(set(seen)) == 42


def test_the_tree_counts_posts_and_not_things(county: Village) -> None:
    with county.database.read() as session:
        tree = product_tree.products(session)
        assert {(one.value, one.category, one.name, one.count) for one in tree} == {
            ("马铃薯·fresh", "veg", "马铃薯", 4),
            ("葡萄·seedling", "fruit", "葡萄苗", 3),
            ("西兰花·fresh", "veg", "西兰花", 1),
        }
        assert board.open_posts(session, now=county.now) == (8, 7)


def test_what_has_ended_is_neither_found_nor_counted(county: Village) -> None:
    county.wait(days=30)
    county.do(posts.expire_due)
    with county.database.read() as session:
        left = {row.number for row in board.board(session, Wanted(), now=county.now).rows}
        assert left == set(session.scalars(select(Post.number).where(Post.state == "open")))
        assert {one.value for one in product_tree.products(session)} == {"葡萄·seedling"}


def test_units_are_those_of_the_product(county: Village) -> None:
    with county.database.read() as session:
        shown = {
            one: board.board(session, Wanted(product=one), now=county.now) for one in ("", "葡萄", "马铃薯")
        }
    assert {one: (found.unit, found.units) for one, found in shown.items()} == {
        "": ("斤", ()),
        "葡萄": ("株", ("株",)),
        "马铃薯": ("斤", ("斤",)),
    }


def test_a_thing_that_is_sold_out_leaves_the_tree_while_its_post_stays(county: Village) -> None:
    with county.database.write() as session:
        post = session.scalars(select(Post).where(Post.number == 1002)).one()
        post.items[0].live = False
    assert 1002 in numbers(county)
    assert 1002 not in numbers(county, product="葡萄")


def test_a_day_is_counted_by_the_hour(county: Village) -> None:
    county.now += timedelta(hours=24, minutes=1)
    assert numbers(county, days=1) == []
