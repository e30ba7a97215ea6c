"""The report of deals: each figure by the way of counting that stands beside it; fast with many deals."""

from __future__ import annotations

from datetime import date, timedelta
from os import cpu_count, getloadavg
from time import perf_counter, process_time
from typing import Any

import pytest
from sqlalchemy import bindparam, text

from farmerline.clock import local
from farmerline.domain import deals
from farmerline.errors import Invalid
from farmerline.models import Account
from farmerline.models.base import UtcDateTime
from farmerline.queries import deals_report
from farmerline.queries.deals_report import Report
from tests import factories
from tests.domain.talking import Village
from tests.factories import COUNTY, NOW, SHUIXIANG, YANGGAO

MANY = 20_000


def made(village: Village, area: str = COUNTY, first: str = "", last: str = "") -> Report:
    with village.database.read() as session:
        chosen = deals_report.period(first, last, now=village.now)
        return deals_report.report(session, area=area, period=chosen)


def deal(village: Village, seller: Account, offered: str, buyer: Account, wanted: str, *answers: str) -> None:
    """From two posts to what the buyer told on day 3."""
    village.publish(seller, offered)
    village.wait(days=1)
    village.publish(buyer, wanted)
    village.wait(days=1)
    village.say(buyer, "1")
    village.wait(days=3)
    village.do(deals.ask_due, days=(3, 10))
    for answer in answers:
        village.say(buyer, answer)


def test_the_figures_of_a_county_count_as_they_say(village: Village) -> None:
    """M06."""
    farmer, buyer = village.person(), village.person("陈小梅", area_code=SHUIXIANG)
    with village.session() as session:
        firm = factories.make_organisation(session)
    grower = village.person("岑利民", organisation_id=firm.id)
    outside = village.person("陆文彬", area_code="310118102")
    deal(village, farmer, "卖稻谷3000斤1块3一斤", buyer, "收稻谷2000斤", "1")
    deal(village, grower, "卖葡萄苗8000株3元一株", outside, "要葡萄苗500株", "3", "200")
    deal(village, farmer, "卖西瓜800斤1块一斤", buyer, "收西瓜500斤", "没谈成", "1")
    deal(village, farmer, "卖土豆900斤8毛一斤", buyer, "收土豆500斤", "3")
    found = made(village)
    assert (found.posts, found.deals, found.sold) == (7, 3, 3)
    assert found.deals_per_100_posts == round(300 / 7, 1)
    assert found.tonnes_sold == 1.0 and found.without_amount == 1
    assert found.median_days_to_deal == 5.0 and found.median_days_to_number == 2.0
    assert (found.small_deals, found.small_share) == (2, 0.667)
    assert (found.numbers_shown, found.no_deal, found.not_told_yet) == (4, 1, 0)
    assert found.reasons == (("price", 1),)
    lines = [
        (line.crop, line.to_area, line.inside, line.deals, line.amount, line.unit) for line in found.ledger
    ]
    assert lines == [
        ("水稻", "330282", True, 1, 1.0, "t"),
        ("葡萄苗", "310118", False, 1, 200.0, "株"),
        ("马铃薯", "330282", True, 1, None, ""),
    ]


def test_a_place_counts_what_its_people_sold_and_bought(sqlite_village: Village) -> None:
    farmer, buyer = sqlite_village.person(), sqlite_village.person("陈小梅", area_code=SHUIXIANG)
    deal(sqlite_village, farmer, "卖稻谷3000斤1块3一斤", buyer, "收稻谷2000斤", "1")
    sold, bought = made(sqlite_village, YANGGAO), made(sqlite_village, SHUIXIANG)
    assert (sold.deals, sold.sold, sold.posts) == (1, 1, 1)
    assert (bought.deals, bought.sold, bought.posts, bought.ledger) == (1, 0, 1, ())
    assert made(sqlite_village, "310118").deals == 0


def test_only_what_was_told_in_the_period_counts(sqlite_village: Village) -> None:
    farmer, buyer = sqlite_village.person(), sqlite_village.person("陈小梅")
    deal(sqlite_village, farmer, "卖稻谷3000斤1块3一斤", buyer, "收稻谷2000斤", "1")
    told = local(sqlite_village.now).date()
    before, after = str(told - timedelta(days=1)), str(told + timedelta(days=1))
    assert made(sqlite_village, first=str(told), last=str(told)).deals == 1
    assert made(sqlite_village, first=before, last=before).deals == 0
    sqlite_village.wait(days=3)
    assert made(sqlite_village, first=after, last=after).deals == 0
    assert made(sqlite_village).deals == 1


def test_nothing_yet_is_no_share_and_no_division_by_nothing(village: Village) -> None:
    found = made(village)
    assert (found.posts, found.deals, found.ledger, found.reasons) == (0, 0, (), ())
    assert found.deals_per_100_posts is found.small_share is found.median_days_to_deal is None


@pytest.mark.parametrize(
    ("first", "last"), [("2026-11-21", "2026-11-20"), ("gestern", ""), ("", "2026-13-01"), ("1990-01-01", "")]
)
def test_a_period_that_cannot_be_is_refused(first: str, last: str) -> None:
    with pytest.raises(Invalid):
        deals_report.period(first, last, now=NOW)


def test_the_last_year_is_meant_where_nothing_is_said() -> None:
    chosen = deals_report.period("", "", now=NOW)
    assert (chosen.first, chosen.last) == (date(2025, 11, 21), date(2026, 11, 20))


def test_twenty_thousand_deals_take_less_than_half_a_second(village: Village) -> None:
    with village.session() as session:
        if not village.database.is_sqlite:
            session.execute(text("SET session_replication_role = replica"))  # no look at each foreign key
        seller = factories.make_account(session)
        buyer = factories.make_account(session, "陈小梅", area_code=SHUIXIANG)
        _fill(session, seller.id, buyer.id)
        if not village.database.is_sqlite:
            session.execute(text("SET session_replication_role = origin"))
            session.execute(text("ANALYZE"))
    took = []
    for _ in range(3):
        began, ran = perf_counter(), process_time()
        found = made(village)
        took.append(process_time() - ran if village.database.is_sqlite else perf_counter() - began)
    assert found.deals == MANY and found.posts == 2 * MANY and found.sold == MANY
    assert found.small_share == 1.0 and found.tonnes_sold > 0
    crowd = 0.5 * max(1.0, getloadavg()[0] / (cpu_count() or 1))  # others at work on this machine
    assert min(took) < crowd, (took, crowd)


_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last) "
_POST = (
    "INSERT INTO post (id, kind, account_id, area_code, channel, text, state, held_reason, share_phone, created_at, published_at, "
    "text_mark) {numbers}SELECT '{kind}' || i, '{kind}', :owner, :area, 'sms', '卖土豆3000斤1块3一斤杨高村老杨', 'done', '', false, "
    ":at, :at, '' FROM n"
)
_ITEM = (
    "INSERT INTO post_item (id, post_id, position, key, direction, concept, form, category, variety, name, qty, qty_left, unit, "
    "said_qty, said_price, area_code, province, city, day, live) {numbers}SELECT '{kind}' || i, '{kind}' || i, 0, '菜', '{kind}', "
    "'菜' || (i % 60), 'fresh', '', '', '菜', 1500, 0, 'kg', '', '', :area, '33', '3302', '2026-01-01', false FROM n"
)
_MATCH = (
    "INSERT INTO match (id, supply_post_id, demand_post_id, supply_item_id, demand_item_id, score, reason_zh, reason_en, state, "
    "made_at, agreed_at, asked_times, no_reason) {numbers}SELECT 'm' || i, 'supply' || i, 'demand' || i, 'supply' || i, "
    "'demand' || i, 0.9, '', '', 'done', :at, :agreed, 1, '' FROM n"
)
_DEAL = (
    "INSERT INTO deal (id, number, match_id, seller_id, buyer_id, outcome, concept, form, qty, unit, unit_price, from_area, to_area, "
    "told_by, told_via, at) {numbers}SELECT 'd' || i, i, 'm' || i, :owner, :owner, 'sold', '菜' || (i % 60), 'fresh', 1500, 'kg', 2.6, "
    ":area, :other, :owner, 'sms', :told FROM n"
)


def _fill(session: Any, seller: str, buyer: str) -> None:
    """Deals of the last 200 days in no order, with their posts, items and matches."""
    each = MANY // 100
    for part in range(100):
        at = NOW - timedelta(days=200 - part * 37 % 100 * 1.9)
        values: dict[str, Any] = {
            "first": 10_000_000 + part * each, "last": 10_000_000 + part * each + each - 1, "at": at,
            "agreed": at + timedelta(hours=part), "told": at + timedelta(days=8), "owner": seller, "area": YANGGAO, "other": SHUIXIANG,
        }  # fmt: skip
        bought = {**values, "owner": buyer, "area": SHUIXIANG}
        for statement, kind, given in (
            (_POST, "supply", values), (_POST, "demand", bought), (_ITEM, "supply", values), (_ITEM, "demand", bought),
            (_MATCH, "", values), (_DEAL, "", values),
        ):  # fmt: skip
            made = text(statement.format(numbers=_NUMBERS, kind=kind))
            names = [name for name in given if f":{name}" in made.text]
            typed = [
                bindparam(name, type_=UtcDateTime()) for name in ("at", "agreed", "told") if name in names
            ]
            session.execute(made.bindparams(*typed), {name: given[name] for name in names})
