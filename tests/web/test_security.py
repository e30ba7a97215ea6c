"""Headers, marks of forms, and what strangers put into words, addresses and cookies."""

from __future__ import annotations

import gzip
import re

import html5lib
import pytest

from farmerline.models import Role
from tests import factories
from tests.service import Service

EVIL = "卖 西兰花 3000斤 1.5元/斤 <script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{1234*5678}}"
_MARKS = r'name="csrf_token" value="[^"]+"'
PAGES = [
    "/",
    "/posts/1001",
    "/signin",
    "/about-data",
    "/nowhere",
    "/me",
    "/me/write?use=sell",
    "/me/letters",
    "/me/data",
]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_carries_the_headers_that_protect_it(service: Service, page: str) -> None:
    person = service.person()
    service.publish(person, EVIL)
    for browser in (service.client(), service.client(person)):
        headers = browser.get(page, follow_redirects=True).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers


def test_what_is_personal_is_kept_by_no_browser(service: Service) -> None:
    browser = service.client(service.person())
    for page in ("/me", "/", "/me/write?use=sell", "/nowhere"):
        assert browser.get(page).headers["Cache-Control"] == "no-store", page
    assert "no-store" not in service.client().get("/").headers.get("Cache-Control", "")


def test_over_https_the_cookie_is_locked_to_the_host(template_database, tmp_path) -> None:
    from tests.service import open_service

    for service in open_service(template_database, tmp_path, public_url="https://farm.example"):
        answer = service.client().get("/signin", base_url="https://farm.example")
        assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-farmerline=")
        assert "Secure" in cookie
        assert "HttpOnly" in cookie


@pytest.mark.parametrize("given", ["", "forged", "IjAwMCI.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"])
def test_a_form_without_our_mark_does_nothing(service: Service, given: str) -> None:
    """Z-11."""
    person = service.person()
    browser = service.client(person)
    answer = browser.post("/me/write", data={"use": "sell", "text": "卖 西兰花 3000斤", "csrf_token": given})
    assert answer.status_code == 400
    assert "西兰花" in answer.text  # what was written is not lost
    assert "西兰花" not in browser.get("/me").text


def test_a_mark_of_another_persons_session_is_not_taken(service: Service) -> None:
    from tests.service import mark

    one, other = service.client(service.person()), service.client(service.person("罗一"))
    token = mark(one, "/me/write?use=sell")
    mark(other, "/me/write?use=sell")
    assert (
        other.post("/me/write", data={"use": "sell", "text": "卖 西兰花", "csrf_token": token}).status_code
        == 400
    )


def test_words_never_become_markup(service: Service) -> None:
    """I-06."""
    person = service.person("杨<b>山", area_code=factories.YANGGAO)
    reader = service.person("罗一", area_code=factories.YANGGAO)
    post = service.publish(person, EVIL)
    browser = service.client(person)
    service.post(
        browser, "/me/letters", page="/me/letters/new?to=" + reader.id, to=reader.id, subject=EVIL, body=EVIL
    )
    mine = service.client(reader)
    found = re.search(r"/me/letters/([0-9a-f]{32})", mine.get("/me/letters").text)
    assert found is not None
    thread = found[1]
    pages = [
        mine.get(page).text for page in ("/", "/posts/1001", "/me", "/me/letters", f"/me/letters/{thread}")
    ]
    pages += [browser.get(page).text for page in ("/me", f"/me/posts/{post}", "/posts/1001")]
    pages.append(browser.get("/?product=<script>alert(1)</script>&far=%22%3E&days=<x>").text)
    for text in pages:
        tree = html5lib.parse(text, namespaceHTMLElements=False)
        assert all(script.get("src", "").startswith("/static/") for script in tree.iter("script"))
        assert not [image for image in tree.iter("img") if image.get("onerror")]
        assert "{{1234*5678}}" in text or "7006652" not in text


def test_a_cookie_that_was_made_up_is_no_session(service: Service) -> None:
    browser = service.client()
    browser.set_cookie("farmerline", "eyJ0IjoiYWRtaW4ifQ.aaaaaa.forged")
    assert browser.get("/me").status_code == 303
    with browser.session_transaction() as kept:
        kept["t"] = "a-token-nobody-gave"
    assert browser.get("/me").status_code == 303


def test_signing_in_gives_a_fresh_session(service: Service) -> None:
    person = service.person()
    service.give_password(person)
    browser = service.client()
    with browser.session_transaction() as kept:
        kept["planted"] = "by somebody else"
    from tests.service import PASSWORD

    service.post(browser, "/signin", phone=person.phone, password=PASSWORD)
    with browser.session_transaction() as kept:
        assert "planted" not in kept


def test_no_page_of_a_stranger_shows_a_number_or_a_full_name(service: Service) -> None:
    person = service.person("岑利民", kinds=("large_grower",))
    service.publish(person, f"卖 西兰花 3000斤 1.5元/斤 电话{person.phone.removeprefix('+86')}")
    for page in ("/", "/posts/1001"):
        text = service.client().get(page).text
        assert person.phone.removeprefix("+86") not in text
        assert "岑利民" not in text
        assert "岑**" in text


def test_a_failure_is_three_signs_and_never_a_trace(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    boss = service.client(service.person())
    token_page = boss.get("/me/write?use=job").text
    token = token_page.split('name="csrf_token" value="')[1].split('"')[0]
    with service.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE post RENAME TO lost")
    for answer in (
        boss.get("/me"),
        boss.post("/me/write", data={"use": "job", "text": "招20人摘橘子", "csrf_token": token}),
    ):
        assert answer.status_code == 500
        assert "Traceback" not in answer.text
        assert "sqlite" not in answer.text.lower()
    assert "招20人摘橘子" in answer.text  # still there, one press sends it again
    assert "招20人摘橘子" not in caplog.text
    assert service.client(service.staff(Role.CONTACT)).get("/nowhere").status_code == 404


@pytest.mark.parametrize("page", ["/", "/static/style.css", "/signin"])
def test_words_leave_pressed_for_a_browser_that_takes_them_so(service: Service, page: str) -> None:
    """M20."""
    browser = service.client()
    with browser.get(page) as plain, browser.get(page, headers={"Accept-Encoding": "gzip"}) as pressed:
        words = re.sub(_MARKS, "", plain.text)
        assert re.sub(_MARKS, "", gzip.decompress(pressed.data).decode()) == words
    assert plain.content_encoding is None
    assert pressed.content_encoding == "gzip"
    assert "Accept-Encoding" in pressed.vary
    assert int(pressed.headers["Content-Length"]) == len(pressed.data)


def test_a_pressed_file_is_not_sent_again_to_who_has_it(service: Service) -> None:
    with service.client().get("/static/style.css", headers={"Accept-Encoding": "gzip"}) as first:
        again = {"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    with service.client().get("/static/style.css", headers=again) as second:
        assert second.status_code == 304


def test_two_pages_alike_differ_in_size_so_that_it_tells_nothing(service: Service) -> None:
    browser = service.client()
    sizes = {len(browser.get("/about-data", headers={"Accept-Encoding": "gzip"}).data) for _ in range(8)}
    assert len(sizes) > 1


def test_who_does_not_take_pressed_words_gets_plain_ones(service: Service) -> None:
    for sign in ("identity", "gzip;q=0", ""):
        answer = service.client().get("/", headers={"Accept-Encoding": sign})
        assert answer.content_encoding is None, sign
