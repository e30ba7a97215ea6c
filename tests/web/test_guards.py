"""What an attacker tried: other people's numbers, a higher office, cookies in a shared cache, the other one's screen."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from farmerline.models import Account, Role
from tests import factories
from tests.factories import COUNTY, TOWN, YANGGAO
from tests.service import PASSWORD, Service, mark


@pytest.fixture
def helper(service: Service) -> Account:
    """The contact point of 杨高村."""
    return service.staff(Role.CONTACT, YANGGAO, "岑美芳")


def signed_in(browser: FlaskClient) -> bool:
    return browser.get("/me").status_code == 200


def test_who_administers_a_town_cannot_become_who_administers_the_county(service: Service) -> None:
    town = service.client(service.staff(Role.ADMIN, TOWN, "沈建国"))
    for wider in (
        service.staff(Role.ADMIN, COUNTY, "陈志远", home=YANGGAO),
        service.staff(Role.OFFICER, COUNTY, "沈秋月", home=YANGGAO),
    ):
        page, working = f"/admin/people/{wider.id}", service.client(wider)
        for act in ("password", "second-factor", "suspend"):
            answer = service.post(town, f"{page}/{act}", page=page, reason="x")
            assert answer.status_code == 409, act
            assert "一次性密码" not in answer.text
        assert signed_in(working)
    inside = service.staff(Role.CONTACT, YANGGAO, "岑美芳")
    page = f"/admin/people/{inside.id}"
    assert "一次性密码" in service.post(town, f"{page}/password", page=page).text


def test_a_new_role_begins_with_a_new_session(service: Service) -> None:
    boss, farmer = service.client(service.staff(Role.ADMIN)), service.person("杨永根")
    long_lived, page = service.client(farmer), f"/admin/people/{farmer.id}"
    service.post(boss, f"{page}/roles", page=page, role="contact", area_code=YANGGAO)
    assert not signed_in(long_lived)
    fresh = service.client(farmer)
    assert fresh.get("/desk").status_code == 200
    service.clock.advance(timedelta(minutes=31))
    assert fresh.get("/desk").status_code == 303


def test_a_password_reset_at_the_desk_signs_a_thief_out(service: Service, helper: Account) -> None:
    farmer, desk = service.person("杨永根"), service.client(helper)
    thief, page = service.client(farmer), f"/desk/people/{farmer.id}"
    service.post(desk, f"{page}/password", page=page)
    assert thief.get("/me").location == "/signin?next=%2Fme"


def test_signing_in_as_somebody_else_ends_the_session_before(service: Service) -> None:
    one, other = service.person("杨永根"), service.person("罗一")
    service.give_password(other)
    browser, copied = service.client(one), service.app.test_client()
    with browser.session_transaction() as kept:
        token = kept["t"]
    with copied.session_transaction() as stolen:
        stolen["t"] = token
    service.post(browser, "/signin", page="/me/password", phone=other.phone, password=PASSWORD)
    assert "罗一" in browser.get("/me").text
    assert not signed_in(copied)


def test_a_file_that_caches_keep_carries_no_session(service: Service) -> None:
    for browser in (service.client(), service.client(service.person())):
        with browser.get("/static/style.css") as answer:
            assert "public" in answer.headers["Cache-Control"]
            assert "Set-Cookie" not in answer.headers
    assert "Set-Cookie" in service.client(service.person()).get("/me").headers  # pages renew it


def test_a_page_that_gives_a_cookie_is_kept_by_nobody(service: Service) -> None:
    answer = service.client().get("/signin")
    assert "Set-Cookie" in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("next_", ["/me\r", "/me\r\nX: y", "/me\x00", "/\t/elsewhere.example", "/\x85"])
def test_an_address_with_control_signs_leads_home(service: Service, next_: str) -> None:
    browser = service.client(service.person())
    answer = browser.get("/signin", query_string={"next": next_})
    assert (answer.status_code, answer.location) == (303, "/me")


def test_what_was_to_be_said_to_the_farmer_is_not_said_to_the_operator(
    service: Service, helper: Account
) -> None:
    operator, farmer = service.client(helper), service.person("杨永根")
    service.post(operator, "/shared/start", page="/me/password", account_id=farmer.id, id_seen="1")
    token = mark(operator, "/me/data")
    data = {"csrf_token": token, "preferred": "sms", "spoken": "zh", "yes": []}
    assert operator.post("/me/data", data=data).status_code == 303  # its page is not waited for
    operator.post("/shared/end", data={"csrf_token": token})
    assert "从下一条起" not in operator.get("/desk").text


def test_an_operators_word_opens_no_session_of_somebody_who_works_here(
    service: Service, helper: Account
) -> None:
    operator = service.client(helper)
    officer = service.staff(Role.OFFICER, COUNTY, "沈秋月", home=YANGGAO)
    service.give_password(officer)
    page = {"page": "/me/password", "account_id": officer.id}
    assert service.post(operator, "/shared/start", **page, id_seen="1").location == "/desk"
    assert service.post(operator, "/shared/start", **page, password=PASSWORD).location == "/me"
    assert operator.get("/desk").status_code == 404


def test_files_with_peoples_words_are_their_owners_alone(service: Service, tmp_path: Path) -> None:
    database = factories.make_database(f"sqlite:///{tmp_path / 'fresh' / 'new.db'}")
    with database.write() as rows:
        factories.fill_county(rows)
        made = [tmp_path / "fresh" / name for name in ("new.db", "new.db-wal")]
        made.append(service.settings.home / "carrier.db")
        assert service.client().get("/phone").status_code == 200
        assert {stat.S_IMODE(file.stat().st_mode) for file in made} == {0o600}
    database.close()


@pytest.mark.parametrize("where", ["/me/write", "/signin", "/hooks/twilio/sms"])
def test_words_of_more_than_a_megabyte_are_refused_unread(service: Service, where: str) -> None:
    browser = service.client(service.person())
    assert browser.post(where, data={"text": "x" * (1024 * 1024 + 1)}).status_code == 413
