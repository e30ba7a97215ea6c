"""The page of urgent letters: chosen by name or role, looked at, sent once, followed by name."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from farmerline.domain import second_channel
from farmerline.domain.receipts import report
from farmerline.messages import Channel, Receipt, ReceiptState
from farmerline.models import Account, AuditRow, Delivery, Letter, Role
from tests.factories import COUNTY, SHUIXIANG, TOWN, XINDONG, YANGGAO
from tests.service import Service, mark

FORM = {"subject": "今晚值班", "body": "台风改道，各联络点今晚留人。"}


@pytest.fixture
def officer(service: Service) -> Account:
    return service.staff(Role.OFFICER, COUNTY, "励志明")


class Desk:
    """One browser at the form: each press sends the whole form, as the page before showed it."""

    def __init__(self, service: Service, who: Account) -> None:
        self.browser = service.client(who)
        self.token = mark(self.browser, "/alerts/letters/new")
        self.page = ""
        self.answer: Any = None

    def press(self, step: str, **fields: Any) -> str:
        hidden = dict(re.findall(r'type="hidden" name="(once|mark)" value="([^"]*)"', self.page))
        data = {**FORM, **hidden, "step": step, "csrf_token": self.token, **fields}
        self.answer = self.browser.post("/alerts/letters", data=data)
        self.page = self.answer.text
        return self.page


def rows(service: Service, kind: Any, *where: Any) -> list[Any]:
    with service.rows() as session:
        return list(session.scalars(select(kind).where(*where)))


def receive(service: Service, row: Delivery) -> None:
    with service.write() as session:
        report(
            session,
            Receipt(gateway=row.gateway, ref=f"r{row.id}", state=ReceiptState.DELIVERED, at=service.now, delivery_id=row.id),
        )  # fmt: skip


def test_staff_are_found_by_name_and_chosen(service: Service, officer: Account) -> None:
    helper = service.staff(Role.CONTACT, YANGGAO, "岑美芳")
    service.person("岑美芬")
    desk = Desk(service, officer)
    page = desk.press("find", said="岑美芳")
    assert helper.id in page and "岑美芬" not in page and FORM["body"] in page
    page = desk.press("look", person=helper.id)
    assert "发给1人，对不对？" in page and "1条，0.045元" in page and "急信(励志明):今晚值班" in page
    assert rows(service, Letter) == []


def test_a_town_opens_the_search_to_everybody_there(service: Service, officer: Account) -> None:
    farmer = service.person("胡秀珍")
    desk = Desk(service, officer)
    assert farmer.id not in desk.press("find", said="胡秀珍", area=COUNTY)
    assert farmer.id in desk.press("find", said="胡秀珍", area=TOWN)


def test_all_contact_points_of_a_town_are_one_choice(service: Service, officer: Account) -> None:
    service.staff(Role.CONTACT, YANGGAO, "岑美芳")
    service.staff(Role.CONTACT, XINDONG, "陈国良")
    service.staff(Role.CONTACT, SHUIXIANG, "虞小梅")
    desk = Desk(service, officer)
    page = desk.press("group", role="contact", area=TOWN)
    assert "龙山镇的全部联络员" in page and "发给2人" in page
    page = desk.press("look", group=f"contact:{TOWN}")
    assert "发给2人，对不对？" in page and "虞小梅" not in page


def test_it_is_sent_once_however_often_the_button_is_pressed(service: Service, officer: Account) -> None:
    helper = service.staff(Role.CONTACT, YANGGAO, "岑美芳")
    desk = Desk(service, officer)
    page = desk.press("look", person=helper.id)
    desk.press("send", person=helper.id)
    first = desk.answer.location
    desk.page = page
    desk.press("send", person=helper.id)
    assert desk.answer.location == first and desk.answer.status_code == 303
    assert len(rows(service, Letter)) == len(rows(service, Delivery, Delivery.channel == Channel.SMS)) == 1
    shown = desk.browser.get(first).text
    assert "1人里还有1人没收到" in shown and "没回执就今天10:10打电话" in shown


@pytest.mark.parametrize("change", [{"body": "另外的话"}, {"subject": "别的事"}, {"person": []}])
def test_what_was_not_looked_at_is_not_sent(
    service: Service, officer: Account, change: dict[str, Any]
) -> None:
    people = [service.staff(Role.CONTACT, YANGGAO, name).id for name in ("岑美芳", "陈国良")]
    desk = Desk(service, officer)
    desk.press("look", person=people)
    page = desk.press("send", **{"person": people, **change})
    assert desk.answer.status_code == 409 and "和您刚才看的不一样了" in page
    assert rows(service, Letter) == []
    assert [row.detail["code"] for row in rows(service, AuditRow, AuditRow.act == "alert.refused")] == [
        "letter_changed"
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"person": []}, "请选发给谁"),
        ({"body": " "}, "请写明什么事"),
        ({"body": "长" * 501}, "最多"),
        ({"subject": "长" * 40}, "最多"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    service: Service, officer: Account, fields: dict[str, Any], words: str
) -> None:
    helper = service.staff(Role.CONTACT, YANGGAO, "岑美芳")
    page = Desk(service, officer).press("look", **{"person": helper.id, **fields})
    assert words in page and "现在发给" not in page
    assert str(fields.get("body", FORM["body"])).strip() in page


def test_each_person_is_followed_by_name(service: Service, officer: Account) -> None:
    names = ("岑美芳", "陈国良", "虞小梅", "戎建国")
    people = {name: service.staff(Role.CONTACT, YANGGAO, name) for name in names}
    with service.write() as session:
        phoneless = session.merge(people["戎建国"])
        phoneless.phone = phoneless.phone_index = None
    desk = Desk(service, officer)
    ids = [one.id for one in people.values()]
    assert "这些人发不了短信：戎建国" in desk.press("look", person=ids)
    desk.press("send", person=ids)
    where = desk.answer.location
    texts = {row.account_id: row for row in rows(service, Delivery, Delivery.channel == Channel.SMS)}
    receive(service, texts[people["岑美芳"].id])
    reader = service.client(people["陈国良"])
    [letter] = rows(service, Letter, Letter.to_id == people["陈国良"].id)
    assert FORM["body"] in reader.get(f"/me/letters/{letter.thread_id}").text
    service.clock.advance(timedelta(minutes=10))
    with service.write() as session:
        assert second_channel.ring_overdue(session, now=service.now) == 1
    page = desk.browser.get(where).text
    assert "4人里还有2人没收到" in page and "看过的：1人" in page
    assert page.index("虞小梅") < page.index("岑美芳")
    assert "没发短信，请当面告诉" in page and page.count("今天10:00") >= 2


def test_only_the_bureau_writes_one_and_only_in_its_own_area(service: Service, officer: Account) -> None:
    far = service.staff(Role.CONTACT, SHUIXIANG, "虞小梅")
    boss = service.staff(Role.OFFICER, TOWN, "孙建波")
    assert Desk(service, boss).press("look", person=far.id) and rows(service, Letter) == []
    desk = Desk(service, boss)
    desk.press("look", person=far.id)
    assert desk.answer.status_code == 404
    other = Desk(service, officer)
    other.press("look", person=far.id)
    other.press("send", person=far.id)
    assert service.client(boss).get(other.answer.location).status_code == 404
    assert service.client(far).get("/alerts/letters").status_code == 404


def test_the_list_names_what_was_sent(service: Service, officer: Account) -> None:
    helper = service.staff(Role.CONTACT, YANGGAO, "岑美芳")
    desk = Desk(service, officer)
    assert "还没发过急信" in desk.browser.get("/alerts/letters").text
    desk.press("look", person=helper.id)
    desk.press("send", person=helper.id)
    assert FORM["subject"] in desk.browser.get("/alerts/letters").text
