"""The administrator erases a person: a second page asks, and nothing brings the person back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from farmerline.domain import erased_list
from farmerline.models import Account, AccountState, AuditRow, Role
from tests.factories import COUNTY, OTHER_TOWN, YANGGAO
from tests.service import Service
from tests.site import bring_session, open_site
from tests.web.fit import assert_fits

if TYPE_CHECKING:
    from playwright.sync_api import Page


def person_of(service: Service, account: Account) -> Account:
    with service.rows() as rows:
        return rows.get_one(Account, account.id)


def test_a_person_is_erased_on_the_second_page_with_a_reason_and_a_tick(service: Service) -> None:
    farmer = service.person("杨永根")
    browser = service.client(service.staff(Role.ADMIN, COUNTY, "陈志远"))
    start = f"/admin/people/{farmer.id}"
    address = f"{start}/erase"
    assert address in browser.get(start).text
    page = browser.get(address).text
    assert "注销了就回不来，从备份里也回不来" in page and "6个月" in page
    for values in ({"reason": "本人要求"}, {"sure": "1"}):
        refused = service.post(browser, address, page=address, **values)
        assert refused.status_code == 422 and person_of(service, farmer).name == "杨永根"
        if "reason" in values:
            assert 'value="本人要求"' in refused.text and "请打勾" in refused.text
    assert erased_list.read(erased_list.erased_file(service.settings.home)) == []
    answer = service.post(browser, address, page=address, reason="本人要求", sure="1")
    assert answer.status_code == 303
    gone = person_of(service, farmer)
    assert (gone.name, gone.phone, gone.state) == ("已注销", None, AccountState.LEFT)
    shown = browser.get(start)
    assert shown.status_code == 200 and "已注销" in shown.text and address not in shown.text
    assert browser.get(address).status_code == 404
    with service.rows() as rows:
        row = rows.scalars(select(AuditRow).where(AuditRow.act == "person.erase")).one()
    assert (row.subject, row.detail) == (f"account:{farmer.id}", {"reason": "本人要求"})
    assert erased_list.read(erased_list.erased_file(service.settings.home)) == [farmer.id]


def test_only_administrators_around_a_person_erase_them_and_nobody_themselves(service: Service) -> None:
    farmer, chief = service.person("杨永根"), service.staff(Role.ADMIN, COUNTY, "陈志远")
    address = f"/admin/people/{farmer.id}/erase"
    assert service.client(service.staff(Role.CONTACT, YANGGAO, "岑美芳")).get(address).status_code == 404
    assert service.client(service.staff(Role.ADMIN, OTHER_TOWN, "胡一刀")).get(address).status_code == 404
    assert service.client(chief).get(f"/admin/people/{chief.id}/erase").status_code == 404


@pytest.mark.browser
@pytest.mark.long
def test_the_page_that_asks_fits_a_phone_and_a_desk(service: Service, page: Page) -> None:
    farmer = service.person("杨永根")
    chief = service.staff(Role.ADMIN, COUNTY, "陈志远")
    client = service.client(chief)
    with open_site(service.app) as site:
        bring_session(page, site, client)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            for query in ("lang=zh", "lang=en"):
                page.goto(f"{site}/admin/people/{farmer.id}/erase?{query}")
                assert_fits(page)
