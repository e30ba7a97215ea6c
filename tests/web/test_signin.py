"""Signing in and out: password, code, first password, second factor, and the farmer's session at a shared computer."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from flask.testing import FlaskClient

from farmerline.models import Account, Credential, Role, WebSession
from tests import factories
from tests.service import PASSWORD, Service, mark

OTHER = "three-grey-geese"
REFUSED = "请等一会儿"


def sign_in(service: Service, browser: FlaskClient, account: Account, password: str = PASSWORD, **more: str):
    return service.post(browser, "/signin", phone=account.phone, password=password, **more)


def test_a_person_signs_in_and_out(service: Service) -> None:
    person = service.person()
    service.give_password(person)
    browser = service.client()
    answer = sign_in(service, browser, person)
    assert (answer.status_code, answer.location) == (303, "/me")
    assert "杨大山" in browser.get("/me").text
    assert service.post(browser, "/signout", page="/me/password").location == "/"
    assert browser.get("/me").location == "/signin?next=%2Fme"


def test_members_of_a_household_share_a_phone_and_the_password_tells_them_apart(service: Service) -> None:
    number = factories.phone()
    old, young = service.person("杨永根", phone=number), service.person("杨小兰", phone=number)
    service.give_password(old, PASSWORD)
    service.give_password(young, OTHER)
    for person, password in ((old, PASSWORD), (young, OTHER)):
        browser = service.client()
        sign_in(service, browser, person, password)
        assert person.name in browser.get("/me").text


@pytest.mark.parametrize(
    ("next_", "goes_to"),
    [
        ("/me/letters", "/me/letters"),
        ("", "/me"),
        ("https://evil.example/", "/me"),
        ("//evil.example", "/me"),
        ("/\\evil.example", "/me"),
        ("javascript:alert(1)", "/me"),
    ],
)
def test_signing_in_goes_on_within_the_service_only(service: Service, next_: str, goes_to: str) -> None:
    person = service.person()
    service.give_password(person)
    assert sign_in(service, service.client(), person, next=next_).location == goes_to


def test_a_wrong_password_and_an_unknown_number_are_refused_alike(service: Service) -> None:
    person = service.person()
    service.give_password(person)
    browser = service.client()
    wrong = sign_in(service, browser, person, "not-this-one")
    unknown = service.post(browser, "/signin", phone=factories.phone(), password=PASSWORD)
    assert wrong.status_code == unknown.status_code == 422

    def plain(text: str) -> str:
        return re.sub(r'value="[^"]*"', "", text)

    assert plain(wrong.text) == plain(unknown.text)
    assert browser.get("/me").status_code == 303


def test_after_many_wrong_tries_the_right_password_has_to_wait(service: Service) -> None:
    person = service.person()
    service.give_password(person)
    browser = service.client()
    for _try in range(4):
        sign_in(service, browser, person, "not-this-one")
    assert sign_in(service, browser, person).status_code == 422
    service.clock.advance(timedelta(hours=1))
    assert sign_in(service, browser, person).status_code == 303


def test_one_address_cannot_try_without_end(service: Service) -> None:
    browser = service.client()
    statuses = [service.post(browser, "/signin", phone="1", password="x").status_code for _try in range(25)]
    assert statuses[:20] == [422] * 20
    assert statuses[20:] == [429] * 5


def test_a_number_that_is_none_is_told_at_its_field(service: Service) -> None:
    answer = service.post(service.client(), "/signin", phone="138", password=PASSWORD)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


def test_a_first_password_must_be_changed_before_anything_else(service: Service) -> None:
    person = service.person()
    service.give_password(person, once=True)
    browser = service.client()
    assert sign_in(service, browser, person).location == "/me/password"
    assert browser.get("/me").location == "/me/password"
    wrong = service.post(browser, "/me/password", old=PASSWORD, new="12345678", again="12345678")
    assert wrong.status_code == 422
    assert service.post(browser, "/me/password", old=PASSWORD, new=OTHER, again=OTHER).location == "/me"
    assert browser.get("/me").status_code == 200
    assert sign_in(service, service.client(), person, OTHER).status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong-one-here", OTHER, OTHER),
        (PASSWORD, OTHER, "different"),
        (PASSWORD, PASSWORD, PASSWORD),
        ("", "", ""),
    ],
)
def test_a_password_that_cannot_be_taken_changes_nothing(
    service: Service, old: str, new: str, again: str
) -> None:
    person = service.person()
    service.give_password(person)
    browser = service.client(person)
    assert service.post(browser, "/me/password", old=old, new=new, again=again).status_code == 422
    assert sign_in(service, service.client(), person).status_code == 303


def test_a_new_password_signs_out_everywhere_else(service: Service) -> None:
    person = service.person()
    service.give_password(person)
    here, there = service.client(person), service.client(person)
    service.post(here, "/me/password", old=PASSWORD, new=OTHER, again=OTHER)
    assert (here.get("/me").status_code, there.get("/me").status_code) == (200, 303)


def test_an_administrator_sets_up_the_second_factor_before_the_work(service: Service) -> None:
    boss = service.staff(Role.ADMIN)
    service.give_password(boss)
    with service.write() as session:
        session.get_one(Credential, boss.id).totp = None
    browser = service.client()
    assert sign_in(service, browser, boss).location == "/second-factor"
    page = browser.get("/second-factor").text
    assert "<svg" in page
    secret = re.search(r"<b>([A-Z2-7 ]{32,})</b>", page)
    assert secret is not None
    code = pyotp.TOTP(secret[1].replace(" ", "")).at(service.now)
    assert service.post(browser, "/second-factor", code="000000").status_code == 422
    assert service.post(browser, "/second-factor", code=code).status_code == 303
    service.clock.advance(timedelta(minutes=2))
    again = service.client()
    assert sign_in(service, again, boss).status_code == 422
    code = pyotp.TOTP(secret[1].replace(" ", "")).at(service.now)
    assert sign_in(service, again, boss, code=code).status_code == 303


def test_a_farmer_is_not_offered_a_second_factor(service: Service) -> None:
    assert service.client(service.person()).get("/second-factor").status_code == 404


def test_a_quiet_session_ends_and_a_used_one_goes_on(service: Service) -> None:
    operator = service.staff(Role.CONTACT, factories.TOWN)
    quiet, used = service.client(operator), service.client(operator)
    for _step in range(4):
        service.clock.advance(timedelta(minutes=10))
        assert used.get("/me").status_code == 200
    assert quiet.get("/me").status_code == 303


# A farmer's own session at a shared computer


@pytest.fixture
def operator(service: Service) -> FlaskClient:
    return service.client(service.staff(Role.CONTACT, factories.TOWN, "岑美芳"))


def start(service: Service, operator: FlaskClient, farmer: Account, **proof: str):
    return service.post(
        operator, "/shared/start", page="/me/password", account_id=farmer.id, **(proof or {"id_seen": "1"})
    )


def test_the_farmers_pages_are_his_own_and_the_bar_says_so(service: Service, operator: FlaskClient) -> None:
    farmer = service.person("杨永根")
    assert start(service, operator, farmer).location == "/me"
    page = operator.get("/me").text
    assert "杨永根" in page
    assert "这是公用电脑" in page
    assert 'http-equiv="refresh" content="185;url=/shared/over"' in page
    assert operator.get("/desk").status_code == 404
    assert operator.get("/me/password").status_code == 404


def test_the_button_ends_it_and_the_operator_goes_on(service: Service, operator: FlaskClient) -> None:
    farmer = service.person("杨永根")
    start(service, operator, farmer)
    post = service.publish(farmer, "卖 西兰花 3000斤 1.5元/斤")
    assert operator.get(f"/me/posts/{post}").status_code == 200
    ended = service.post(operator, "/shared/end", page="/me")
    assert ended.location == "/desk"
    assert ended.headers["Clear-Site-Data"] == '"cache"'
    assert operator.get(f"/me/posts/{post}").status_code == 404
    assert "杨永根" not in operator.get("/me").text
    assert operator.get("/desk").status_code == 200


def test_three_quiet_minutes_end_it_on_the_server(service: Service, operator: FlaskClient) -> None:
    farmer = service.person("杨永根")
    start(service, operator, farmer)
    service.clock.advance(timedelta(seconds=100))
    assert "杨永根" in operator.get("/me").text
    service.clock.advance(timedelta(seconds=181))
    answer = operator.get("/me")
    assert (answer.status_code, answer.location) == (303, "/desk")
    assert "杨永根" not in operator.get("/me").text


def test_a_form_of_the_ended_session_is_answered_politely_and_does_nothing(
    service: Service, operator: FlaskClient
) -> None:
    farmer = service.person("杨永根")
    start(service, operator, farmer)
    old = mark(operator, "/me/write?use=sell")
    service.clock.advance(timedelta(minutes=4))
    first = operator.post("/me/write", data={"use": "sell", "text": "卖 西兰花 3000斤", "csrf_token": old})
    assert first.status_code == 409
    assert "没有存" in first.text
    assert "西兰花" not in first.text
    second = operator.post("/me/write", data={"use": "sell", "text": "卖 西兰花 3000斤", "csrf_token": old})
    assert second.status_code == 400  # the mark of the farmer's session is not the operator's
    with service.rows() as session:
        from farmerline.models import Post

        assert session.query(Post).count() == 0


@pytest.mark.parametrize("proof", [{"pin": "482915"}, {"password": "not-this-one"}, {"id_seen": ""}])
def test_without_proof_no_session_is_opened(
    service: Service, operator: FlaskClient, proof: dict[str, str]
) -> None:
    farmer = service.person("杨永根")
    assert start(service, operator, farmer, **proof).location == "/desk"
    assert "杨永根" not in operator.get("/me").text


def test_a_contact_point_opens_no_session_for_people_elsewhere(
    service: Service, operator: FlaskClient
) -> None:
    stranger = service.person("岑大海", area_code=factories.SHUIXIANG)
    assert start(service, operator, stranger).status_code == 404
    assert (
        service.post(
            operator, "/shared/start", page="/me/password", account_id="0" * 32, id_seen="1"
        ).status_code
        == 404
    )


def test_when_the_operators_session_ends_the_farmers_ends_with_it(
    service: Service, operator: FlaskClient
) -> None:
    start(service, operator, service.person("杨永根"))
    with service.write() as session:
        session.query(WebSession).filter(WebSession.parent_id.is_(None)).delete()
    assert operator.get("/me").location == "/"
    assert operator.get("/me").location == "/signin?next=%2Fme"
    assert "杨永根" not in operator.get("/", follow_redirects=True).text


def test_a_script_keeps_a_typing_farmers_session_and_learns_when_it_is_over(
    service: Service, operator: FlaskClient
) -> None:
    start(service, operator, service.person("杨永根"))
    token = mark(operator, "/me")
    for _step in range(4):
        service.clock.advance(timedelta(minutes=2))
        assert operator.post("/shared/still", headers={"X-CSRFToken": token}).status_code == 204
    service.post(operator, "/shared/end", page="/me")
    assert operator.post("/shared/still", headers={"X-CSRFToken": token}).status_code == 400
