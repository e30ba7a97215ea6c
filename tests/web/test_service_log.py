"""The service log: one tap, one service; a month on a sheet; who has been quiet."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from farmerline.models import Role, ServiceEntry
from tests import factories
from tests.service import Service, mark


def count(service: Service) -> int:
    with service.rows() as rows:
        return rows.scalar(select(func.count()).select_from(ServiceEntry)) or 0


def test_one_tap_is_one_service_and_a_slip_is_taken_back(service: Service) -> None:
    contact = service.staff(Role.CONTACT, factories.YANGGAO, "杨联络")
    browser = service.client(contact)
    tap = {"csrf_token": mark(browser, "/desk"), "token": "a" * 16, "kind": "taught"}
    for _ in range(2):  # a double tap on a bad line
        assert browser.post("/desk/log", data=tap).status_code == 303
    browser.post("/desk/log", data={**tap, "kind": "read"})
    assert count(service) == 2
    browser.post("/desk/log", data={**tap, "kind": "dance"})
    assert count(service) == 2
    page = browser.get("/desk/log").text
    assert "今天记了2次" in page and "教会一样东西" in page
    with service.rows() as rows:
        entry_id = rows.scalars(select(ServiceEntry.id).where(ServiceEntry.kind == "taught")).one()
    other = service.client(service.staff(Role.CONTACT, factories.XINDONG, "沈联络"))
    assert service.post(other, f"/desk/log/{entry_id}/back", page="/desk").status_code == 404
    for _ in range(2):
        assert service.post(browser, f"/desk/log/{entry_id}/back", page="/desk").status_code == 303
    assert count(service) == 1
    with service.rows() as rows:
        entry_id = rows.scalars(select(ServiceEntry.id)).one()
    service.clock.advance(timedelta(days=1))
    late = service.post(service.client(contact), f"/desk/log/{entry_id}/back", page="/desk")
    assert late.status_code == 409


def test_a_month_is_one_sheet_and_counts_as_visits_of_the_town(service: Service) -> None:
    contact = service.staff(Role.CONTACT, factories.YANGGAO, "杨联络")
    browser = service.client(contact)
    for token in ("a", "b", "c"):
        service.post(browser, "/desk/log", page="/desk", token=token, kind="taught")
    sheet = browser.get("/desk/log.pdf?month=2026-11")
    assert sheet.status_code == 200 and sheet.data.startswith(b"%PDF")
    admin = service.client(service.staff(Role.ADMIN))
    assert "3" in admin.get("/reports/month.csv?month=2026-11").text.split("龙山镇,", 1)[1].split(",")[3]
    page = admin.get(f"/reports/points/{contact.id}?month=2026-11").text
    assert "杨联络" in page and "教会一样东西 3" in page
    assert admin.get(f"/reports/points/{contact.id}.pdf").data.startswith(b"%PDF")
    elsewhere = service.client(service.staff(Role.CONTACT, factories.SHUIXIANG, "水联络"))
    assert elsewhere.get(f"/reports/points/{contact.id}").status_code == 404
    assert admin.get(f"/reports/points/{'0' * 32}").status_code == 404


def test_who_has_been_quiet_for_two_weeks_is_shown_to_the_town(service: Service) -> None:
    busy = service.staff(Role.CONTACT, factories.YANGGAO, "杨联络")
    service.staff(Role.CONTACT, factories.XINDONG, "沈联络")
    town = service.client(service.staff(Role.CONTACT, factories.TOWN, "镇联络"))
    assert "没动静" not in town.get("/desk").text
    service.clock.advance(timedelta(days=15))
    service.post(service.client(busy), "/desk/log", page="/desk", token="a", kind="taught")
    today = service.client(service.staff(Role.CONTACT, factories.TOWN, "镇乙")).get("/desk").text
    assert (
        "1个联络点14天没动静" in today and "沈联络" in today and "杨联络" not in today.split("没动静")[1][:60]
    )
    page = service.client(service.staff(Role.ADMIN)).get("/reports/points").text
    assert page.index("沈联络") < page.index("杨联络") and "没动静，最后一次：一次都没有" in page


def test_a_form_of_a_session_that_ran_out_keeps_its_words(service: Service) -> None:
    """M20."""
    contact = service.staff(Role.CONTACT, factories.YANGGAO, "杨联络")
    browser = service.client(contact)
    token = mark(browser, "/desk/pack")
    service.clock.advance(timedelta(days=2))
    said = {"csrf_token": token, "words": "记在纸上的三条"}
    gone = browser.post("/desk/pack", data=said, headers={"Origin": "http://localhost"})
    assert gone.status_code == 403 and "记在纸上的三条" in gone.text and "/signin" in gone.text
    again = browser.post("/desk/pack", data=said, headers={"Origin": "https://elsewhere.example"})
    assert "记在纸上的三条" not in again.text  # nobody puts words into our page
