"""The farmer's pages in a real browser: they fit a phone and a desk; a shared computer forgets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from farmerline.models import Role
from tests import factories
from tests.service import PASSWORD, Service
from tests.site import open_site
from tests.web.fit import assert_all_fit

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def site(service: Service) -> Iterator[str]:
    with open_site(service.app) as address:
        yield address


def sign_in(page: Page, site: str, number: str) -> None:
    page.goto(f"{site}/signin")
    page.fill("#phone", number)
    page.fill("#password", PASSWORD)
    page.click("main button.go")


@pytest.mark.long
def test_the_pages_fit_their_screens_with_much_on_them(service: Service, site: str, page: Page) -> None:
    old, seller = service.person("杨永根"), service.person("岑利民", area_code=factories.SHUIXIANG)
    service.give_password(old)
    service.publish(seller, "卖 夏黑葡萄苗 2000株 3.2元/株")
    service.publish(old, "求购 葡萄苗 1500株 4元/株")
    service.text(old, "卖 西兰花 3000斤 1.5元/斤")
    service.text(old, "订 葡萄苗 夏黑葡萄")
    sign_in(page, site, old.phone)
    pages = [
        "/me",
        "/me/write?use=sell",
        "/me/letters",
        "/me/letters/new?name=杨",
        "/me/data",
        "/me/subscriptions",
        "/me/subscriptions?product=葡萄",
        "/me/password",
        "/posts/1001",
        "/",
    ]
    assert_all_fit(page, site, pages)


def test_after_the_button_the_way_back_shows_nothing_of_the_farmer(
    service: Service, site: str, page: Page
) -> None:
    operator = service.staff(Role.CONTACT, factories.TOWN, "岑美芳")
    service.give_password(operator)
    farmer = service.person("杨永根")
    service.publish(farmer, "卖 西兰花 3000斤 1.5元/斤")
    sign_in(page, site, operator.phone)
    page.goto(f"{site}/desk/people/{farmer.id}")
    page.click("form[action='/shared/start'] button")
    page.wait_for_url(re.compile("/me$"))
    page.click(".rows h3 a")
    assert "西兰花" in page.inner_text("main")
    page.click(".shared button")
    for _step in range(3):
        page.go_back()
        page.wait_for_load_state()
        assert "杨永根，" not in page.inner_text("main")
        assert not page.locator(".shared").count()


def test_a_page_left_alone_leaves_by_itself(service: Service, site: str, page: Page) -> None:
    operator = service.staff(Role.CONTACT, factories.TOWN, "岑美芳")
    service.give_password(operator)
    farmer = service.person("杨永根")
    page.clock.install()
    sign_in(page, site, operator.phone)
    page.goto(f"{site}/desk/people/{farmer.id}")
    page.click("form[action='/shared/start'] button")
    page.wait_for_url(re.compile("/me$"))
    service.clock.advance(timedelta(minutes=4))
    page.clock.fast_forward(190_000)
    page.wait_for_url(re.compile("/desk$"))
    assert not page.locator(".shared").count()
