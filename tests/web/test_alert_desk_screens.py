"""The pages beside the alert desk in a real browser: they fit a phone and a desk, and work with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyotp
import pytest

from farmerline.domain import access, drills, duty
from farmerline.models import Account, Credential, Role, Sighting, Task, Verdict
from tests.factories import COUNTY, SHUIXIANG, TOWN, YANGGAO
from tests.service import PASSWORD, Service
from tests.site import bring_session, open_site
from tests.web.fit import assert_all_fit, assert_fits
from tests.web.seen import report

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def site(service: Service) -> Iterator[str]:
    with open_site(service.app) as address:
        yield address


@pytest.fixture
def officer(service: Service) -> Account:
    """An officer with reports to look at, a roster and people who practise."""
    person = service.staff(Role.OFFICER, name="孙建波")
    service.give_password(person)
    reporters = [service.person(name) for name in ("杨永根", "岑利民")]
    for reporter in reporters:
        report(service, reporter, "葡萄叶子黄了一片一片的，背面有白霉")
    report(service, service.person("马小青", area_code=SHUIXIANG), crop="番茄", pest="", days_ago=1)
    signers = [service.staff(Role.SIGNER, name=name) for name in ("陈志远", "罗一")]
    with service.write() as rows:
        actor = access.actor_of(rows, rows.get_one(Account, person.id), second_factor=True)
        for one in signers:
            duty.add(rows, actor=actor, task=Task.SIGN, area_code=COUNTY, account_id=one.id, now=service.now)
        for one in reporters:
            drills.register(rows, actor=actor, account_id=one.id, now=service.now)
    return person


def code_of(service: Service, person: Account) -> str:
    with service.rows() as rows:
        return pyotp.TOTP(rows.get_one(Credential, person.id).totp).at(service.now)


def sign_in(page: Page, site: str, person: Account, code: str) -> None:
    page.goto(f"{site}/signin?code=1")
    page.fill("#phone", person.phone or "")
    page.fill("#password", PASSWORD)
    page.fill("#code", code)
    page.click("main button.go")


@pytest.mark.long
def test_the_pages_fit_their_screens(service: Service, site: str, page: Page, officer: Account) -> None:
    sign_in(page, site, officer, code_of(service, officer))
    assert page.url == f"{site}/alerts/map"
    pages = [
        "/alerts/map?days=14",
        f"/alerts/map/reports?village={YANGGAO}",
        "/alerts/duty",
        f"/alerts/drills?said=永根&area={TOWN}",
        "/me/card",
    ]
    assert_all_fit(page, site, pages)


def test_a_group_is_decided_by_one_press_and_its_name_typed_with_the_enter_key(
    service: Service, site: str, page: Page, officer: Account
) -> None:
    sign_in(page, site, officer, code_of(service, officer))
    with page.expect_navigation():
        page.click("main .rows li:first-child button.yes")
    assert "已告诉2个上报的人" in page.inner_text("main")
    page.fill("main .rows li:first-child input[name=pest]", "灰霉病")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "已告诉1个上报的人" in page.inner_text("main")
    with service.rows() as rows:
        found = {
            row.verdict_pest for row in rows.query(Sighting).where(Sighting.verdict == Verdict.CONFIRMED)
        }
    assert found == {"霜霉病", "灰霉病"}


def test_the_printed_card_is_as_small_as_a_bank_card(
    service: Service, site: str, page: Page, officer: Account
) -> None:
    bring_session(page, site, service.client(officer))
    page.goto(f"{site}/me/card")
    page.fill("#code", code_of(service, officer))
    page.click("main button.go")
    page.wait_for_selector(".codes")
    assert_fits(page)
    page.set_viewport_size({"width": 718, "height": 1000})
    page.emulate_media(media="print")
    box = page.locator(".codes").bounding_box()
    assert box is not None
    assert (box["width"] * 25.4 / 96 <= 86.5) and (box["height"] * 25.4 / 96 <= 54.5), box
    assert not page.is_visible("main h1")
