"""The steps of the database's shape lead to exactly what the models say, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from farmerline import migrations
from farmerline.db import Database
from farmerline.domain import areas, audit
from farmerline.domain.numbers import next_number
from farmerline.messages import Channel
from farmerline.models import Deal, Match, MatchState, PersonKind, Post, PostItem, PostKind, PostState
from farmerline.places import place_row
from farmerline.queries import search
from tests.factories import NOW, PLACES, install_vault, make_account, make_database


def shape(database: Database) -> dict[str, Any]:
    """Every table with its columns, and every constraint and index with its name."""
    seen = inspect(database.writer)
    found: dict[str, Any] = {}
    for table in sorted(set(seen.get_table_names()) - {"alembic_version"}):
        columns = [
            (column["name"], str(column["type"]), column["nullable"]) for column in seen.get_columns(table)
        ]
        found[table] = {
            "columns": columns,
            "pk": seen.get_pk_constraint(table),
            "fk": sorted(str(sorted(key.items(), key=str)) for key in seen.get_foreign_keys(table)),
            "ck": sorted(
                (check["name"] or "", check["sqltext"]) for check in seen.get_check_constraints(table)
            ),
            "uq": sorted(
                (unique["name"] or "", unique["column_names"])
                for unique in seen.get_unique_constraints(table)
            ),
            "ix": sorted((index["name"] or "", index["column_names"]) for index in seen.get_indexes(table)),
        }
    return found


def test_the_steps_lead_to_what_the_models_say(database_url: str) -> None:
    database = Database(database_url)
    assert not migrations.is_current(database)
    migrations.upgrade(database)
    assert migrations.is_current(database)
    assert migrations.differences(database) == []
    database.close()


def test_the_steps_give_the_same_names_as_the_models(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    stepped = Database(database_url)
    migrations.upgrade(stepped)
    if stepped.is_sqlite:
        made = make_database(f"sqlite:///{tmp_path / 'made.db'}")
    else:
        made = make_database(request.getfixturevalue("postgres_cluster").make_database())
    assert shape(stepped) == shape(made)
    stepped.close()
    made.close()


def test_a_repeat_changes_nothing_and_every_step_can_stand_alone(database_url: str) -> None:
    install_vault()
    database = Database(database_url)
    migrations.upgrade(database, "0001")
    with database.write() as session:
        audit.record(session, actor_id="cli", act="county.init", now=NOW)
    migrations.upgrade(database)
    migrations.upgrade(database)
    with database.read() as session:
        assert audit.verify(session) is None
        assert audit.head(session).number == 1
    with pytest.raises(DBAPIError, match="only added to"), database.writer.begin() as connection:
        connection.execute(text("DELETE FROM audit"))
    database.close()


def test_posts_that_are_open_already_can_be_found(database_url: str) -> None:
    install_vault()
    database = Database(database_url)
    migrations.upgrade(database, "0005")
    with database.write() as session:
        areas.load(session, [place_row(code, name) for code, name in PLACES.items()])
        session.add(PersonKind(code="farmer", name_zh="农户", name_en="farmer"))
        supply = {
            "code": "supply",
            "name_zh": "供应",
            "name_en": "supply",
            "tile": "供",
            "direction": "supply",
        }
        session.add(PostKind(**supply, days=15, seedling_days=60))
        session.flush()
        owner = make_account(session)
        for number, state in ((1001, PostState.OPEN), (1002, PostState.MATCHED), (1003, PostState.DONE)):
            session.add(
                Post(
                    kind="supply", account_id=owner.id, area_code=owner.area_code, channel=Channel.SMS, number=number,
                    text="自家種的土豆", state=state, created_at=NOW,
                )
            )  # fmt: skip
    migrations.upgrade(database)
    with database.read() as session:
        condition = search.holding(session, "自家种的")
        assert condition is not None
        assert set(session.scalars(select(Post.number).where(condition))) == {1001, 1002}
    database.close()


@pytest.mark.long
def test_deals_that_were_told_already_get_numbers_in_their_order_and_their_sides(database_url: str) -> None:
    install_vault()
    database = Database(database_url)
    migrations.upgrade(database, "0023")
    with database.write() as session:
        areas.load(session, [place_row(code, name) for code, name in PLACES.items()])
        session.add(PersonKind(code="farmer", name_zh="农户", name_en="farmer"))
        for code in ("supply", "demand"):
            session.add(
                PostKind(
                    code=code,
                    name_zh=code,
                    name_en=code,
                    tile="供",
                    direction=code,
                    days=15,
                    seedling_days=60,
                )
            )
        session.flush()
        seller, buyer = make_account(session), make_account(session, "陈小梅")
        for hour in (2, 1):
            sides = [
                Post(
                    kind=kind, account_id=owner.id, area_code=owner.area_code, channel=Channel.SMS, text="土豆",
                    state=PostState.DONE, created_at=NOW,
                )
                for kind, owner in (("supply", seller), ("demand", buyer))
            ]  # fmt: skip
            session.add_all(sides)
            session.flush()
            items = [
                PostItem(
                    post_id=post.id, key="土豆", direction=post.kind, concept="土豆", form="fresh", name="土豆",
                    area_code=post.area_code, province="33", city="3302", day=NOW.date(),
                )
                for post in sides
            ]  # fmt: skip
            session.add_all(items)
            session.flush()
            match = Match(
                supply_post_id=sides[0].id, demand_post_id=sides[1].id, supply_item_id=items[0].id, demand_item_id=items[1].id,
                score=1.0, reason_zh="", reason_en="", state=MatchState.DONE, made_at=NOW,
            )  # fmt: skip
            session.add(match)
            session.flush()
            told = (
                "INSERT INTO deal (id, match_id, outcome, concept, form, from_area, to_area, told_by, told_via, at) VALUES "
                f"('d{hour}', :match, 'sold', '土豆', 'fresh', '33', '33', :by, 'sms', '2026-11-20 0{hour}:00:00')"
            )
            session.execute(text(told), {"match": match.id, "by": buyer.id})
    migrations.upgrade(database)
    with database.write() as session:
        found = session.execute(
            select(Deal.id, Deal.number, Deal.seller_id, Deal.buyer_id).order_by(Deal.number)
        ).all()
        assert [tuple(row) for row in found] == [
            ("d1", 1, seller.id, buyer.id),
            ("d2", 2, seller.id, buyer.id),
        ]
        assert next_number(session, "deal") == 3
    database.close()
