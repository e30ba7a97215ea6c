"""The pages of delivery: carriers and their health, what did not arrive, what a day costs. In a browser as well."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from farmerline.domain import campaigns, outbox, spending
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    Breaker,
    Campaign,
    CampaignState,
    Delivery,
    DeliveryState,
    GatewayRow,
    Purpose,
    Role,
)
from tests.factories import COUNTY, SHUIXIANG
from tests.service import Service
from tests.site import bring_session, open_site
from tests.web.fit import assert_all_fit

if TYPE_CHECKING:
    from playwright.sync_api import Page


def fail(service: Service, who: Account, purpose: Purpose, reason: str, **values: object) -> str:
    with service.write() as rows:
        row = outbox.prepare(
            rows, channel=Channel.SMS, address=str(who.phone), text="霜冻要来了", purpose=purpose, now=service.now,
            account=rows.get_one(Account, who.id), **values,
        )  # fmt: skip
        row.state, row.reason, row.code, row.settled_at = DeliveryState.DEAD, reason, "30003", service.now
        rows.add(row)
        return row.id


def tip(service: Service, writer: Account, text: str, area: str = COUNTY) -> Campaign:
    """A tip pressed through the pages; a ceiling of a cent holds it."""
    browser = service.client(writer)
    asked = service.post(browser, "/publish/tips", text=text, area_code=area)
    service.post(browser, f"{asked.location}/start", page=asked.location)
    with service.rows() as rows:
        return rows.get_one(Campaign, asked.location.rpartition("/")[2])


@pytest.fixture
def cheap(service: Service) -> Service:
    """A county that asks about everything that costs more than ten cents."""
    limits = {"campaign_yuan": 0.1, "day_yuan": 5.0}
    service.settings = service.settings.model_copy(update=limits)
    return service


def test_a_failed_message_is_sent_again_by_a_button(service: Service) -> None:
    boss, farmer = service.staff(Role.ADMIN, name="陈志远"), service.person("杨永根")
    one = fail(service, farmer, Purpose.LETTER, "bad_address")
    office = service.client(boss)
    page = office.get("/admin/failed").text
    assert "杨永根" in page and "30003" in page and str(farmer.phone) not in page
    address = f"/admin/failed/{one}/again"
    assert service.post(office, address, page="/admin/failed").status_code == 303
    page = office.get("/admin/failed").text
    assert "再发一次。" in page and "杨永根" not in page
    service.post(office, address, page="/me/password")
    assert "别人先办了" in office.get("/admin/failed").text
    with service.rows() as rows:
        assert [row.state for row in rows.scalars(select(Delivery).where(Delivery.round == 1))] == ["queued"]


@pytest.mark.parametrize("role", [None, Role.CONTACT, Role.OFFICER, Role.EXPERT])
def test_others_find_no_such_pages(service: Service, role: Role | None) -> None:
    farmer = service.person("杨永根", tips=True)
    one = fail(service, farmer, Purpose.TIPS, "refused")
    browser = service.client(service.staff(role) if role else farmer)
    for page in ("/admin/failed", "/admin/costs", "/admin/gateways"):
        assert browser.get(page).status_code == 404
    for address in (f"/admin/failed/{one}/again", f"/admin/failed/of/{one}/again", f"/admin/costs/{one}"):
        assert service.post(browser, address, page="/me/password").status_code == 404


def test_a_publisher_sees_broadcasts_alone_and_an_administrator_of_a_village_no_costs(
    service: Service,
) -> None:
    writer, farmer = service.staff(Role.PUBLISHER, name="马小青"), service.person("杨永根", tips=True)
    fail(service, farmer, Purpose.LETTER, "refused")
    desk = service.client(writer)
    assert "杨永根" not in desk.get("/admin/failed").text
    fail(service, farmer, Purpose.TIPS, "unreachable")
    page = desk.get("/admin/failed").text
    assert "杨永根" in page and "也可能到了" in page
    assert desk.get("/admin/costs").status_code == 404
    village = service.client(service.staff(Role.ADMIN, SHUIXIANG, "罗一", home=SHUIXIANG))
    assert village.get("/admin/costs").status_code == 404
    assert "杨永根" not in village.get("/admin/failed").text


def test_a_tip_that_passes_a_ceiling_waits_for_the_administrators_name(cheap: Service) -> None:
    writer, boss = cheap.staff(Role.PUBLISHER, name="马小青"), cheap.staff(Role.ADMIN, name="陈志远")
    for number in range(3):
        cheap.person(f"杨{number}", tips=True)
    first, second = tip(cheap, writer, "今晚有霜"), tip(cheap, writer, "明晚有霜")
    assert {first.state, second.state} == {CampaignState.ASKING}
    assert "等管理员点头" in cheap.client(writer).get(f"/publish/tips/{first.id}").text
    office = cheap.client(boss)
    assert "/admin/costs" in office.get("/admin").text
    page = office.get("/admin/costs").text
    assert "今晚有霜" in page and "0.14元" in page and "超过0.1元" in page
    cheap.post(office, f"/admin/costs/{first.id}", page="/admin/costs", decision="allow")
    cheap.post(office, f"/admin/costs/{second.id}", page="/admin/costs", decision="refuse")
    page = office.get("/admin/costs").text
    assert "陈志远点的头" in page and "没有发" in page
    with cheap.rows() as rows:
        assert rows.get_one(Campaign, first.id).state is CampaignState.SENDING
        assert rows.get_one(Campaign, second.id).state is CampaignState.STOPPED
    cheap.post(office, f"/admin/costs/{first.id}", page="/me/password", decision="refuse")
    assert "别人先办了" in office.get("/admin/costs").text


def fill(service: Service) -> tuple[Account, Account]:
    """Carriers in every state, failures of every kind, broadcasts that wait and that passed."""
    writer, boss = service.staff(Role.PUBLISHER, name="马小青"), service.staff(Role.ADMIN, name="陈志远")
    now = service.now
    people = [service.person(name, tips=True) for name in ("杨永根", "陈小梅", "沈桂香")]
    for person, reason in zip(people, ("bad_address", "unreachable", "filtered"), strict=True):
        fail(service, person, Purpose.LETTER, reason)
    waits = tip(service, writer, "今晚到明早有霜冻，葡萄苗和蔬菜请盖好，大棚关严")
    let_go = tip(service, writer, "明天降温，牲口棚垫草")
    office = service.client(boss)
    service.post(office, f"/admin/costs/{let_go.id}", page="/admin/costs", decision="allow")
    with service.write() as rows:
        campaigns.fan_out(rows, let_go.id, now=now)
        sent = rows.get_one(Campaign, let_go.id)
        fail_all = rows.scalars(select(Delivery).where(Delivery.campaign_id == sent.id)).all()
        for row in fail_all[:2]:
            row.state, row.reason, row.settled_at = DeliveryState.FAILED, "blocked", now
        sms = rows.get_one(GatewayRow, "sms")
        sms.breaker, sms.share, sms.opened_at = Breaker.OPEN, 0.0, now - timedelta(minutes=3)
        sms.last_error, sms.bad, sms.counted_at = "unavailable 503", 9.0, now
        sms.strangers, sms.reconciled_at = 2, now - timedelta(minutes=4)
        for name, breaker, share in (
            ("relay-of-the-bureau", Breaker.TRYING, 0.2),
            ("smpp", Breaker.CLOSED, 1.0),
        ):
            row = GatewayRow(
                name=name, channel=Channel.SMS, rate=50.0, cost=0.05, tokens_at=now, breaker=breaker, share=share,
                prefixes="+86139 +86138", delay=14.0, delay_at=now, good=40.0, bad=2.0, counted_at=now, reconciled_at=now,
            )  # fmt: skip
            rows.add(row)
        spending._add(rows, now, "smpp", handed=1200, parts=2400, yuan=120.0, loose=4.0)
    assert waits.state is CampaignState.ASKING
    return writer, boss


def test_a_carriers_health_share_and_cost_are_shown(cheap: Service) -> None:
    _, boss = fill(cheap)
    page = cheap.client(boss).get("/admin/gateways").text
    for words in (
        "出了毛病",
        "在试，走20%",
        "0.05元",
        "120.00元",
        "100%",
        "14秒",
        "+86139",
        "运营商那里有2条",
        "unavailable 503",
    ):
        assert words in page, words


@pytest.fixture
def site(cheap: Service) -> Iterator[str]:
    with open_site(cheap.app) as address:
        yield address


@pytest.mark.browser
@pytest.mark.long
def test_the_pages_fit_their_screens(cheap: Service, site: str, page: Page) -> None:
    writer, boss = fill(cheap)
    pages = {boss: ["/admin/gateways", "/admin/failed", "/admin/costs"], writer: ["/admin/failed"]}
    for who, addresses in pages.items():
        browser = cheap.client(who)
        browser.get("/me")
        bring_session(page, site, browser)
        assert_all_fit(page, site, addresses)
