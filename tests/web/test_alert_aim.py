"""Whom an alert goes to, filled in on the form: by distance, under a kept name, by group; and its dry run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient

from farmerline.domain import areas
from farmerline.models import Account, Alert, Role, SavedAudience
from tests import factories
from tests.factories import COUNTY, XINDONG, YANGGAO
from tests.service import Service
from tests.site import bring_session, open_site
from tests.web.composing import fill, only_alert, refusals
from tests.web.fit import assert_fits

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def browser(service: Service) -> FlaskClient:
    for name in ("杨永根", "沈桂香"):
        service.person(name)
    with service.write() as rows:
        areas.put_positions(rows, {YANGGAO: (30.06, 121.55), XINDONG: (30.08, 121.56)})
    return service.client(service.staff(Role.OFFICER, COUNTY, "孙建波"))


def ticked(page: str) -> set[str]:
    return set(re.findall(r"value=(\d+) checked", page))


def test_villages_are_ticked_by_distance_and_those_without_a_place_are_named(
    service: Service, browser: FlaskClient
) -> None:
    service.person("远人", area_code="330282112209")
    page = fill(service, browser, "circle", centre="杨高村", km="5", a=[]).text
    assert ticked(page) == {YANGGAO, XINDONG}
    assert "有2个村在里面" in page and "住着1人，都没勾" in page and "水湘村" in page
    for centre, km, said in (
        ("水湘村", "5", "没有水湘村"),
        ("杨高村", "很远", "请写1到100公里"),
        ("", "5", ""),
    ):
        refused = fill(service, browser, "circle", centre=centre, km=km, a=[XINDONG])
        assert refused.status_code == 422 and said in refused.text
        assert ticked(refused.text) == {XINDONG}
    with service.rows() as rows:
        assert rows.query(Alert).count() == 0


def test_an_audience_is_kept_under_a_name_and_filled_in_again(service: Service, browser: FlaskClient) -> None:
    kept = fill(service, browser, "keep", audience_name="龙山两村", a=[YANGGAO, XINDONG])
    assert kept.status_code == 200 and "存下了，叫“龙山两村”" in kept.text
    with service.rows() as rows:
        row = rows.query(SavedAudience).one()
    assert ticked(fill(service, browser, "use", audience=row.id, a=[]).text) == {YANGGAO, XINDONG}
    assert fill(service, browser, "use", audience="0" * 32).status_code == 404
    assert fill(service, browser, "keep", audience_name="").status_code == 422
    assert refusals(service) == ["audience_name"]


def test_the_dry_run_shows_ten_peoples_words_and_sends_nothing(
    service: Service, browser: FlaskClient
) -> None:
    fill(service, browser, "save")
    page = browser.get("/alerts/2026-1/try").text
    assert "现在什么都没发" in page and page.count('class="bub"') == 3
    assert "看懂回1[Z11]" in page and "杨永根" in page
    alert = only_alert(service)
    assert alert.campaign_id is None and alert.state == "draft"
    fill(service, browser, "save", "/alerts/2026-1/edit", seen="1", audience_crop="葡萄")
    assert "谁也收不到" in browser.get("/alerts/2026-1/try").text


@pytest.mark.browser
@pytest.mark.long
def test_the_dry_run_fits_a_phone_and_a_desk(service: Service, browser: FlaskClient, page: Page) -> None:
    fill(service, browser, "save")
    with open_site(service.app) as site:
        bring_session(page, site, browser)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            for address in ("/alerts/2026-1/try", "/alerts/new"):
                for mode in ("lang=en&big=0", "lang=zh&big=1"):
                    page.goto(f"{site}{address}?{mode}")
                    assert_fits(page)


def test_only_members_of_the_group_are_counted(service: Service, browser: FlaskClient) -> None:
    with service.write() as rows:
        coop = factories.make_organisation(rows, now=service.now)
    member = service.person("社员")
    with service.write() as rows:
        rows.get_one(Account, member.id).organisation_id = coop.id
    assert "青浦果品有限公司，1人" in browser.get("/alerts/new").text
    fill(service, browser, "submit", audience_group=coop.id)
    assert only_alert(service).people == 1
