"""Signing in and out."""

from __future__ import annotations

from tests.service import PASSWORD, Service


def test_a_person_signs_in_and_out(service: Service) -> None:
    person = service.person()
    service.give_password(person)
    browser = service.client()
    answer = service.post(browser, "/signin", phone=person.phone, password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/me")
    assert browser.get("/me/password").status_code == 200
    assert service.post(browser, "/signout", page="/me/password").location == "/"
    assert browser.get("/me/password").location == "/signin?next=%2Fme%2Fpassword"
