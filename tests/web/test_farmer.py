"""A farmer's own pages: writing, answering, own posts, what is received."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from farmerline.domain import cases, consent, questions
from farmerline.domain.listings import draft_listing
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    Case,
    CaseKind,
    Post,
    PostKind,
    PostState,
    Purpose,
    QuestionKind,
    Sighting,
)
from farmerline.web.farmer import shown
from tests import factories
from tests.service import Service


def write(service: Service, browser: FlaskClient, use: str, text: str) -> str:
    """Send the form and open the answer."""
    answer = service.post(browser, "/me/write", page=f"/me/write?use={use}", use=use, text=text)
    assert answer.status_code == 303
    return browser.get(answer.location).text


def press(service: Service, browser: FlaskClient, page: str, reply: str) -> str:
    """Press a button of the question on the page and open the answer."""
    code = re.search(r"/me/answer/(\w+)", page)
    assert code is not None
    answer = service.post(browser, f"/me/answer/{code[1]}", page="/me", reply=reply)
    assert answer.status_code == 303
    return browser.get(answer.location).text


def test_words_are_read_back_and_published_by_a_button(service: Service) -> None:
    browser = service.client(service.person())
    page = write(service, browser, "sell", "西兰花 三千来斤 1块4一斤")
    assert "3000斤" in page
    assert "1001" in press(service, browser, page, "1")
    assert "/posts/1001" in service.client().get("/").text


@pytest.mark.parametrize(
    ("use", "text", "kind"),
    [
        ("sell", "西兰花 3000斤", "supply"),
        ("buy", "西兰花 3000斤", "demand"),
        ("buy", "要好葡萄苗1500株", "demand"),
    ],
)
def test_the_form_says_the_side_where_the_words_do_not(
    service: Service, use: str, text: str, kind: str
) -> None:
    write(service, service.client(service.person()), use, text)
    with service.rows() as session:
        assert session.query(Post).one().kind == kind


def test_two_leads_to_changing_by_words(service: Service) -> None:
    browser = service.client(service.person())
    page = press(service, browser, write(service, browser, "sell", "西兰花 3000斤 1.5元/斤"), "2")
    code = re.search(r"/me/answer/(\w+)", page)
    assert code is not None
    answer = service.post(browser, f"/me/answer/{code[1]}", page="/me", words="2000斤")
    page = browser.get(answer.location).text
    assert "2000斤" in page
    press(service, browser, page, "3")
    assert "2000斤" in browser.get("/posts/1001").text


def test_a_doubt_is_settled_by_one_of_its_choices(service: Service) -> None:
    browser = service.client(service.person())
    page = write(service, browser, "sell", "弥后套 五百斤")
    assert "您是要哪一样" in page
    assert re.findall(r'name="reply" value="(\d)">([^<]+)<', page) == [("1", "卖猕猴桃"), ("2", "不是")]
    assert "卖 猕猴桃 500斤" in press(service, browser, page, "1")
    with service.rows() as session:
        assert session.query(Post).one().published_at is None


def test_a_match_is_answered_on_the_page_and_the_number_is_shown(service: Service) -> None:
    seller, buyer = service.person("岑利民", area_code=factories.SHUIXIANG), service.person("杨永根")
    service.publish(seller, "卖 夏黑葡萄苗 2000株 3.2元/株")
    service.publish(buyer, "求购 葡萄苗 1500株 4元/株")
    browser = service.client(buyer)
    home = browser.get("/me").text
    assert "岑**" in home
    number = seller.phone.removeprefix("+86")
    assert number not in home
    assert number in press(service, browser, home, "1")
    assert number in browser.get("/posts/1001").text
    assert number not in service.client(service.person("罗一")).get("/posts/1001").text


def test_a_question_of_somebody_else_is_not_there_and_an_answered_one_says_so(service: Service) -> None:
    owner = service.client(service.person("杨永根"))
    page = write(service, owner, "sell", "西兰花 3000斤 1.5元/斤")
    other = service.client(service.person("罗一"))
    assert service.post(other, "/me/answer/A11", page="/me", reply="1").status_code == 404
    press(service, owner, page, "1")
    again = service.post(owner, "/me/answer/A11", page="/me", reply="1")
    assert again.status_code == 409
    assert "回过了" in again.text


@pytest.mark.parametrize(
    ("use", "text", "kept"),
    [("pest", "西兰花叶背有虫，十株里四株", Sighting), ("ask", "葡萄什么时候施肥", Case)],
)
def test_a_pest_or_a_question_gets_its_number_at_once(
    service: Service, use: str, text: str, kept: type[Case | Sighting]
) -> None:
    page = write(service, service.client(service.person()), use, text)
    with service.rows() as session:
        assert str(session.query(kept).one().number) in page


@pytest.mark.parametrize("kind", ["transport", "job", "tourism", "service", "notice"])
def test_other_kinds_are_chosen_on_the_form_read_back_and_published(service: Service, kind: str) -> None:
    browser = service.client(service.person())
    press(service, browser, write(service, browser, kind, "下周要20人摘橘子，一天160元"), "1")
    assert "下周要20人摘橘子" in service.client().get(f"/?kind={kind}").text


def test_a_new_kind_of_post_is_a_row_and_nothing_else(service: Service) -> None:
    """M17: chosen on the form, read back, published, found on the board by its own name, open for its own days."""
    with service.write() as rows:
        rows.add(
            PostKind(
                code="shared_load", name_zh="拼车", name_en="shared loads", tile="拼", direction=None, days=7, seedling_days=7,
                position=9,
            )
        )  # fmt: skip
    browser = service.client(service.person())
    assert "/me/write?use=shared_load" in browser.get("/me/write?use=sell").text
    press(service, browser, write(service, browser, "shared_load", "周三有车去杭州，还能带五筐"), "1")
    board = service.client()
    assert "拼车" in board.get("/").text
    assert "/posts/1001" in board.get("/?kind=shared_load").text
    assert "/posts/1001" not in board.get("/?kind=transport").text
    assert "拼车" in board.get("/posts/1001").text
    assert "shared loads" in board.get("/?lang=en").text
    with service.rows() as session:
        post = session.query(Post).one()
        assert (post.kind, post.expires_at) == ("shared_load", service.now + timedelta(days=7))


def test_an_unknown_kind_makes_no_post(service: Service) -> None:
    from farmerline.errors import Invalid
    from farmerline.messages import Incoming

    person = service.person()
    incoming = Incoming(Channel.WEB, "web", "x", "", "有事", service.now, account_id=person.id)
    with pytest.raises(Invalid), service.write() as session:
        draft_listing(
            session,
            incoming=incoming,
            kind="none",
            understand=service.runtime.understand,
            settings=service.settings,
            now=service.now,
        )


@pytest.mark.parametrize(
    ("act", "state"), [("finish", PostState.DONE), ("down", PostState.WITHDRAWN), ("keep", PostState.OPEN)]
)
def test_an_owner_ends_or_keeps_a_post_and_nobody_else_does(
    service: Service, act: str, state: PostState
) -> None:
    owner = service.person()
    post = service.publish(owner, "卖 西兰花 3000斤 1.5元/斤")
    stranger = service.client(service.person("罗一"))
    assert stranger.get(f"/me/posts/{post}").status_code == 404
    assert service.post(stranger, f"/me/posts/{post}/{act}", page="/me").status_code == 404
    service.clock.advance(timedelta(days=5))
    assert service.post(service.client(owner), f"/me/posts/{post}/{act}", page="/me").status_code == 303
    with service.rows() as session:
        row = session.get_one(Post, post)
        assert row.state is state
        assert act != "keep" or (row.expires_at - service.now).days >= 14


def test_a_post_that_is_over_comes_back_and_twice_over_is_told(service: Service) -> None:
    owner = service.person()
    post = service.publish(owner, "卖 西兰花 3000斤 1.5元/斤")
    browser = service.client(owner)
    service.post(browser, f"/me/posts/{post}/finish", page="/me")
    assert service.post(browser, f"/me/posts/{post}/finish", page="/me").status_code == 409
    service.post(browser, f"/me/posts/{post}/keep", page="/me")
    assert "/posts/1001" in service.client().get("/").text


def test_a_no_to_a_kind_of_message_holds_at_once_and_for_that_channel(service: Service) -> None:
    person = service.person(tips=True)
    browser = service.client(person)
    kept = [
        "match:sms",
        "match:voice",
        "letter:sms",
        "letter:voice",
        "alert:sms",
        "alert:voice",
        "tips:voice",
    ]
    service.post(browser, "/me/data", yes=kept, preferred="voice", spoken="en")
    with service.rows() as session:
        account = session.get_one(Account, person.id)

        def allowed(purpose: Purpose, channel: Channel) -> bool:
            return consent.allows(session, account=account, purpose=purpose, channel=channel)

        assert not allowed(Purpose.TIPS, Channel.SMS)
        assert allowed(Purpose.TIPS, Channel.VOICE)
        assert not allowed(Purpose.DIGEST, Channel.VOICE)
        assert allowed(Purpose.MATCH, Channel.SMS)
        assert consent.history(session, account)[0].proof == "page:data"
        assert (account.preferred, account.language) == (Channel.VOICE, "en")
    assert "What I receive" in browser.get("/me/data").text


def test_a_choice_that_is_none_is_refused(service: Service) -> None:
    browser = service.client(service.person())
    assert service.post(browser, "/me/data", preferred="pigeon", spoken="zh").status_code == 422


def test_other_browsers_can_be_signed_out(service: Service) -> None:
    person = service.person()
    here, there = service.client(person), service.client(person)
    service.post(here, "/me/data/sessions", page="/me/data")
    assert (here.get("/me").status_code, there.get("/me").status_code) == (200, 303)


def test_every_question_that_a_page_asks_has_words_and_buttons(service: Service) -> None:
    elsewhere = {"who", "letter", "alert", "speak", "outcome"}
    for kind in {each.value for each in QuestionKind} - elsewhere | {"outcome_sells", "outcome_buys"}:
        assert kind in shown._TITLES and kind in shown._BUTTONS, kind


def test_what_was_heard_and_what_an_expert_said_are_answered_on_ones_page(service: Service) -> None:
    farmer = service.person()
    with service.write() as rows:
        case = cases.open_case(
            rows,
            kind=CaseKind.SIGHTING,
            area_code=farmer.area_code,
            text="-",
            now=service.now,
            account=farmer,
        )
        case.heard = "葡萄霜霉病"
        questions.ask(
            rows, kind=QuestionKind.HEARD, now=service.now, hours=9, account=farmer, data={"case": case.id}
        )
    page = service.client(farmer).get("/me").text
    assert "您说的是这些吗" in page and "葡萄霜霉病" in page and "对,就是这样" in page.replace("，", ",")
