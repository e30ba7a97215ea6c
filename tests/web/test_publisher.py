"""Tips: written, counted, sent or left, stopped."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from farmerline.domain import campaigns
from farmerline.models import Campaign, CampaignState, Delivery, Purpose, Role
from tests.factories import COUNTY, SHUIXIANG, TOWN, YANGGAO
from tests.service import Service

TIP = "榨菜播种，这十天正好。退订回TD"


@pytest.fixture
def browser(service: Service) -> FlaskClient:
    return service.client(service.staff(Role.PUBLISHER, COUNTY, "沈秋月"))


def campaign(service: Service) -> Campaign:
    with service.rows() as rows:
        return rows.scalars(select(Campaign)).one()


def test_a_tip_is_counted_first_and_sent_by_a_second_press(service: Service, browser: FlaskClient) -> None:
    wants = service.person("杨永根", tips=True)
    service.person("沈桂香")
    assert "0字" in browser.get("/publish/tips").text
    asked = service.post(browser, "/publish/tips", text=TIP)
    assert asked.status_code == 303
    page = browser.get(asked.location).text
    assert "发给1人" in page and "每人1条" in page and "现在就发" in page
    assert campaign(service).state is CampaignState.PLANNED
    assert service.post(browser, f"{asked.location}/start", page=asked.location).status_code == 303
    with service.write() as rows:
        campaigns.fan_out(rows, campaign(service).id, now=service.now)
    with service.rows() as rows:
        told = rows.scalars(select(Delivery).where(Delivery.purpose == Purpose.TIPS)).one()
        assert told.account_id == wants.id and told.text == TIP
    assert service.post(browser, f"{asked.location}/start", page=asked.location).status_code == 409
    service.post(browser, f"{asked.location}/stop", page=asked.location)
    assert campaign(service).state is CampaignState.STOPPED
    assert "停了" in browser.get(asked.location).text


def test_the_form_sent_twice_plans_one_tip(service: Service, browser: FlaskClient) -> None:
    service.person("杨永根", tips=True)
    first = service.post(browser, "/publish/tips", text=TIP, area_code=TOWN)
    assert service.post(browser, "/publish/tips", text=TIP, area_code=TOWN).location == first.location
    assert campaign(service).area_code == TOWN


@pytest.mark.parametrize("text", ["", "  ", "字" * 600])
def test_a_tip_that_will_not_do_is_kept(service: Service, browser: FlaskClient, text: str) -> None:
    answer = service.post(browser, "/publish/tips", text=text)
    assert answer.status_code == 422 and 'role="alert"' in answer.text and text.strip() in answer.text


def test_a_list_nobody_is_on_cannot_be_sent(service: Service, browser: FlaskClient) -> None:
    asked = service.post(browser, "/publish/tips", text=TIP).location
    assert "还没有人愿意收" in browser.get(asked).text
    assert service.post(browser, f"{asked}/start", page=asked).status_code == 409


def test_who_asked_since_is_counted_again(service: Service, browser: FlaskClient) -> None:
    asked = service.post(browser, "/publish/tips", text=TIP).location
    service.person("杨永根", tips=True)
    service.post(browser, f"{asked}/freeze", page=asked)
    assert "发给1人" in browser.get(asked).text


def test_a_publisher_of_one_village_reaches_no_other(service: Service, browser: FlaskClient) -> None:
    asked = service.post(browser, "/publish/tips", text=TIP).location
    village = service.client(service.staff(Role.PUBLISHER, YANGGAO, "岑美芳"))
    assert village.get(asked).status_code == 404
    assert service.post(village, f"{asked}/start", page="/publish/tips").status_code == 404
    assert service.post(village, "/publish/tips", text=TIP, area_code=SHUIXIANG).status_code == 404
    assert service.post(village, "/publish/tips", text=TIP).status_code == 303
    assert service.client(service.person()).get("/publish/tips").status_code == 404
