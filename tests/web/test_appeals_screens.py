"""The appeal's pages in a real browser: they fit a phone and a desk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from farmerline.models import Account, CaseKind, Role
from tests.factories import YANGGAO
from tests.service import Service
from tests.site import bring_session, open_site
from tests.web.fit import assert_all_fit
from tests.web.test_appeals import PROMISE, case_number

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def site(service: Service) -> Iterator[str]:
    with open_site(service.app) as address:
        yield address


def become(service: Service, page: Page, site: str, who: Account) -> None:
    """Sign in as this person."""
    browser = service.client(who)
    browser.get("/me")
    bring_session(page, site, browser)


@pytest.mark.long
def test_the_pages_fit_their_screens(service: Service, site: str, page: Page) -> None:
    seller, boss = service.person("杨永根", reviewed=True), service.staff(Role.ADMIN, name="陈志远")
    helper = service.staff(Role.CONTACT, YANGGAO, "岑美芳")
    refused, held = service.publish(seller, PROMISE), service.publish(seller, "卖复合肥20袋120元一袋")
    number = case_number(service, CaseKind.REVIEW) - 1
    desk = service.client(helper)
    service.post(
        desk,
        f"/desk/cases/{number}/review",
        page=f"/desk/cases/{number}",
        decision="withdraw",
        reason="说不清谁回收",
    )
    become(service, page, site, seller)
    assert_all_fit(page, site, ["/me", f"/me/posts/{held}", f"/me/posts/{refused}"])
    become(service, page, site, helper)
    assert_all_fit(page, site, [f"/desk/cases/{number}", f"/desk/cases/{number + 1}"])
    service.text(seller, "申诉1001 合同在村里看过，收购的厂子我去过两回，钱也付过定金")
    become(service, page, site, boss)
    assert_all_fit(page, site, ["/admin", f"/admin/appeals/{case_number(service, CaseKind.APPEAL)}"])
