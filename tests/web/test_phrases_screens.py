"""Recording a phrase in a browser: the pages fit their screens, the microphone's sound becomes what callers hear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from farmerline.models import Role
from tests.service import Service
from tests.site import bring_session, open_site
from tests.web.fit import assert_all_fit

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.long]
PHRASE = "/publish/phrases/main/main-1"


@pytest.fixture
def site(service: Service, page: Page) -> Iterator[str]:
    """The address of the running service, a publisher being signed in."""
    with open_site(service.app) as address:
        bring_session(page, address, service.client(service.staff(Role.PUBLISHER)))
        yield address


def test_the_pages_fit_their_screens(service: Service, site: str, page: Page) -> None:
    service.runtime.speech.pronunciation.keep("浒山", "xu3 shan1")
    assert_all_fit(page, site, ["/publish/phrases", PHRASE, "/publish/readings"])


def test_what_the_microphone_hears_is_kept_and_the_next_phrase_follows(
    service: Service, site: str, page: Page
) -> None:
    page.goto(site + PHRASE)
    page.click("text=开始录")
    page.wait_for_timeout(3000)
    page.click("text=停")
    assert page.locator("audio[src^=blob]").is_visible()
    with page.expect_navigation():
        page.click("button.go")
    assert page.url.endswith("/main-2") or "声音" in page.inner_text("main")
    page.goto(site + PHRASE)
    assert "来电听到您的录音" in page.inner_text("main")
