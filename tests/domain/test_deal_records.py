"""A deal as both sides keep it: numbered, put right by either for a while, with sums by crop and destination."""

from __future__ import annotations

from datetime import date

import pytest

from farmerline.domain import deal_records, deals
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.models import Account, AuditRow, Deal
from farmerline.queries import deals_public, own_deals
from farmerline.queries.deals_report import Period
from tests.domain.talking import Village, sms_parts
from tests.domain.test_deals import agreed
from tests.factories import COUNTY


def deal(village: Village, offered: str, wanted: str) -> tuple[Account, Account, Deal]:
    """A match of these two posts that both sides call a deal."""
    seller, buyer = agreed(village, offered, wanted)
    village.wait(days=4)
    village.do(deals.ask_due, days=(3, 10))
    village.say(buyer, "1")
    return seller, buyer, village.all(Deal)[-1]


def correct(village: Village, by: Account, number: int, amount: str, price: str) -> bool:
    with village.session() as session:
        me = session.get_one(Account, by.id)
        found = deal_records.own(session, me, number)
        return deal_records.correct(
            session, found, by=me, amount=amount, price=price, channel="web", now=village.now
        )


def test_either_side_puts_a_deal_right_and_the_other_is_told(village: Village) -> None:
    """M06."""
    seller, buyer, made = deal(village, "卖西兰花3000斤1.5元一斤", "要3000斤西兰花")
    assert (made.number, made.seller_id, made.buyer_id, made.qty) == (1, seller.id, buyer.id, 1500.0)
    assert correct(village, buyer, 1, "2800", "1.4")
    assert not correct(village, seller, 1, "2800斤", "1.4元")
    told = village.heard(seller)[-1]
    assert told.startswith("陈小梅改了1号成交：西兰花2800斤，1.4元/斤") and sms_parts(told) == 1
    now = village.get(Deal, made.id)
    assert (now.qty, now.unit, now.unit_price, now.corrected_by) == (1400.0, "kg", 2.8, buyer.id)
    assert village.count(AuditRow, AuditRow.act == "deal.correct") == 1
    with village.session() as session:
        slip = own_deals.slip(session, session.get_one(Account, seller.id), 1, now=village.now)
        assert (slip.seller, slip.buyer, slip.deal.amount, slip.deal.yuan) == (
            "杨大山",
            "陈小梅",
            "2800斤",
            3920.0,
        )
        mine = own_deals.of_year(session, session.get_one(Account, seller.id), 2026)
        (line,) = own_deals.sums(mine)
        assert (line.what, line.deals, line.amount, line.unit, line.yuan) == ("西兰花", 1, 1.4, "t", 3920.0)
        assert own_deals.sums(own_deals.of_year(session, session.get_one(Account, buyer.id), 2026)) == []


def test_what_is_no_amount_or_price_nobodys_deal_and_an_old_one_are_refused(sqlite_village: Village) -> None:
    village = sqlite_village
    seller, _buyer, _made = deal(village, "卖葡萄苗2000株3元一株", "要500株葡萄苗")
    for amount, price in (
        ("很多", "3"),
        ("0株", "3"),
        ("500株", "便宜"),
        ("500株", "-1"),
        ("500株", "nan"),
        ("500株", "inf"),
    ):
        with pytest.raises(Invalid):
            correct(village, seller, 1, amount, price)
    with pytest.raises(Absent):
        correct(village, village.person("罗一"), 1, "500株", "3")
    with pytest.raises(Absent):
        correct(village, seller, 99, "500株", "3")
    village.wait(days=91)
    with pytest.raises(Conflict):
        correct(village, seller, 1, "400株", "3")


def test_the_county_shows_no_line_of_fewer_than_three_sellers(sqlite_village: Village) -> None:
    """M06."""
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    for count in (1, 2, 3):
        deal(sqlite_village, "卖西兰花3000斤1.5元一斤", "要3000斤西兰花")
        with sqlite_village.session() as session:
            seen = deals_public.ledger(session, area=COUNTY, period=year)
            hidden = count if count < deals_public.FEWEST else 0
            assert (seen.deals, seen.tonnes, seen.hidden) == (count, None if hidden else 4.5, hidden)
            assert [(one.crop, one.deals, one.amount) for one in seen.lines] == (
                [] if hidden else [("西兰花", 3, 4.5)]
            )
    for goods in (("卖葡萄苗2000株3元一株", "要500株葡萄苗"), ("卖草莓3000斤8元一斤", "要3000斤草莓")):
        with sqlite_village.session() as session:  # what is counted weighs nothing
            assert deals_public.ledger(session, area=COUNTY, period=year).tonnes == 4.5
        deal(sqlite_village, *goods)
    with sqlite_village.session() as session:  # less the line, they would be the berries of one
        seen = deals_public.ledger(session, area=COUNTY, period=year)
        assert (seen.deals, seen.tonnes, seen.hidden) == (5, None, 2)


def test_a_side_puts_a_deal_right_three_times_a_day_and_each_day_anew(village: Village) -> None:
    seller, buyer, _made = deal(village, "卖西兰花3000斤1.5元一斤", "要3000斤西兰花")
    told = len(village.heard(seller))
    for amount in ("2800斤", "2700斤", "2600斤"):
        assert correct(village, buyer, 1, amount, "1.5")
    with pytest.raises(Conflict, match="3 times today"):
        correct(village, buyer, 1, "2500斤", "1.5")
    assert not correct(village, buyer, 1, "2600斤", "1.5")  # nothing new is no correction
    assert correct(village, seller, 1, "2500斤", "1.5")  # the other side has its own three
    assert len(village.heard(seller)) == told + 3
    village.wait(days=1, minutes=1)
    assert correct(village, buyer, 1, "2400斤", "1.5")
