"""A price far from the usual is asked about and remarked on, and never held."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from farmerline.domain import match_notices, usual_prices
from farmerline.messages import Channel
from farmerline.models import Account, Delivery, Match, Post, PostItem, PostState
from farmerline.queries import farmer
from tests.domain.talking import Village, sms_parts

USUAL = 3.0  # yuan per kg, 1.5 yuan per jin


def fill(village: Village, count: int = 8, *, days_ago: int = 5, price: float = USUAL) -> None:
    """So many ended posts of broccoli at the usual price."""
    seller = village.person("沈桂香")
    day = (village.now - timedelta(days=days_ago)).date()
    with village.session() as session:
        for number in range(count):
            post = Post(
                kind="supply", account_id=seller.id, area_code=seller.area_code, channel="sms", text="卖西兰花",
                state=PostState.DONE, created_at=village.now,
            )  # fmt: skip
            post.items = [
                PostItem(
                    key="西兰花·fresh·supply", direction="supply", concept="西兰花", form="fresh", name="西兰花",
                    unit_price=price + number % 3 * 0.1, price_unit="kg", area_code=seller.area_code, province="33", city="3302",
                    day=day,
                )
            ]  # fmt: skip
            session.add(post)


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("卖西兰花3000斤3元一斤", "常价1.6元/斤,是公斤价吗?"),
        ("卖西兰花3000斤15元一斤", "常价1.6元/斤,这价对吗?"),
        ("卖西兰花3000斤1.5元一公斤", "常价3.1元/公斤,是每斤吗?"),
        ("卖西兰花3000斤3毛一斤", "常价1.6元/斤,这价对吗?"),
        ("卖西兰花3000斤2元一斤", ""),
        ("卖西兰花3000斤", ""),
        ("卖西兰花苗3000株15元一株", ""),
    ],
)
def test_a_slip_of_the_measure_is_asked_about_before_it_is_published(
    sqlite_village: Village, words: str, asked: str
) -> None:
    fill(sqlite_village)
    seller = sqlite_village.person()
    told = sqlite_village.told(seller, words)
    assert (asked in told) if asked else ("常价" not in told), told
    assert sms_parts(told) <= 2
    assert sqlite_village.publish(sqlite_village.person("陈小梅"), words).state is PostState.OPEN


@pytest.mark.parametrize(("count", "days_ago", "far"), [(8, 5, True), (7, 5, False), (20, 91, False)])
def test_few_prices_or_old_ones_say_nothing(village: Village, count: int, days_ago: int, far: bool) -> None:
    fill(village, count, days_ago=days_ago)
    post = village.publish(village.person(), "卖西兰花3000斤3元一斤")
    with village.session() as session:
        warning = usual_prices.price_warning(
            session, session.get_one(PostItem, post.items[0].id), village.now
        )
    assert (warning is not None) == far
    if warning is not None:
        assert (warning.usual, warning.unit) == (pytest.approx(3.1), "kg")
        assert warning.times == pytest.approx(6 / 3.1)


def test_who_wants_it_reads_that_the_price_is_far_off(village: Village) -> None:
    fill(village)
    seller, buyer = village.person(), village.person("陈小梅")
    village.publish(seller, "卖西兰花3000斤8元一斤")
    wanted = village.publish(buyer, "收西兰花500斤")
    (match,) = village.all(Match)
    with village.session() as session:
        row, mine = session.get_one(Match, match.id), session.get_one(Post, wanted.id)
        assert "价是常价两倍以上" in match_notices.reason(session, row, mine, "zh")
        assert "twice the usual price" in match_notices.reason(session, row, mine, "en")
        assert "价是常价两倍以上" in match_notices.side_line(session, row, mine, "zh")
        assert "常价" not in match_notices.reason(session, row, row.supply_post, "zh")
    told = village.all(Delivery, Delivery.account_id == buyer.id)
    assert all(sms_parts(row.text) <= 2 for row in told)


def test_the_page_asks_about_the_price_beside_its_buttons(sqlite_village: Village) -> None:
    fill(sqlite_village)
    seller = sqlite_village.person()
    said = sqlite_village.say(
        "", "卖西兰花3000斤3元一斤", channel=Channel.WEB, gateway="web", account_id=seller.id
    )
    assert "常价" not in said.replies[-1]
    with sqlite_village.session() as session:
        (asked,) = farmer.waiting(session, session.get_one(Account, seller.id), language="zh")
    assert asked.reason == "常价1.6元/斤,是公斤价吗?"


def test_the_usual_price_is_read_from_an_index_alone(sqlite_village: Village) -> None:
    fill(sqlite_village)
    query = "SELECT unit_price FROM post_item WHERE key = 'a' AND day > '2026-01-01' AND price_unit = 'kg' AND unit_price IS NOT NULL ORDER BY day DESC LIMIT 400"
    with sqlite_village.session() as session:
        plan = str(session.execute(text(f"EXPLAIN QUERY PLAN {query}")).all())
    assert "COVERING INDEX ix_post_item_price" in plan
    assert "TEMP B-TREE" not in plan
