"""M14, village contact points: a whole village is enrolled from one file."""

from __future__ import annotations

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
