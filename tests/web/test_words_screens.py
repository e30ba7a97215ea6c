"""The vocabulary's pages in a real browser: they fit a phone and a desk, and work with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from farmerline.models import Role, WordEdit
from tests.factories import COUNTY
from tests.service import PASSWORD, Service
from tests.site import open_site
from tests.web.fit import assert_all_fit, assert_fits

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def site(service: Service) -> Iterator[str]:
    with open_site(service.app) as address:
        yield address


@pytest.fixture
def desk(service: Service, site: str, page: Page) -> str:
    """Signed in as a publisher, with two words that wait; the address of the words."""
    person = service.staff(Role.PUBLISHER, COUNTY, "沈秋月")
    service.give_password(person)
    for word in ("鸟饭果", "奶奶草"):
        for number, name in enumerate(("杨永根", "岑利民", "沈桂香"), start=1):
            service.text(service.person(name), f"有{word}{number}00斤，3元一斤，村口自提，谁要")
    page.goto(f"{site}/signin")
    page.fill("#phone", person.phone or "")
    page.fill("#password", PASSWORD)
    page.click("main button.go")
    return f"{site}/publish/words"


@pytest.mark.long
def test_the_pages_fit_their_screens(service: Service, site: str, page: Page, desk: str) -> None:
    words = "/publish/words/word?said="
    assert_all_fit(page, site, ["/publish/tips", "/publish/words", f"{words}葡萄&act=merge"])
    assert_all_fit(page, site, [f"{words}鸟饭果", f"{words}洋芋&act=forbid"])


def test_a_word_is_settled_with_the_keyboard_alone(
    service: Service, site: str, page: Page, desk: str
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(desk)
    page.click("main .rows li:first-child a.yes")
    page.fill("#product", "蓝莓")
    with page.expect_navigation():
        page.keyboard.press("Enter")  # the first key of the form tries and saves nothing
    assert "蓝莓" in page.inner_text("main .note")
    assert_fits(page)
    with page.expect_navigation():
        page.click("main button.go")
    assert "存下了" in page.inner_text("main")
    assert_fits(page)
    page.goto(f"{desk}/word?said=洋芋")
    page.fill("#product", "葡萄")
    with page.expect_navigation():
        page.click("main button.go")
    assert "洋芋现在指马铃薯" in page.inner_text("main .bad")
    assert_fits(page)
    with page.expect_navigation():
        page.click("main .bad button.go")
    with service.rows() as rows:
        assert [row.concept for row in rows.query(WordEdit).order_by(WordEdit.serial)] == ["蓝莓", "葡萄"]
