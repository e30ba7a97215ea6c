"""The best of all open posts is found by reading few of them: in the same order as scoring every one."""

from __future__ import annotations

import random
from datetime import date
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import insert

import matching
from farmerline.db import Database
from farmerline.domain import candidates
from farmerline.domain.candidate_rows import Reader, statement_of
from farmerline.messages import Channel
from farmerline.models import Post, PostItem, PostState
from matching import Offer
from tests import factories
from tests.factories import NOW, YANGGAO

TODAY = date(2026, 11, 20)
PLACES = (
    "330282123222",
    "330282112209",
    "330282",
    "330212001001",
    "3302",
    "33",
    "330106005",
    "310118102",
    "340100",
    "530181001",
    "13",
)
FORMS = ("fresh", "fresh", "fresh", "raw", "dried", "live")
VARIETIES = ("", "", "", "巨峰", "夏黑", "阳光玫瑰")


def offers(count: int, chance: random.Random, **fixed: Any) -> list[Offer]:
    """Open items of both directions and of a few products."""
    made = []
    for number in range(count):
        unit = chance.choice(("kg", "kg", "箱", None))
        values = {
            "direction": chance.choice(("supply", "demand")), "concept": chance.choice(("葡萄", "葡萄", "葡萄", "梨")),
            "form": chance.choice(FORMS), "variety": chance.choice(VARIETIES) or None,
            "qty": chance.choice((None, 5.0, 100.0, 3000.0)) if unit else None, "unit": unit,
            "unit_price": chance.choice((None, 2.0, 2.4, 3.0, 9.0)), "price_unit": chance.choice((None, "kg", "箱")),
            "area": chance.choice(PLACES), "day": TODAY.toordinal() - int(130 * chance.random() ** 2) + chance.choice((0, 0, 2)),
            **fixed,
        }  # fmt: skip
        made.append(Offer(id=f"{chance.getrandbits(60):015x}{number:05d}", **values))
    return made


def store(database: Database, items: list[Offer]) -> None:
    """These items, open, of one post (the post does not matter to who reads only the indexes)."""
    rows = [
        {
            "id": one.id, "post_id": "p", "position": 0, "key": matching.key(one.concept, one.form, one.direction), "name": "x",
            "direction": one.direction, "concept": one.concept, "form": one.form, "variety": one.variety or "", "qty": one.qty,
            "qty_left": one.qty, "unit": one.unit, "unit_price": one.unit_price, "price_unit": one.price_unit, "area_code": one.area,
            "province": one.area[:2], "city": one.area[:4], "day": date.fromordinal(one.day or 0), "live": True,
        }
        for one in items
    ]  # fmt: skip
    with database.write() as session:
        factories.fill_county(session)
        owner = factories.make_account(session)
        session.add(
            Post(id="p", kind="supply", account_id=owner.id, area_code=YANGGAO, channel=Channel.SMS, text="", state=PostState.OPEN, created_at=NOW)
        )  # fmt: skip
        session.flush()
        session.execute(insert(PostItem), rows)


def both(database: Database, pool: list[Offer], query: Offer, limit: int = 10) -> tuple[Any, Any]:
    """What reading few finds, and what scoring all finds."""
    with database.read() as session:
        found = candidates.nearest(session.connection(), query, today=TODAY.toordinal(), limit=limit)
    ranked = matching.rank(query, pool, limit=limit, today=TODAY)
    return found, [(score.value, score.offer.id) for score in ranked]


def rows_read(database: Database, query: Offer) -> int:
    """How many rows are read for the best ten."""
    with database.read() as session:
        reader = Reader(session.connection())
        assert len(list(islice(candidates.best_first(reader, query, TODAY.toordinal()), 10))) == 10
    return reader.rows


@pytest.mark.parametrize("seed", range(3))
def test_reading_few_finds_what_scoring_all_finds(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    pool = offers(1500, chance)
    store(database, pool)
    for query in offers(80, chance):
        found, scored = both(database, pool, query)
        assert found == scored


def test_a_day_with_many_equal_posts_is_given_out_by_id(database: Database) -> None:
    chance = random.Random(7)
    same = {
        "concept": "葡萄",
        "form": "fresh",
        "variety": None,
        "unit": None,
        "unit_price": None,
        "area": PLACES[0],
    }
    pool = offers(700, chance, direction="supply", day=TODAY.toordinal() - 3, **same)
    pool += offers(20, chance, direction="supply", day=TODAY.toordinal() - 120, **same)
    store(database, pool)
    (query,) = offers(1, chance, direction="demand", **same)
    found, scored = both(database, pool, query, limit=30)
    assert found == scored
    found, scored = both(database, pool, query, limit=720)
    assert found == scored
    assert rows_read(database, query) < 150


def test_an_old_lot_nearby_at_a_good_price_is_found_under_many_new_ones_from_elsewhere(
    database: Database,
) -> None:
    chance = random.Random(8)
    near = Offer(
        "near", "supply", "葡萄", "fresh", "巨峰", 3000, "kg", 2.0, "kg", YANGGAO, TODAY.toordinal() - 58
    )
    far = offers(
        1200,
        chance,
        direction="supply",
        concept="葡萄",
        form="fresh",
        variety="巨峰",
        area="330106005",
        day=TODAY.toordinal(),
    )
    store(database, [*far, near])
    query = Offer("q", "demand", "葡萄", "fresh", "巨峰", 2000, "kg", 2.2, "kg", YANGGAO, TODAY.toordinal())
    found, scored = both(database, [*far, near], query, limit=3)
    assert found == scored
    assert found[0][1] == "near"


def test_a_popular_product_is_not_read_to_its_end(database: Database) -> None:
    chance = random.Random(9)
    pool = offers(3000, chance, direction="supply", concept="葡萄", form="fresh")
    store(database, pool)
    query = Offer("q", "demand", "葡萄", "fresh", None, None, None, None, None, YANGGAO, TODAY.toordinal())
    found, scored = both(database, pool, query)
    assert found == scored
    assert rows_read(database, query) < 200


def test_ids_that_are_skipped_make_room_for_the_next(database: Database) -> None:
    chance = random.Random(10)
    pool = offers(300, chance, direction="supply", concept="葡萄", form="fresh", variety=None)
    store(database, pool)
    query = Offer("q", "demand", "葡萄", "fresh", area=YANGGAO)
    every, _ = both(database, pool, query, limit=20)
    left_out = {one for _, one in every[:5]}
    with database.read() as session:
        found = candidates.nearest(
            session.connection(), query, today=TODAY.toordinal(), limit=10, skip=left_out.__contains__
        )
    assert found == every[5:15]


def test_what_neither_sells_nor_buys_meets_nothing(database: Database) -> None:
    store(database, offers(20, random.Random(1)))
    query = Offer("q", "none", "葡萄", "fresh", area=YANGGAO)
    assert both(database, [], query) == ([], [])


@pytest.mark.parametrize("index", ["city", "province", "nation", "variety_province", "variety_nation"])
@pytest.mark.parametrize("part", ["newest", "older", "one day"])
def test_nothing_but_the_index_is_read(sqlite_url: str, index: str, part: str) -> None:
    """SQLite opens the table, and takes no column from it."""
    database = factories.make_database(sqlite_url)
    statement = statement_of(index, part, sqlite=True)
    with database.reader.connect() as connection:
        steps = connection.exec_driver_sql(f"EXPLAIN {statement}", ("x",) * statement.count("?")).all()
    database.close()
    table = next(step.p1 for step in steps if step.opcode == "OpenRead" and str(step.p4).isdigit())
    assert [
        step.opcode for step in steps if step.p1 == table and step.opcode in ("Column", "Rowid", "FinishSeek")
    ] == []
    assert "Sort" not in {step.opcode for step in steps}
