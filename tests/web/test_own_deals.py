"""One's own deals on pages: the ledger and its file, one deal put right, its slip with both names and no number."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import select

from farmerline.domain import deals
from farmerline.messages import Channel
from farmerline.models import Account, Deal, Match, MatchState, Outcome
from farmerline.queries import own_deals
from tests.factories import SHUIXIANG
from tests.render.reading import read_pages, read_text
from tests.service import Service


def dealt(service: Service) -> tuple[Account, Account]:
    """Somebody sold 1.5 t of broccoli to somebody of another town."""
    seller, buyer = service.person("杨永根"), service.person("陈小梅", area_code=SHUIXIANG)
    service.publish(seller, "卖 西兰花 3000斤 1.5元/斤")
    service.publish(buyer, "求购 西兰花 3000斤")
    with service.write() as rows:
        (match,) = rows.scalars(select(Match)).all()
        match.state, match.agreed_at = MatchState.AGREED, service.now
        teller = rows.get_one(Account, buyer.id)
        deals.record(
            rows,
            match,
            outcome=Outcome.SOLD,
            by=teller,
            teller=teller,
            channel=Channel.SMS,
            qty=None,
            now=service.now,
        )
    return seller, buyer


def test_a_deal_stands_in_both_ledgers_is_put_right_and_printed(service: Service) -> None:
    """M06."""
    seller, buyer = dealt(service)
    sells, buys = service.client(seller), service.client(buyer)
    page = sells.get("/me/deals").text
    assert "2026年：卖1笔，买0笔" in page and "陈小梅" in page and "1.5吨" in page and "宁波市慈溪市" in page
    assert "卖0笔，买1笔" in buys.get("/me/deals").text
    file = sells.get("/me/deals.csv?year=2026")
    heads, line = csv.reader(io.StringIO(file.text.lstrip("\ufeff")))
    assert dict(zip(heads, line, strict=True))["yuan"] == "4500.0"
    assert "2025年还没有成交" in sells.get("/me/deals?year=2025").text
    wrong = service.post(buys, "/me/deals/1", amount="不知道", price="1.5")
    assert wrong.status_code == 422 and "不知道" in wrong.text
    assert service.post(buys, "/me/deals/1", amount="2800斤", price="1.4").status_code == 303
    assert "由陈小梅改正" in sells.get("/me/deals/1").text
    pdf = sells.get("/me/deals/1.pdf").data
    words = read_text(pdf).replace("\n", "")
    assert len(read_pages(pdf)) == 1
    assert [words.count(each) for each in ("杨永根", "陈小梅", "2800斤", "3920元")] == [2, 6, 2, 2]
    for account in (seller, buyer):
        assert account.phone is not None and account.phone[-8:] not in words
    with service.rows() as rows:
        assert rows.scalars(select(Deal)).one().qty == 1400


def test_nobody_else_sees_a_deal_and_everybody_sees_sums_without_names(service: Service) -> None:
    dealt(service)
    stranger = service.client(service.person("罗一"))
    assert "陈小梅" not in stranger.get("/me/deals").text
    for address in ("/me/deals/1", "/me/deals/1.pdf", "/me/deals/9"):
        assert stranger.get(address).status_code == 404
    assert service.post(stranger, "/me/deals/1", page="/me", amount="1斤", price="").status_code == 404
    page = service.client().get("/deals").text
    assert "2026年：1笔<" in page and "1.5吨" not in page and "西兰花" not in page and "不单列的：1笔" in page
    daily = service.client().get("/daily").text
    assert "说成了1笔。" in daily and "1.5吨" not in daily


def test_a_page_cut_short_says_so_and_its_sums_and_file_are_of_all(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    seller, _buyer = dealt(service)
    browser = service.client(seller)
    assert "合计和文件里是全部" not in browser.get("/me/deals").text
    monkeypatch.setattr(own_deals, "MOST", 0)
    page = browser.get("/me/deals").text
    assert "2026年：卖1笔，买0笔" in page and "1.5吨" in page and "一共1笔，这里列最近0笔" in page
    assert len(list(csv.reader(io.StringIO(browser.get("/me/deals.csv?year=2026").text)))) == 2
