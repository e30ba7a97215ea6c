"""Prices on pages: a market's day entered, a list taken in, what is held, the chart, and who finds no such desk."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from farmerline.clock import local
from farmerline.models import Good, Market, Price, PriceState, Role
from tests.factories import COUNTY, NOW, TOWN
from tests.service import Service, mark

START = "/publish/prices"
LISTS = f"{START}/lists"
TODAY = local(NOW).date()


@pytest.fixture
def writer(service: Service) -> FlaskClient:
    """The publisher's browser, with a market and a good on the lists."""
    browser = service.client(service.staff(Role.PUBLISHER, COUNTY, "沈秋月"))
    service.post(browser, f"{LISTS}/market", page=LISTS, market="龙山市场", area_code=TOWN)
    service.post(browser, f"{LISTS}/good", page=LISTS, product="葡萄", grade="夏黑", unit="斤")
    return browser


def ids(service: Service) -> tuple[str, str]:
    with service.rows() as rows:
        return rows.query(Market.id).scalar(), rows.query(Good.id).scalar()


def enter(service: Service, browser: FlaskClient, said: str, back: int = 0) -> Any:
    market, good = ids(service)
    day = TODAY - timedelta(days=back)
    return service.post(browser, START, market=market, day=str(day), **{f"p{good}": said})


def test_a_days_prices_are_entered_and_everybody_sees_them(service: Service, writer: FlaskClient) -> None:
    public = service.client()
    assert "眼下没有这样的价格" in public.get("/prices").text
    for back in range(7, -1, -1):
        assert enter(service, writer, f"{3.6 + back / 100}", back).status_code == 303
    page = public.get("/prices?q=葡萄").text
    assert "葡萄(夏黑)" in page and "3.6元/斤" in page and "比上周便宜0.07元" in page
    one = public.get(f"/prices/{ids(service)[1]}").text
    assert "<h1>葡萄(夏黑)3.6元/斤</h1>" in one and "<svg" in one and "龙山市场" in one
    file = public.get(f"/prices/{ids(service)[1]}.csv").get_data(as_text=True)
    assert f"{TODAY},龙山市场,葡萄(夏黑),3.6,斤" in file
    wrong = enter(service, writer, "三块六")
    assert wrong.status_code == 422 and "三块六" in wrong.text and "价格请写数字" in wrong.text


def test_a_held_price_is_settled_by_somebody_else(service: Service, writer: FlaskClient) -> None:
    for back in range(5, 0, -1):
        enter(service, writer, "3.6", back)
    enter(service, writer, "7.2")
    assert "等别人来看" in writer.get(START).text and "7.2" not in service.client().get("/prices").text
    with service.rows() as rows:
        held = rows.query(Price).filter_by(state=PriceState.HELD).one().id
    officer = service.client(service.staff(Role.OFFICER, COUNTY, "岑植保"))
    assert "有1个价格等人再看一眼" in officer.get(START).text
    assert service.post(officer, f"{START}/{held}/show", page=START).status_code == 303
    assert "7.2元/斤" in service.client().get("/prices").text


def test_a_file_with_faults_comes_back_to_be_mended(service: Service, writer: FlaskClient) -> None:
    body = f"日期,市场,品种,等级,价格\n{TODAY},龙山市场,葡萄,夏黑,3.6\n{TODAY},龙山市场,火星果,,3\n".encode()
    sent = {"csrf_token": mark(writer, START), "file": (BytesIO(body), "行情.csv")}
    answer = writer.post(f"{START}/file", data=sent, content_type="multipart/form-data")
    assert "有1行要改，存下1行" in answer.text and "品种表里没有火星果" in answer.text
    rows = "日期,市场,品种,等级,价格,原因\n2026-11-20,龙山市场,火星果,,3,品种表里没有火星果。\n"
    back = service.post(writer, f"{START}/to-fix.csv", page=START, rows=rows)
    assert back.mimetype == "text/csv" and "火星果" in back.text
    empty = writer.post(f"{START}/file", data={"csrf_token": mark(writer, START)})
    assert empty.status_code == 422 and "请选文件" in empty.text


def test_a_closed_market_takes_no_more_prices(service: Service, writer: FlaskClient) -> None:
    market, _good = ids(service)
    assert (
        "已经有了"
        in service.post(writer, f"{LISTS}/market", page=LISTS, market="龙山市场", area_code=TOWN).text
    )
    service.post(writer, f"{LISTS}/market/{market}/close", page=LISTS)
    assert "已停" in writer.get(LISTS).text and enter(service, writer, "3.6").status_code in {303, 422}
    with service.rows() as rows:
        assert rows.query(Price).count() == 0


@pytest.mark.parametrize("role", [Role.CONTACT, Role.FARMER, Role.EXPERT, Role.ADMIN])
def test_who_publishes_nothing_enters_no_prices(service: Service, role: Role) -> None:
    who = service.person() if role is Role.FARMER else service.staff(role, COUNTY, "别人")
    browser = service.client(who)
    assert browser.get(START).status_code == 404 and browser.get(LISTS).status_code == 404
