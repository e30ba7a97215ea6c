"""M14, village contact points: they enrol, note what they did, and the town sees which are quiet."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from farmerline.models import Account, AccountState, Role
from tests import factories
from tests.service import Service


def test_a_contact_point_has_its_people_and_their_day_on_one_page(service: Service) -> None:
    """M14."""
    contact = service.staff(Role.CONTACT, factories.YANGGAO, "杨联络")
    browser = service.client(contact)
    form = browser.get("/desk/enrol").text
    assert "登记" in form
    for number in range(3):
        service.person(f"杨{'一二三'[number]}根")
    assert "登记一位农户" in browser.get("/desk").text
    people = browser.get("/desk/people").text
    assert "杨一根" in people and "杨三根" in people
    with service.rows() as rows:
        enrolled = select(func.count()).select_from(Account).where(Account.state == AccountState.VERIFIED)
        assert rows.scalar(enrolled) == 4


def test_the_town_sees_which_points_are_quiet(service: Service) -> None:
    """M14."""
    busy = service.staff(Role.CONTACT, factories.YANGGAO, "杨联络")
    service.staff(Role.CONTACT, factories.XINDONG, "沈联络")
    service.clock.advance(timedelta(days=15))
    service.post(service.client(busy), "/desk/log", page="/desk", token="a", kind="taught")
    town = service.client(service.staff(Role.CONTACT, factories.TOWN, "镇联络")).get("/desk").text
    assert "1个联络点14天没动静" in town and "沈联络" in town
