"""Enrolling people at the desk, speaking for them with their yes, and mending what they lost."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from farmerline.domain import consent, pins
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountState,
    AuditRow,
    Case,
    CaseKind,
    CaseState,
    Deal,
    Delivery,
    Inbound,
    Match,
    MatchState,
    Post,
    PostState,
    Purpose,
    Role,
)
from tests import factories
from tests.factories import SHUIXIANG, XINDONG, YANGGAO
from tests.service import PASSWORD, Service

FORM = {
    "name": "陈国良", "phone": "135 0000 8820", "area_code": YANGGAO, "kinds": "farmer", "crops": ["葡萄", "西兰花"],
    "id_seen": "yes", "id_seen_on": "2026-11-20", "agreed": "1", "preferred": "sms",
}  # fmt: skip


@pytest.fixture
def helper(service: Service) -> Account:
    """The contact point of 杨高村."""
    return service.staff(Role.CONTACT, YANGGAO, "岑美芳")


@pytest.fixture
def browser(service: Service, helper: Account) -> FlaskClient:
    return service.client(helper)


def enrol(service: Service, browser: FlaskClient, **changes: Any) -> TestResponse:
    return service.post(browser, "/desk/enrol", **{**FORM, **changes})


def one(service: Service, kind: type[Any], *where: Any) -> Any:
    with service.rows() as rows:
        return rows.scalars(select(kind).where(*where)).one()


def named(service: Service, name: str) -> list[Account]:
    with service.rows() as rows:
        return [account for account in rows.scalars(select(Account)) if account.name == name]


def acts(service: Service, for_id: str) -> list[str]:
    with service.rows() as rows:
        return list(
            rows.scalars(select(AuditRow.act).where(AuditRow.for_id == for_id).order_by(AuditRow.number))
        )


def test_a_farmer_is_enrolled_and_the_next_form_is_ready(
    service: Service, helper: Account, browser: FlaskClient
) -> None:
    blank = browser.get("/desk/enrol").text
    assert "念给他听" in blank and "加密" in blank
    assert 'name="agreed" value="1" checked' not in blank and 'name="tips" value="1" checked' not in blank
    answer = enrol(service, browser, pin="729154", tips="1")
    assert (answer.status_code, answer.location) == (303, f"/desk/enrol?village={YANGGAO}")
    (person,) = named(service, "陈国良")
    assert (person.state, person.phone, person.id_seen_by) == (
        AccountState.VERIFIED,
        "+8613500008820",
        helper.id,
    )
    assert sorted(row.concept for row in person.crops) == ["葡萄", "西兰花"]
    with service.write() as rows:
        again = rows.get_one(Account, person.id)
        assert consent.allows(rows, account=again, purpose=Purpose.TIPS, channel=Channel.SMS)
        assert pins.check_pin(rows, again, "729154", now=service.now)
    assert "登记好了" in one(service, Delivery, Delivery.account_id == person.id).text
    assert "person.enrol" in acts(service, person.id) and "person.verify" in acts(service, person.id)
    after = browser.get(answer.location).text
    assert "陈国良登记好了" in after and "今天登记了1位" in after and 'value="陈国良"' not in after


def test_the_form_sent_twice_enrols_one_person(service: Service, browser: FlaskClient) -> None:
    for _time in range(2):
        assert enrol(service, browser).status_code == 303
    assert len(named(service, "陈国良")) == 1


def test_another_member_of_a_household_is_asked_about_first(service: Service, browser: FlaskClient) -> None:
    enrol(service, browser)
    asked = enrol(service, browser, name="沈桂香")
    assert asked.status_code == 422
    assert "陈国良" in asked.text and 'name="another"' in asked.text and 'value="沈桂香"' in asked.text
    assert named(service, "沈桂香") == []
    assert enrol(service, browser, name="沈桂香", another="1").status_code == 303
    assert named(service, "沈桂香")[0].phone == "+8613500008820"


def test_a_name_that_sounds_the_same_in_the_village_is_asked_about_first(
    service: Service, browser: FlaskClient
) -> None:
    enrol(service, browser)
    asked = enrol(service, browser, name="陈果良", phone="13500008829")  # another phone, the same pinyin
    assert asked.status_code == 422 and "陈国良" in asked.text and named(service, "陈果良") == []
    assert enrol(service, browser, name="陈果良", phone="13500008829", another="1").status_code == 303


def test_a_member_who_lives_elsewhere_is_named_only_by_surname(
    service: Service, browser: FlaskClient
) -> None:
    service.person("戎建国", area_code=SHUIXIANG, phone="+8613500008820")
    asked = enrol(service, browser)
    assert "戎**" in asked.text and "戎建国" not in asked.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "陈", ""),
        ("phone", "135000088", "手机号是11位"),
        ("phone", "", "请写电话"),
        ("area_code", SHUIXIANG, "请选村"),
        ("area_code", "", "请选村"),
        ("id_seen", "", "当面看身份证"),
        ("id_seen_on", "2026-11-21", ""),
        ("id_seen_on", "昨天", "请写成2026-10-12"),
        ("resident_number", "330282195803120011", "最后一位对不上"),
        ("agreed", "", "念给他听"),
        ("pin", "123456", ""),
        ("kinds", "wizard", ""),
    ],
)
def test_a_slip_gives_the_form_back_as_it_was(
    service: Service, browser: FlaskClient, field: str, value: str, sentence: str
) -> None:
    answer = enrol(service, browser, **{field: value})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text and sentence in answer.text
    assert field == "name" or 'value="陈国良"' in answer.text
    assert field == "pin" or "729154" not in answer.text
    assert named(service, "陈国良") == []


def test_several_slips_are_listed_together(service: Service, browser: FlaskClient) -> None:
    answer = enrol(service, browser, name="陈", phone="1", agreed="")
    assert "有3处要改" in answer.text


def test_a_person_without_a_phone_reads_at_the_desk(
    service: Service, helper: Account, browser: FlaskClient
) -> None:
    assert enrol(service, browser, phone="", preferred="mailbox").status_code == 303
    assert named(service, "陈国良")[0].phone is None
    again = enrol(service, browser, phone="", preferred="mailbox")
    assert again.status_code == 303 and len(named(service, "陈国良")) == 1
    service.clock.advance(timedelta(hours=1))
    later = enrol(service, service.client(helper), phone="", preferred="mailbox")
    assert later.status_code == 422 and "本村已经登记了陈国良" in later.text


def test_enrolling_who_registered_by_text_takes_up_their_words(
    service: Service, browser: FlaskClient
) -> None:
    stranger = Account(name="陈国良", phone="+8613500008820", area_code=YANGGAO)
    service.text(stranger, "卖葡萄2000斤1.8元一斤")
    service.text(stranger, "注册 陈国良 杨高村")
    assert enrol(service, browser).status_code == 303
    (person,) = named(service, "陈国良")
    assert person.state is AccountState.VERIFIED
    assert one(service, Case, Case.kind == CaseKind.REGISTER).state is CaseState.CLOSED
    assert one(service, Post, Post.account_id == person.id).state is PostState.PENDING


def test_a_post_for_a_person_goes_out_with_their_yes(
    service: Service, helper: Account, browser: FlaskClient
) -> None:
    farmer = service.person("杨永根")
    form, address = f"/desk/people/{farmer.id}/post", f"/desk/people/{farmer.id}"
    seen = service.post(browser, form, text="葡萄 2000斤 1.8元/斤 卖", look="1")
    assert seen.status_code == 200 and "他会收到" in seen.text
    empty = service.post(browser, form, text="")
    assert empty.status_code == 422 and "还没写" in empty.text
    assert service.post(browser, form, text="卖葡萄2000斤1.8元一斤", token="t1").location == address
    assert service.post(browser, form, text="卖葡萄2000斤1.8元一斤", token="t1").location == address
    post = one(service, Post, Post.account_id == farmer.id)
    assert (post.state, post.operator_id, post.channel) == (PostState.PENDING, helper.id, Channel.CONTACT)
    told = one(service, Delivery, Delivery.account_id == farmer.id)
    assert told.channel is Channel.SMS and told.text.startswith("已记下:卖 葡萄")
    page = browser.get(address).text
    assert "这样发布行吗" in page and "对，号码也给对方" in page
    question = one(service, Inbound, Inbound.post_id == post.id).question_id
    for _time in range(2):
        service.post(browser, f"{address}/answer", page=address, question_id=question, reply="1")
    assert one(service, Post, Post.id == post.id).state is PostState.OPEN
    with service.rows() as rows:
        texts = list(rows.scalars(select(Delivery).where(Delivery.account_id == farmer.id)))
    assert any("已发布" in row.text for row in texts)
    assert "words.for_person" in acts(service, farmer.id)


def test_a_doubt_is_settled_at_the_desk_by_one_of_its_choices(service: Service, browser: FlaskClient) -> None:
    farmer = service.person("杨永根")
    address = f"/desk/people/{farmer.id}"
    service.post(browser, f"{address}/post", text="葡萄苗500株")
    page = browser.get(address).text
    assert "他是要哪一样" in page
    assert re.findall(r'name="reply" value="(\d)">([^<]+)<', page) == [
        ("1", "卖葡萄苗"),
        ("2", "买葡萄苗"),
        ("3", "都不是"),
    ]
    question = one(service, Inbound, Inbound.gateway == "desk").question_id
    service.post(browser, f"{address}/answer", page=address, question_id=question, reply="2")
    post = one(service, Post, Post.account_id == farmer.id)
    assert (post.kind, post.state) == ("demand", PostState.PENDING)
    assert "这样发布行吗" in browser.get(address).text


def test_a_draft_is_changed_at_the_desk(service: Service, browser: FlaskClient) -> None:
    farmer = service.person("杨永根")
    address = f"/desk/people/{farmer.id}"
    service.post(browser, f"{address}/post", text="卖葡萄2000斤1.8元一斤")
    question = one(service, Inbound, Inbound.gateway == "desk").question_id
    service.post(browser, f"{address}/answer", page=address, question_id=question, reply="2")
    with service.rows() as rows:
        waiting = rows.scalars(select(Inbound).where(Inbound.ref.startswith("answer:"))).one().question_id
    assert "要改哪里" in browser.get(address).text
    service.post(browser, f"{address}/change", page=address, question_id=waiting, text="3000斤", token="c1")
    assert one(service, Post, Post.account_id == farmer.id).items[0].qty == 1500


def test_an_answer_to_somebody_elses_question_is_not_there(service: Service, browser: FlaskClient) -> None:
    farmer, other = service.person("杨永根"), service.person("沈桂香")
    service.post(browser, f"/desk/people/{farmer.id}/post", text="卖葡萄2000斤1.8元一斤")
    question = one(service, Inbound, Inbound.gateway == "desk").question_id
    page = f"/desk/people/{other.id}"
    assert (
        service.post(browser, f"{page}/answer", page=page, question_id=question, reply="1").status_code == 404
    )
    assert (
        service.post(
            browser, f"/desk/people/{farmer.id}/answer", page=page, question_id=question, reply="9"
        ).status_code
        == 404
    )


def test_people_are_found_by_name_pinyin_and_phone(service: Service, browser: FlaskClient) -> None:
    farmer = service.person("杨永根", phone="+8613812345521")
    for said in ("杨永根", "老杨", "yangyonggen", "13812345521", "5521"):
        assert farmer.id in browser.get(f"/desk/people?said={said}").text, said
    page = browser.get("/desk/people").text
    assert "138****5521" in page and "13812345521" not in page
    assert "没找到" in browser.get("/desk/people?said=诸葛").text


def test_a_number_is_shown_on_request_and_that_is_on_record(service: Service, browser: FlaskClient) -> None:
    farmer = service.person("杨永根", phone="+8613812345521")
    address = f"/desk/people/{farmer.id}"
    assert "13812345521" not in browser.get(address).text
    assert "13812345521" in service.post(browser, f"{address}/phone", page=address).text
    assert acts(service, farmer.id) == ["number.show"]


def test_a_lost_phone_pin_or_password_is_mended_and_each_is_on_record(
    service: Service, browser: FlaskClient
) -> None:
    farmer = service.person("杨永根", phone="+8613812345521")
    address = f"/desk/people/{farmer.id}"
    unseen = service.post(browser, f"{address}/change-phone", page=address, phone="13712345678")
    assert unseen.status_code == 422 and "13712345678" in unseen.text
    service.post(browser, f"{address}/change-phone", page=address, phone="13712345678", id_seen="yes")
    assert one(service, Account, Account.id == farmer.id).phone == "+8613712345678"
    weak = service.post(browser, f"{address}/pin", page=address, pin="111111")
    assert weak.status_code == 422 and "111111" not in weak.text
    assert service.post(browser, f"{address}/pin", page=address, pin="729154").status_code == 303
    shown = service.post(browser, f"{address}/password", page=address)
    assert "一次性密码" in shown.text and "一次性密码：" not in browser.get(address).text
    assert {"person.phone", "pin.reset", "password.reset"} <= set(acts(service, farmer.id))


def test_a_person_is_stopped_let_in_again_and_may_leave(service: Service, browser: FlaskClient) -> None:
    farmer = service.person("杨永根")
    address = f"/desk/people/{farmer.id}"
    assert service.post(browser, f"{address}/suspend", page=address, reason="").status_code == 422
    service.post(browser, f"{address}/suspend", page=address, reason="冒名")
    assert one(service, Account, Account.id == farmer.id).state is AccountState.SUSPENDED
    service.post(browser, f"{address}/reinstate", page=address)
    assert one(service, Account, Account.id == farmer.id).state is AccountState.VERIFIED
    assert service.post(browser, f"{address}/leave", page=address).status_code == 422
    service.post(browser, f"{address}/leave", page=address, sure="yes")
    assert one(service, Account, Account.id == farmer.id).state is AccountState.LEFT


def test_staff_are_not_mended_at_a_village_desk(service: Service, browser: FlaskClient) -> None:
    officer = service.staff(Role.OFFICER, name="沈秋月", home=YANGGAO)
    service.give_password(officer, PASSWORD)
    address = f"/desk/people/{officer.id}"
    assert "由管理员改" in browser.get(address).text
    for act, fields in (
        ("password", {}),
        ("pin", {"pin": "729154"}),
        ("suspend", {"reason": "x"}),
        ("leave", {"sure": "yes"}),
    ):
        assert service.post(browser, f"{address}/{act}", page="/desk/people", **fields).status_code == 409, (
            act
        )


def test_a_match_is_closed_by_what_a_side_told(service: Service) -> None:
    seller = service.person("杨永根", reviewed=True)
    buyer = service.person("岑利民", area_code=SHUIXIANG, reviewed=True)
    service.publish(seller, "卖葡萄2000斤1.8元一斤")
    service.publish(buyer, "买葡萄2000斤2元一斤")
    service.text(buyer, "1")
    match = one(service, Match)
    assert match.state is MatchState.AGREED
    service.clock.advance(timedelta(days=3))
    helper = service.staff(Role.CONTACT, YANGGAO, "岑美英")
    browser = service.client(helper)
    page = browser.get("/desk").text
    assert "杨永根卖葡萄，岑**要" in page
    elsewhere = service.client(service.staff(Role.CONTACT, XINDONG, "陈国庆"))
    fields = {"account_id": seller.id, "outcome": "sold"}
    assert (
        service.post(elsewhere, f"/desk/matches/{match.id}/outcome", page="/desk/enrol", **fields).status_code
        == 404
    )
    assert (
        service.post(browser, f"/desk/matches/{match.id}/outcome", page="/desk", **fields).status_code == 303
    )
    assert one(service, Deal).told_by == seller.id
    assert (
        service.post(browser, f"/desk/matches/{match.id}/outcome", page="/desk/enrol", **fields).status_code
        == 409
    )


def test_a_town_s_contact_point_serves_all_its_villages(service: Service) -> None:
    town = service.client(service.staff(Role.CONTACT, factories.TOWN, "岑美英"))
    page = town.get("/desk/people").text
    assert 'name="village"' in page
    assert service.post(town, "/desk/enrol", **{**FORM, "area_code": XINDONG}).status_code == 303
    assert (
        service.post(
            town,
            "/desk/enrol",
            **{**FORM, "name": "陈国庆", "phone": "13500008821", "area_code": factories.TOWN},
        ).status_code
        == 422
    )
