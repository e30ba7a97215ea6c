"""Whatever is sent, the answer is clear, nothing is lost, nothing breaks."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from farmerline.models import Inbound, Letter, Post
from tests.service import Service, mark, open_service


@pytest.fixture(scope="module")
def crowd(template_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for the long tables: what they send leaves nothing that the next one minds."""
    yield from open_service(template_database, tmp_path_factory.mktemp("crowd"))


WORDS = {
    "nothing": "",
    "only a NUL": "\0",
    "a NUL inside": "卖 西兰花\0 3000斤",
    "emoji": "🍇🍇🍇",
    "emoji of many signs": "👨‍👩‍👧‍👦" * 20,
    "a long text": "西兰花" * 500,
    "1601 signs": "字" * 1601,
    "half a pair": "\ud83c卖葡萄",
    "from right to left": "\u202e卖葡萄",
    "a format sign": "卖 {0} {name} %s %(x)s",
    "sql": "'; DROP TABLE post; --",
    "digits only": "99999999999999999999",
    "a bare answer": "1",
    "an answer to nothing": "1 Z99",
    "a command": "TD",
    "no text": " \t\r\n\u200b ",
}


@pytest.mark.parametrize("use", ["sell", "pest", "job"])
@pytest.mark.parametrize("text", WORDS.values(), ids=WORDS)
def test_any_words_get_a_clear_answer(crowd: Service, use: str, text: str) -> None:
    browser = crowd.client(crowd.person())
    token = mark(browser, "/me/write?use=sell")
    sent = text.encode("utf-8", "surrogatepass") if "\ud83c" in text else text
    answer = browser.post("/me/write", data={"use": use, "text": sent, "csrf_token": token})
    assert answer.status_code in (303, 422)
    shown = browser.get(answer.location) if answer.status_code == 303 else answer
    assert shown.status_code in (200, 422)
    if answer.status_code == 303:
        assert 'class="bub"' in shown.text  # there is an answer


@pytest.mark.parametrize("text", ["", "\0\0", "字" * 1601, "🐛" * 1601])
def test_a_letter_that_cannot_go_is_told_and_kept_in_the_form(service: Service, text: str) -> None:
    sender, reader = service.person(), service.person("罗一")
    browser = service.client(sender)
    answer = service.post(
        browser, "/me/letters", page=f"/me/letters/new?to={reader.id}", to=reader.id, body=text
    )
    assert answer.status_code == 422
    assert text.replace("\0", "")[:50] in answer.text
    with service.rows() as session:
        assert session.query(Letter).count() == 0


def test_a_form_sent_twice_is_one_message_with_one_answer(service: Service) -> None:
    browser = service.client(service.person())
    fields = {"use": "sell", "text": "卖 西兰花 3000斤 1.5元/斤", "once": "a" * 32}
    first = service.post(browser, "/me/write", page="/me/write?use=sell", **fields)
    again = service.post(browser, "/me/write", page="/me/write?use=sell", **fields)
    assert first.location == again.location
    assert browser.get(again.location).text.count("已记下") == 1
    with service.rows() as session:
        assert (session.query(Inbound).count(), session.query(Post).count()) == (1, 1)


def test_a_listing_sent_twice_is_one_post(service: Service) -> None:
    browser = service.client(service.person())
    fields = {"use": "job", "text": "招摘橘子的20人，一天160元", "once": "a" * 32}
    places = {
        service.post(browser, "/me/write", page="/me/write?use=job", **fields).location for _time in range(2)
    }
    assert len(places) == 1
    with service.rows() as session:
        assert session.query(Post).count() == 1


def test_somebody_elses_mark_of_a_form_leads_to_nothing_of_theirs(service: Service) -> None:
    one, other = service.client(service.person()), service.client(service.person("罗一"))
    fields = {"use": "sell", "text": "卖 西兰花 3000斤 1.5元/斤", "once": "a" * 32}
    first = service.post(one, "/me/write", page="/me/write?use=sell", **fields)
    second = service.post(
        other, "/me/write", page="/me/write?use=sell", **{**fields, "text": "卖 葡萄 100斤"}
    )
    assert first.location != second.location
    assert other.get(first.location).status_code == 404


def test_two_gigabytes_are_refused_unread(service: Service) -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, _buffer: object) -> int:
            raise AssertionError("it was read")

    body = Endless()
    sent = {
        "CONTENT_LENGTH": str(2 * 1024**3),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "wsgi.input": body,
    }
    for where in ("/me/write", "/signin", "/nowhere", "/api/x"):
        answer = service.client().open(where, method="POST", environ_overrides=sent)
        assert answer.status_code == 413, where


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data", "text/plain", "multipart/form-data; boundary=x"]
)
def test_a_body_that_is_no_form_is_refused(crowd: Service, kind: str) -> None:
    browser = crowd.client(crowd.person())
    assert browser.post("/me/write", data=b"\xff\xfe{[", content_type=kind).status_code == 400


@pytest.mark.parametrize(
    "where",
    [
        "/posts/0", "/posts/99999999999999999999", "/posts/abc", "/posts/%00", "/posts/-1", "/me/posts/xyz",
        "/me/said/%00", "/me/letters/" + "0" * 33, "/?page=99999999999999&days=x&far=%00&product=%00&kind=%00", "/?page=-1",
        "/?page=٣", "/me/letters/new?post=abc", "/me/letters/new?to=%00", "/me/letters/new?name=%00%25_", "/me/write?use=%00",
        "/me/write?use=sell&again=%00", "/me/write?use=sell&like=999999999999", "/%e0%a4", "/signin?next=%00", "/signin?next=//[", "/?lang=%00&big=%00",
    ],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_a_page_or_none(crowd: Service, where: str) -> None:
    for browser in (crowd.client(), crowd.client(crowd.person())):
        assert browser.get(where).status_code in (200, 303, 404)


@pytest.mark.parametrize("code", ["A11", "Z99", "a11", "%00", "A1", "A11x"])
def test_an_answer_to_nobodys_question_is_nowhere(crowd: Service, code: str) -> None:
    browser = crowd.client(crowd.person())
    assert crowd.post(browser, f"/me/answer/{code}", page="/me", reply="1").status_code == 404


def test_programs_get_their_refusals_in_one_shape(crowd: Service) -> None:
    answer = crowd.client().get("/api/nothing")
    assert answer.status_code == 404
    assert set(answer.json["error"]) == {"code", "sentence", "sign"}


def test_a_method_that_does_not_fit_names_those_that_do(crowd: Service) -> None:
    answer = crowd.client().get("/signout")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
