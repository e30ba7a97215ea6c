"""The contact point's list, a farmer's alerts and the urgent letter in a real browser: they fit a phone and a desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from farmerline.models import AlertKind, AlertState, Colour, Role, Settled
from tests.factories import COUNTY, TOWN, YANGGAO
from tests.service import Service
from tests.site import bring_session, open_site
from tests.web.fit import assert_fits
from tests.web.issued import issue

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from farmerline.models import Account

pytestmark = pytest.mark.browser


def enter(page: Page, service: Service, site: str, who: Account) -> None:
    """Go in as this person: the cookie of a signed-in browser."""
    bring_session(page, site, service.client(who))


@pytest.mark.long
def test_the_pages_fit_their_screens_with_much_on_them(service: Service, page: Page) -> None:
    helper = service.staff(Role.CONTACT, YANGGAO, "岑美芳")
    officer = service.staff(Role.OFFICER, COUNTY, "励志明")
    people = [service.person(f"欧阳阿{name}") for name in "毛大小明华强"]
    issue(service, people, reach={"rings": 3, "failed_why": "unreachable_phone"}, look_step="先看叶背" * 8)
    first = issue(service, people, serial=10, state=AlertState.CANCELLED, reach={"settled": Settled.TOLD})
    issue(service, people, serial=11, kind=AlertKind.CANCEL, parent_id=first.id, colour=Colour.RED)
    issue(service, people, serial=3, exercise=True)
    pages = (
        (helper, ("/desk", "/desk/alerts")),
        (people[0], ("/me", "/me/letters")),
        (officer, ("/alerts/letters", "/alerts/letters/new")),
    )
    with open_site(service.app) as site:
        for who, places in pages:
            enter(page, service, site, who)
            for width in (360, 1280):
                page.set_viewport_size({"width": width, "height": 740})
                for where in places:
                    for more in ("lang=en&big=0", "lang=zh&big=1"):
                        page.goto(f"{site}{where}?{more}")
                        assert_fits(page)


def test_an_urgent_letter_is_written_looked_at_and_sent_on_a_phone(service: Service, page: Page) -> None:
    officer = service.staff(Role.OFFICER, COUNTY, "励志明")
    service.staff(Role.CONTACT, YANGGAO, "岑美芳")
    with open_site(service.app) as site:
        enter(page, service, site, officer)
        page.goto(f"{site}/alerts/letters/new")
        page.fill("#subject", "今晚值班")
        page.fill("#body", "台风改道，请留人接电话。")
        page.select_option("#area", TOWN)
        page.select_option("#role", "contact")
        page.click("button[value=group]")
        page.click("button[value=look]")
        assert "发给1人，对不对？" in page.inner_text("main")
        assert_fits(page)
        page.click("button[value=send]")
        assert "1人里还有1人没收到" in page.inner_text("main")
        assert_fits(page)
