"""Signing and following in a real browser: on a phone, live, and without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from farmerline.messages import ReceiptState
from farmerline.models import Account, Alert, AlertState, Colour, Delivery, Reach
from tests.factories import SHUIXIANG, XINDONG
from tests.site import bring_session, open_site
from tests.web.bureau import Desk, open_desk
from tests.web.fit import assert_fits

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    with open_desk(sqlite_url, tmp_path, sms_signature="慈溪农业") as made:
        for name in ("杨大山", "杨阿毛", "沈桂香"):
            made.bureau.person(name, area_code=SHUIXIANG)
        yield made


@pytest.fixture
def site(desk: Desk) -> Iterator[str]:
    with open_site(desk.service.app) as address:
        yield address


def let_in(page: Page, desk: Desk, site: str, who: Account) -> None:
    bring_session(page, site, desk.browser(who))


def going_out(desk: Desk, **values: object) -> tuple[Alert, list[Delivery]]:
    alert = desk.bureau.issue(areas=(SHUIXIANG, XINDONG), **values)
    desk.bureau.hand_over()
    return alert, [one for one in desk.bureau.messages(alert) if one.channel == "sms"]


def test_an_alert_is_signed_on_a_phone(desk: Desk, site: str, page: Page) -> None:
    alert = desk.waiting(areas=(SHUIXIANG,))
    let_in(page, desk, site, desk.signer)
    page.goto(f"{site}/alerts/waiting")
    page.click("text=看清，签")
    page.wait_for_url(re.compile(r"/sign$"))
    assert "3人马上收到" in page.inner_text("h1")
    page.fill("#people", "2")
    page.fill("#code", desk.bureau.code(desk.signer))
    page.click("text=签发，现在就发")
    assert "请再抄一遍" in page.inner_text("[role=alert]")
    assert page.input_value("#code") == ""
    page.fill("#people", "3")
    page.fill("#code", desk.bureau.code(desk.signer))
    page.click("text=签发，现在就发")
    page.wait_for_url(re.compile(r"/run$"))
    assert desk.bureau.get(alert).state is AlertState.RUNNING


def test_a_receipt_is_seen_within_two_seconds_without_losing_one_s_place(
    desk: Desk, site: str, page: Page
) -> None:
    alert, texts = going_out(desk, colour=Colour.BLUE)
    with desk.service.write() as rows:
        for one in texts[1:]:
            row = rows.get_one(Reach, (alert.id, one.account_id))
            row.step, row.listed_at = "list", desk.bureau.now
    let_in(page, desk, site, desk.officer)
    page.goto(f"{site}/alerts/{alert.number}/run")
    assert "还有3人没收到" in page.inner_text("h1")
    held = f"#b-who-{texts[2].account_id}"
    page.focus(held)
    desk.bureau.report(texts[0], ReceiptState.DELIVERED)
    began = monotonic()
    page.locator("h1", has_text="还有2人没收到").wait_for(timeout=5000)
    assert monotonic() - began < 2
    desk.bureau.report(texts[1], ReceiptState.DELIVERED)
    page.locator("h1", has_text="还有1人没收到").wait_for(timeout=5000)
    assert page.evaluate("document.activeElement.id") == held[1:]
    page.click(held)
    page.wait_for_url(re.compile("p-people$"))
    assert "施植保去" in page.inner_text("#p-people")


@pytest.mark.long
def test_the_pages_fit_a_phone_and_a_desk_in_both_languages(desk: Desk, site: str, page: Page) -> None:
    alert, texts = going_out(desk)
    desk.bureau.report(texts[0], ReceiptState.FAILED, "unreachable_phone")
    desk.bureau.report(texts[1], ReceiptState.DELIVERED)
    waits = desk.waiting(areas=(SHUIXIANG,), colour=Colour.RED)
    alone = desk.waiting(areas=(SHUIXIANG,), colour=Colour.RED)
    desk.bureau.wait(minutes=10)
    code = desk.bureau.code(desk.officer)
    desk.press(desk.officer, f"/alerts/{alone.number}/alone", seen=1, code=code)
    desk.press(desk.officer, f"/alerts/{alert.number}/act", act="pause")
    desk.browser(desk.officer).get("/me/password")  # reads away what was said
    pages = ("waiting", "running", f"{waits.number}/sign", f"{alert.number}/run", f"{alone.number}/review")
    for who in (desk.officer, desk.signer):
        page.context.clear_cookies()
        let_in(page, desk, site, who)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            for where in pages:
                for more in ("lang=en&big=0", "lang=zh&big=1"):
                    page.goto(f"{site}/alerts/{where}?{more}")
                    assert_fits(page)


def test_without_a_script_the_page_is_loaded_anew(desk: Desk, site: str, page: Page) -> None:
    alert, _texts = going_out(desk)
    let_in(page, desk, site, desk.officer)
    browser = page.context.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False, locale="zh-CN")
    plain.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    sheet = plain.new_page()
    sheet.goto(f"{site}/alerts/{alert.number}/run")
    assert sheet.locator("noscript meta[http-equiv=refresh]").count() or "refresh" in sheet.content()
    sheet.click("text=先停一停")
    sheet.wait_for_url(re.compile("/run$"))
    assert desk.bureau.get(alert).state is AlertState.PAUSED
    plain.close()
