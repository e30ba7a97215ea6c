"""The report of deals on its page: who sees which places, the file, nothing yet, a period that cannot be."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from farmerline.domain import deals
from farmerline.messages import Channel
from farmerline.models import Account, Match, MatchState, NoReason, Outcome, Role
from farmerline.web.tables import as_csv
from tests.factories import COUNTY, SHUIXIANG, TOWN, YANGGAO
from tests.service import PASSWORD, Service
from tests.site import open_site
from tests.web.fit import assert_all_fit

if TYPE_CHECKING:
    from playwright.sync_api import Page

GOODS = (
    ("稻谷", "3000斤", 400.0),
    ("土豆", "900斤", 200.0),
    ("西瓜", "5000斤", None),
    ("葡萄", "600斤", None),
)


def fill(service: Service) -> None:
    """Four matches whose numbers were shown: two deals, one without an amount, one that came to nothing."""
    seller, buyer = service.person("杨永根"), service.person("陈小梅", area_code=SHUIXIANG)
    for name, qty, _sold in GOODS:
        service.publish(seller, f"卖 {name} {qty} 1元/斤")
        service.publish(buyer, f"求购 {name} {qty}")
    with service.write() as rows:
        teller = rows.get_one(Account, buyer.id)
        for match in rows.scalars(select(Match)).all():
            match.state, match.agreed_at = MatchState.AGREED, service.now
            sold = next(one[2] for one in GOODS if one[0] in match.supply_post.text)
            none = "葡萄" in match.supply_post.text
            outcome = Outcome.NO if none else Outcome.SOLD if sold else Outcome.PARTLY
            deals.record(
                rows,
                match,
                outcome=outcome,
                by=teller,
                teller=teller,
                channel=Channel.SMS,
                qty=sold,
                now=service.now,
            )
            if none:
                match.no_reason = NoReason.PRICE


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OFFICER, Role.PUBLISHER])
def test_who_answers_for_an_area_sees_its_deals(service: Service, role: Role) -> None:
    """M06: a ledger with its way of counting stated."""
    fill(service)
    page = service.client(service.staff(role, COUNTY)).get("/reports/deals").text
    for words in ("慈溪市的成交", "37.5", "0.6吨", "价钱", "怎么算的", "按重量卖的合成吨", "水稻"):
        assert words in page, words
    assert "陈小梅" not in page and "杨永根" not in page


def test_another_place_and_people_without_the_role_see_nothing(service: Service) -> None:
    fill(service)
    village = service.client(service.staff(Role.PUBLISHER, SHUIXIANG, "岑美芳"))
    assert village.get("/reports/deals").status_code == 200
    for address in (
        f"/reports/deals?area={COUNTY}",
        f"/reports/deals.csv?area={YANGGAO}",
        "/reports/deals?area=33028",
    ):
        assert village.get(address).status_code == 404, address
    publisher = service.client(service.staff(Role.PUBLISHER, COUNTY, "沈秋月"))
    for odd in ("330282x", "330282999", "3", "' or 1"):
        assert publisher.get("/reports/deals", query_string={"area": odd}).status_code == 404, odd
    assert service.client(service.person()).get("/reports/deals").status_code == 404
    assert (
        service.client(service.staff(Role.CONTACT, TOWN, "胡一刀")).get("/reports/deals").status_code == 404
    )
    assert service.client().get("/reports/deals").status_code == 303


def test_the_ledger_is_a_file_that_says_how_it_was_counted(service: Service) -> None:
    fill(service)
    answer = service.client(service.staff(Role.ADMIN, COUNTY)).get("/reports/deals.csv")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert lines[0] == ["crop", "destination_code", "destination", "deals", "amount", "unit"]
    assert ["水稻", "330282", "宁波市慈溪市", "1", "0.4", "t"] in lines
    assert any("一次对接只算一次" in line[0] for line in lines if line)


def test_nothing_yet_is_said(service: Service) -> None:
    page = service.client(service.staff(Role.ADMIN, COUNTY)).get("/reports/deals").text
    assert "还没有成交" in page and "下载表格" not in page


@pytest.mark.parametrize(
    "asked", ["first=2026-12-01&last=2026-11-01", "first=xx", "last=9999-99-99", "first=1900-01-01"]
)
def test_a_period_that_cannot_be_is_refused_with_the_last_year_shown(service: Service, asked: str) -> None:
    fill(service)
    answer = service.client(service.staff(Role.ADMIN, COUNTY)).get(f"/reports/deals?{asked}")
    assert answer.status_code == 422 and 'role="alert"' in answer.text and "水稻" in answer.text


@pytest.fixture
def site(service: Service) -> Iterator[str]:
    with open_site(service.app) as address:
        yield address


@pytest.mark.browser
@pytest.mark.long
def test_the_report_fits_its_screens(service: Service, site: str, page: Page) -> None:
    staff = service.staff(Role.PUBLISHER, COUNTY)
    service.give_password(staff)
    fill(service)
    page.goto(f"{site}/signin")
    page.fill("#phone", str(staff.phone))
    page.fill("#password", PASSWORD)
    page.click("main button.go")
    assert_all_fit(
        page, site, ["/reports/deals", f"/reports/deals?area={TOWN}&first=2020-01-01&last=2020-02-01"]
    )


def test_no_cell_of_a_file_for_a_spreadsheet_is_a_formula(service: Service) -> None:
    with service.app.test_request_context():
        text = as_csv([["=1+1", "+86139", "-3", "@a", " =x", "葡萄", -3, 2.5]], "t.csv").get_data(
            as_text=True
        )
    assert text.lstrip("\ufeff").strip() == "'=1+1,'+86139,'-3,'@a,' =x,葡萄,-3,2.5"
