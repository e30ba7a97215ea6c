"""One page for who works at several desks; and what is kept how long, as it is set."""

from __future__ import annotations

from farmerline.domain import access, bureau_letters
from farmerline.models import Account, Role
from tests import factories
from tests.service import Service


def test_who_works_at_several_desks_begins_at_one_page_of_all_that_waits(service: Service) -> None:
    both = service.staff(Role.CONTACT, factories.YANGGAO, "沈秋月")
    with service.write() as rows:
        account = rows.get_one(Account, both.id)
        access.grant_role(
            rows, account, role=Role.PUBLISHER, area_code=factories.COUNTY, by=None, now=service.now
        )
        bureau_letters.write(
            rows,
            account=account,
            body="村口的路坏了半年",
            kind="consult",
            channel="web",
            now=factories.NOW.replace(month=1),
        )
    service.text(service.person("杨永根"), "听不懂的话。。。")
    browser = service.client(both)
    page = browser.get("/today").text
    assert "今天有2件事等着" in page and "超时1件" in page
    for href in ("/desk", "/publish/intake", "/publish/articles", "/bureau/letters"):
        assert f'href="{href}"' in page
    assert "/alerts/map" not in page and "/admin" not in page
    menus = [
        browser.get(address).text.split('class="nav"')[1].split("</nav>")[0]
        for address in ("/today", "/desk", "/me")
    ]
    assert ['href="/today"' in menu for menu in menus] == [True] * 3
    assert [menu.count("<li") for menu in menus] == [4, 5, 4]


def test_who_works_at_one_desk_begins_there_and_a_farmer_has_no_such_page(service: Service) -> None:
    contact = service.client(service.staff(Role.CONTACT, factories.YANGGAO))
    assert 'href="/today"' not in contact.get("/desk").text
    assert service.client(service.person()).get("/today").status_code == 404


def test_an_administrator_reads_what_is_kept_how_long(service: Service) -> None:
    page = service.client(service.staff(Role.ADMIN)).get("/admin/retention").text
    for words in (
        f"{service.settings.recording_days}天",
        "FARMERLINE_RECORDING_DAYS",
        f"{service.settings.erased_months}个月",
    ):
        assert words in page
    assert service.client(service.staff(Role.PUBLISHER)).get("/admin/retention").status_code == 404
