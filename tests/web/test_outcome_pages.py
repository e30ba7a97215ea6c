"""How a match ended, told on one's own page and at the contact point: how much a part was, why there was no deal."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from farmerline.domain import deals
from farmerline.models import Account, Deal, Match, NoReason, Question, QuestionKind, QuestionState, Role
from tests.factories import YANGGAO
from tests.service import Service


@pytest.fixture
def buyer(service: Service) -> Account:
    """Somebody who is asked on day 10 whether they bought."""
    seller, made = service.person("杨永根"), service.person("岑利民")
    service.publish(seller, "卖 稻谷 3000斤 1.3元/斤")
    service.publish(made, "求购 稻谷 2000斤")
    service.text(made, "1")
    service.clock.advance(timedelta(days=10))
    with service.write() as rows:
        assert deals.ask_due(rows, days=(3, 10), now=service.now) == 1
    return made


def asked(service: Service, person: Account) -> Any:
    with service.rows() as rows:
        mine = select(Question).where(Question.account_id == person.id, Question.state == QuestionState.OPEN)
        return rows.scalars(mine.order_by(Question.asked_at.desc(), Question.id.desc())).first()


def test_a_part_is_told_with_its_amount_on_the_own_page(service: Service, buyer: Account) -> None:
    browser = service.client(buyer)
    first = asked(service, buyer)
    service.post(browser, f"/me/answer/{first.code}", page="/me", reply="3")
    then = asked(service, buyer)
    assert then.kind is QuestionKind.AMOUNT
    page = browser.get("/me").text
    assert "成了多少？" in page and "就记这个数" in page
    said = service.post(browser, f"/me/answer/{then.code}", page="/me", words="500斤", coded="1")
    assert "1500斤" in browser.get(said.location).text
    with service.rows() as rows:
        assert rows.scalars(select(Deal)).one().qty == 250


def test_no_deal_has_four_buttons_for_its_reason(service: Service, buyer: Account) -> None:
    browser = service.client(buyer)
    service.post(browser, f"/me/answer/{asked(service, buyer).code}", page="/me", reply="2")
    then = asked(service, buyer)
    page = browser.get("/me").text
    assert all(words in page for words in ("为啥没成", "价钱", "质量", "没联系上", "跟别家成了"))
    said = service.post(browser, f"/me/answer/{then.code}", page="/me", reply="4")
    assert "谢谢" in browser.get(said.location).text
    with service.rows() as rows:
        assert rows.scalars(select(Match)).one().no_reason is NoReason.GONE


def test_the_contact_point_takes_both(service: Service, buyer: Account) -> None:
    desk = service.client(service.staff(Role.CONTACT, YANGGAO, "岑美芳"))
    address = f"/desk/people/{buyer.id}"
    service.post(desk, f"{address}/answer", page=address, question_id=asked(service, buyer).id, reply="3")
    then = asked(service, buyer)
    assert "成了多少" in desk.get(address).text
    service.post(desk, f"{address}/change", page=address, question_id=then.id, text="800斤", token="ab" * 8)
    with service.rows() as rows:
        assert rows.scalars(select(Deal)).one().qty == 400


def test_the_contact_point_takes_a_reason(service: Service, buyer: Account) -> None:
    desk = service.client(service.staff(Role.CONTACT, YANGGAO, "岑美芳"))
    address = f"/desk/people/{buyer.id}"
    service.post(desk, f"{address}/answer", page=address, question_id=asked(service, buyer).id, reply="2")
    assert "他可以不说" in desk.get(address).text
    service.post(desk, f"{address}/answer", page=address, question_id=asked(service, buyer).id, reply="4")
    with service.rows() as rows:
        assert rows.scalars(select(Match)).one().no_reason is NoReason.GONE


def test_which_lot_was_sold_of_and_how_a_post_is_to_be_changed_are_buttons(service: Service) -> None:
    seller = service.person("杨永根")
    first = service.publish(seller, "卖 柿子 1000斤 2元/斤")
    service.publish(seller, "卖 梨 800斤 3元/斤")
    service.text(seller, "卖了300斤")
    browser = service.client(seller)
    page = browser.get("/me").text
    assert "您说的是哪一个" in page and "300斤" in page
    assert all(words in page for words in ("梨800斤(", "柿子1000斤(", "都不是"))
    meant = re.search(r'value="(\d)">柿子1000斤', page)
    assert meant
    service.post(browser, f"/me/answer/{asked(service, seller).code}", page="/me", reply=meant[1])
    service.text(seller, "柿子改成200斤")
    page = browser.get("/me").text
    assert "要改成这样吗" in page and "柿子 200斤 2元/斤" in page and "就这样改" in page
    service.post(browser, f"/me/answer/{asked(service, seller).code}", page="/me", reply="1")
    shown = browser.get(f"/me/posts/{first}").text
    assert "改过，原来是：1000斤 2元/斤" in shown and "说已卖出：300斤" in shown
