"""The list of alerts, the page an alert's state calls for, and what everybody may know of an alert."""

from __future__ import annotations

import re
from datetime import timedelta

import html5lib
import pytest
from flask.testing import FlaskClient

from farmerline.models import Account, Alert, AlertState, DrillMember, Role
from tests.factories import COUNTY, SHUIXIANG
from tests.service import Service
from tests.web.composing import fill, only_alert, sign, void


@pytest.fixture
def signer(service: Service) -> Account:
    return service.staff(Role.SIGNER, COUNTY, "马月琴", home=SHUIXIANG)


@pytest.fixture
def officer(service: Service, signer: Account) -> Account:
    return service.staff(Role.OFFICER, COUNTY, "孙建波", home=SHUIXIANG)


@pytest.fixture
def browser(service: Service, officer: Account) -> FlaskClient:
    service.person("杨永根")
    return service.client(officer)


def shown(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))


def asked(service: Service, number: str) -> str:
    """What a stranger is told of a number."""
    answer = service.client().get("/check", query_string={"number": number})
    assert answer.status_code == 200
    html5lib.HTMLParser(strict=True).parse(answer.text)
    found = re.search(r'id="answer">(.*?)</div>', answer.text, re.DOTALL)
    return shown(found[1]).strip() if found else ""


def test_a_number_leads_to_the_page_for_its_state(
    service: Service, browser: FlaskClient, signer: Account
) -> None:
    def page() -> str:
        return browser.get("/alerts/2026-1").location.rsplit("/", 1)[1]

    fill(service, browser, "save")
    assert page() == "edit"
    assert service.client(signer).get("/alerts/2026-1").location.endswith("/sign")
    fill(service, browser, "submit", "/alerts/2026-1/edit", seen="1")
    assert page() == "sign"
    sign(service, signer, only_alert(service))
    assert page() == "run"
    assert browser.get("/alerts/2026-2").status_code == 404


def test_the_list_says_how_each_alert_stands(service: Service, browser: FlaskClient, signer: Account) -> None:
    assert "还没有写过情报" in browser.get("/alerts").text
    fill(service, browser, "save")
    assert "在写" in browser.get("/alerts").text and "眼下没有情报在发" in browser.get("/alerts").text
    fill(service, browser, "submit", "/alerts/2026-1/edit", seen="1")
    sign(service, signer, only_alert(service))
    text = browser.get("/alerts").text
    html5lib.HTMLParser(strict=True).parse(text)
    for words in ("有1条情报正在发", "橙色 ■■■□", "2026-1号 西兰花斜纹夜蛾", "1人没告诉到", "孙建波"):
        assert words in shown(text)
    assert 'href="/alerts/new"' not in service.client(signer).get("/alerts").text.split("<main")[1]
    assert service.client(service.person("罗一")).get("/alerts").status_code == 404


def test_anybody_may_ask_whether_an_alert_is_real(
    service: Service, browser: FlaskClient, signer: Account, officer: Account
) -> None:
    assert asked(service, "") == ""
    fill(service, browser, "save")
    for unknown in ("2026-1", "2026-77", "您好", "9" * 30, "<b>"):
        assert "△" in asked(service, unknown) and "没有" in asked(service, unknown), unknown
    fill(service, browser, "submit", "/alerts/2026-1/edit", seen="1")
    sign(service, signer, only_alert(service))
    for written in ("2026-1", "2026年第1号", " 26-1 "):
        told = asked(service, written)
        assert told.startswith("● 是真的") and "马月琴" in told and "橙色" in told, written
    service.clock.advance(timedelta(days=30))
    assert asked(service, "2026-1").startswith("○")
    service.clock.advance(-timedelta(days=30))
    void(service, officer, only_alert(service))
    assert asked(service, "2026-1").startswith("×") and "作废" in asked(service, "2026-1")


def test_the_full_text_is_for_everybody_once_it_was_issued(
    service: Service, browser: FlaskClient, signer: Account, officer: Account
) -> None:
    stranger = service.client()
    fill(service, browser, "submit")
    assert stranger.get("/alerts/2026-1/read").status_code == 404
    sign(service, signer, only_alert(service))
    page = stranger.get("/alerts/2026-1/read").text
    html5lib.HTMLParser(strict=True).parse(page)
    for words in ("是真的，现在有效", "先看后打。", "龙山镇杨高村", "偏重", "12月4日", "马月琴"):
        assert words in shown(page), words
    assert "杨永根" not in page and "drill" not in page
    newer = void(service, officer, only_alert(service))
    page = shown(stranger.get("/alerts/2026-1/read").text)
    assert "这条作废了，不要照做" in page and f"现在有效的是：{newer.number}" in page
    assert "接着2026-1" in shown(stranger.get(f"/alerts/{newer.number}/read").text)


def test_an_exercise_says_on_every_page_that_it_is_one(
    service: Service, browser: FlaskClient, signer: Account, officer: Account
) -> None:
    farmer = service.person("罗一")
    with service.write() as rows:
        rows.add(DrillMember(account_id=farmer.id, added_by=officer.id, added_at=service.now))
    handed = fill(service, browser, "submit", exercise="yes").location
    assert 'class="drill"' in browser.get(handed).text
    sign(service, signer, only_alert(service))
    page = service.client().get("/alerts/2026-Y1/read").text
    assert 'class="drill"' in page and "<title>【演练】" in page and "只是演练" in page
    assert "演练" in asked(service, "2026-Y1")
    assert "演练，不是真的" in shown(browser.get("/alerts").text)


@pytest.mark.parametrize("address", ["2026-0", "2026-01", "1999-1", "2026-12345", "2026-y1", "2026-Y"])
def test_what_is_no_number_is_no_address(service: Service, browser: FlaskClient, address: str) -> None:
    assert browser.get(f"/alerts/{address}").status_code == 404
    assert browser.get(f"/alerts/{address}/read").status_code == 404


def test_a_follower_of_a_replaced_alert_is_named(
    service: Service, browser: FlaskClient, signer: Account
) -> None:
    fill(service, browser, "submit")
    sign(service, signer, only_alert(service))
    with service.write() as rows:
        first = rows.get_one(Alert, only_alert(service).id)
        first.state = AlertState.REPLACED
    assert asked(service, "2026-1").startswith("○")
    assert "有新的替下了它" in service.client().get("/alerts/2026-1/read").text
