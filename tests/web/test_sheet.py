"""The wall sheet: what a village should know today on one page, for its own contact point alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from farmerline.clock import local
from farmerline.demo import articles as demo
from farmerline.domain import access, articles, prices
from farmerline.errors import Absent
from farmerline.models import Account, Role
from farmerline.queries import village_sheet
from farmerline.render.sheet import to_pdf
from farmerline.web.contact.sheet import write
from tests.factories import COUNTY, NOW, SHUIXIANG, TOWN, YANGGAO
from tests.render.reading import read_pages, read_text
from tests.service import Service


def say_something(service: Service) -> Account:
    """Nine articles, a price, and a post; returns who posted."""
    writer = service.staff(Role.PUBLISHER, COUNTY, "沈秋月")
    with service.write() as rows:
        actor = access.actor_of(rows, rows.get_one(Account, writer.id), second_factor=True)
        for wording in demo.wordings(local(NOW).date()):
            article = articles.write(rows, replace(wording, kind="work"), actor=actor, now=NOW)
            articles.issue(rows, article, actor=actor, now=NOW)
        market = prices.add_market(rows, name="龙山市场", area_code=TOWN, actor=actor, now=NOW)
        good = prices.add_good(rows, product="葡萄", grade="", unit="斤", county=COUNTY, actor=actor, now=NOW)
        prices.enter(rows, market=market, good=good, day=local(NOW).date(), yuan=4.2, actor=actor, now=NOW)
    seller = service.person("岑利民")
    asked = service.text(seller, "卖土豆3000斤8毛一斤")
    service.text(seller, f"1 {asked.question_code}")
    return seller


def test_a_contact_point_prints_the_sheet_of_its_own_village_only(service: Service) -> None:
    """M02, M14."""
    seller = say_something(service)
    browser = service.client(service.staff(Role.CONTACT, YANGGAO, "杨联络"))
    today = browser.get("/desk").text
    assert f"/desk/sheet/{YANGGAO}.pdf" in today and "要打印：9条新的" in today
    assert "新到本村" in today and "西兰花" in today
    answer = browser.get(f"/desk/sheet/{YANGGAO}.pdf")
    assert answer.mimetype == "application/pdf"
    said = read_text(answer.data)
    for words in (
        "杨高村村务公开栏",
        "这里眼下没有病虫情报",
        "西兰花地头价稳",
        "葡萄 4.2元/斤 龙山市场",
        "土豆",
        "打电话或发短信",
    ):
        assert words in said, words
    assert "没有新的要打印" in browser.get("/desk").text
    assert "岑利民" not in said and seller.phone[-8:] not in said
    assert browser.get(f"/desk/sheet/{SHUIXIANG}.pdf").status_code == 404
    assert browser.get("/desk/sheet/１２３４５６７８９０１２.pdf").status_code == 404
    assert service.client(service.person("陈小梅")).get(f"/desk/sheet/{YANGGAO}.pdf").status_code == 404


def test_however_much_there_is_it_stays_one_page(service: Service) -> None:
    say_something(service)
    with service.rows() as rows:
        found = village_sheet.sheet(rows, YANGGAO, now=NOW)
    long = "很长的一句话" * 12
    crowded = replace(
        found,
        alerts=tuple((f"2026-{n}", long) for n in range(6)),
        articles=tuple((str(n), long, long) for n in range(20)),
        offers=found.offers * 30,
    )
    for language in ("zh", "en"):
        pdf = to_pdf(write(crowded, settings=service.settings, language=language, now=NOW))
        pages = read_pages(pdf)
        assert len(pages) == 1
        assert min(words.y for words in pages[0]) > 20  # nothing below the foot


@pytest.mark.parametrize("said", [YANGGAO, "杨高村", "杨高"])
def test_a_village_is_known_by_its_code_or_its_name(service: Service, said: str) -> None:
    with service.rows() as rows:
        assert village_sheet.sheet(rows, said, now=NOW).village == YANGGAO


@pytest.mark.parametrize("said", ["", "不在的村", COUNTY, "330282999999", "x" * 300])
def test_what_is_no_single_village_is_refused(service: Service, said: str) -> None:
    with service.rows() as rows, pytest.raises(Absent, match="village_unknown"):
        village_sheet.sheet(rows, said, now=NOW)
