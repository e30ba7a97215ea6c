"""The duty roster, the practice list and the code card, as an officer uses them; and nobody of another county."""

from __future__ import annotations

import re

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from farmerline.domain import access, duty
from farmerline.models import Account, AuditRow, Credential, DrillMember, Role, Task
from tests.factories import COUNTY, OTHER_TOWN, SHUIXIANG, TOWN, YANGGAO
from tests.service import PASSWORD, Service

DUTY, DRILLS, CARD = "/alerts/duty", "/alerts/drills", "/me/card"


@pytest.fixture
def person(service: Service) -> Account:
    return service.staff(Role.OFFICER, name="孙建波")


@pytest.fixture
def officer(service: Service, person: Account) -> FlaskClient:
    return service.client(person)


def called(service: Service, task: Task = Task.SIGN, area_code: str = COUNTY) -> list[str]:
    with service.rows() as rows:
        return [account.name for account in duty.roster(rows, task, area_code)]


def totp(service: Service, account: Account) -> str:
    with service.rows() as rows:
        return pyotp.TOTP(rows.get_one(Credential, account.id).totp).at(service.now)


def test_a_roster_is_kept_with_buttons(service: Service, officer: FlaskClient) -> None:
    first, second = service.staff(Role.SIGNER, name="陈志远"), service.staff(Role.SIGNER, name="罗一")
    page = officer.get(DUTY).text
    assert "这里没有排班" in page and "陈志远" in page and "这里没有人有这个职务" not in page
    roster = {"area": COUNTY, "task": "sign"}
    for account in (second, first):
        service.post(officer, f"{DUTY}/add", page=DUTY, account_id=account.id, **roster)
    assert called(service) == ["罗一", "陈志远"]
    service.post(officer, f"{DUTY}/move", page=DUTY, account_id=first.id, way="up", **roster)
    assert called(service) == ["陈志远", "罗一"]
    service.post(officer, f"{DUTY}/remove", page=DUTY, account_id=first.id, **roster)
    page = officer.get(DUTY).text
    assert "要放回去" in page and called(service) == ["罗一"]
    service.post(officer, f"{DUTY}/add", page=DUTY, account_id=first.id, **roster)
    assert called(service) == ["罗一", "陈志远"]
    again = service.post(officer, f"{DUTY}/add", page=DUTY, account_id=first.id, **roster)
    assert again.status_code == 409 and "名单上已经有" in again.text


def test_who_holds_the_role_no_more_is_shown_as_not_called(service: Service, officer: FlaskClient) -> None:
    signer = service.staff(Role.SIGNER, name="陈志远")
    service.post(officer, f"{DUTY}/add", page=DUTY, account_id=signer.id, area=COUNTY, task="sign")
    with service.write() as rows:
        for row in access.roles_of(rows, signer.id):
            access.end_role(rows, row, by=None, now=service.now)
    page = officer.get(DUTY).text
    assert "不会叫到他" in page and called(service) == []
    farmer = service.person("杨永根")
    answer = service.post(officer, f"{DUTY}/add", page=DUTY, account_id=farmer.id, area=COUNTY, task="watch")
    assert answer.status_code == 422 and "没有做这件事的职务" in answer.text


@pytest.mark.parametrize(
    ("task", "area"),
    [("sign", "310118"), ("sign", "999999"), ("sign", ""), ("dance", COUNTY), ("sign", "33")],
)
def test_a_roster_of_elsewhere_is_not_there(
    service: Service, officer: FlaskClient, task: str, area: str
) -> None:
    signer = service.staff(Role.SIGNER, name="陈志远")
    for act in ("add", "move", "remove"):
        answer = service.post(officer, f"{DUTY}/{act}", page=DUTY, account_id=signer.id, area=area, task=task)
        assert answer.status_code == 404, act
    if area:
        assert officer.get(f"{DUTY}?area={area}").status_code == (200 if area == COUNTY else 404)
    assert called(service) == ["陈志远"]


def test_an_officer_of_one_town_keeps_that_town_s_roster_alone(service: Service) -> None:
    signer = service.staff(Role.SIGNER, name="陈志远")
    browser = service.client(service.staff(Role.OFFICER, TOWN, "马小青"))
    assert "龙山镇" in browser.get("/alerts/map").text and browser.get(DUTY).status_code == 200
    for area, status in ((TOWN, 303), (OTHER_TOWN, 404), (COUNTY, 404)):
        answer = service.post(browser, f"{DUTY}/add", page=DUTY, account_id=signer.id, area=area, task="sign")
        assert answer.status_code == status, area


def test_people_are_found_and_put_on_the_practice_list(service: Service, officer: FlaskClient) -> None:
    farmer, other = service.person("杨永根"), service.person("杨大山", area_code=SHUIXIANG)
    assert "还没有人参加演练" in officer.get(DRILLS).text
    page = officer.get(DRILLS, query_string={"said": "老杨", "area": TOWN}).text
    assert "杨永根" in page and "杨大山" not in page
    assert other.phone and "杨大山" in officer.get(DRILLS, query_string={"said": other.phone}).text
    service.post(officer, f"{DRILLS}/add", page=f"{DRILLS}?said=老杨&area={TOWN}", account_id=farmer.id)
    page = officer.get(DRILLS).text
    assert "1个人参加演练" in page and "只发给这些人，别人都收不到" in page and farmer.phone not in page
    again = service.post(officer, f"{DRILLS}/add", page=DRILLS, account_id=farmer.id)
    assert again.status_code == 409 and "已经在演练名单上" in again.text
    service.post(officer, f"{DRILLS}/remove", page=DRILLS, account_id=farmer.id)
    with service.rows() as rows:
        assert not rows.scalars(select(DrillMember)).all()
        acts = rows.scalars(select(AuditRow.act).order_by(AuditRow.number)).all()
        assert acts.count("person.search") == 3 and "drill.register" in acts and "drill.strike" in acts


@pytest.mark.parametrize(
    ("asked", "says"), [("said=永根", "选"), ("said=永根&area=330282", "选"), ("said=%20", "还没有人")]
)
def test_a_name_without_a_town_is_asked_for_one(officer: FlaskClient, asked: str, says: str) -> None:
    assert says in officer.get(f"{DRILLS}?{asked}").text


def test_people_of_elsewhere_are_neither_found_nor_put_on(service: Service) -> None:
    farmer = service.person("杨永根")
    browser = service.client(service.staff(Role.OFFICER, OTHER_TOWN, "马小青", home=SHUIXIANG))
    assert "没有找到" in browser.get(DRILLS, query_string={"said": farmer.phone}).text
    assert browser.get(f"{DRILLS}?said=永根&area={TOWN}").status_code == 404
    for act in ("add", "remove"):
        answer = service.post(browser, f"{DRILLS}/{act}", page=DRILLS, account_id=farmer.id)
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("role", "status"), [(Role.ADMIN, 200), (Role.SIGNER, 404), (Role.CONTACT, 404), (None, 404)]
)
def test_who_keeps_the_lists(service: Service, role: Role | None, status: int) -> None:
    browser = service.client(service.staff(role, name="陈志远") if role else service.person("陈志远"))
    for page in (DUTY, DRILLS):
        assert browser.get(page).status_code == status
        assert service.client().get(page).status_code == 303


def test_a_card_is_made_after_a_proof_and_shown_once(
    service: Service, person: Account, officer: FlaskClient
) -> None:
    assert "没有能用的卡" in officer.get(CARD).text
    wrong = service.post(officer, CARD, code="000000")
    assert wrong.status_code == 422 and "验证码不对" in wrong.text
    code = totp(service, person)
    made = service.post(officer, CARD, code=code)
    codes = [one.replace(" ", "") for one in re.findall(r'<b class="nb">(\d{3} \d{3})</b>', made.text)]
    assert len(codes) == 20 and made.headers["Cache-Control"] == "no-store"
    page = officer.get(CARD).text
    assert "还剩<b>20</b>个码" in page and not any(
        one in page or f"{one[:3]} {one[3:]}" in page for one in codes
    )
    assert service.post(officer, CARD, code=code).status_code == 422  # the same form sent once more
    service.give_password(person)
    fresh = service.client()
    fields = {"phone": person.phone, "password": PASSWORD}
    assert service.post(fresh, "/signin", code=codes[0], **fields).status_code == 303
    assert service.post(service.client(), "/signin", code=codes[0], **fields).status_code == 422
    assert "还剩<b>19</b>个码" in officer.get(CARD).text
    assert service.post(officer, CARD, code=codes[1]).status_code == 200


def test_who_has_no_second_factor_gets_no_card(service: Service, officer: FlaskClient) -> None:
    helper = service.staff(Role.CONTACT, YANGGAO, "岑美芳")
    for account in (service.person(), helper):
        assert service.client(account).get(CARD).status_code == 404
    assert service.client().get(CARD).status_code == 303


def test_a_lost_second_factor_takes_the_card_with_it(
    service: Service, person: Account, officer: FlaskClient
) -> None:
    service.post(officer, CARD, code=totp(service, person))
    boss, page = service.client(service.staff(Role.ADMIN)), f"/admin/people/{person.id}"
    service.post(boss, f"{page}/second-factor", page=page)
    with service.rows() as rows:
        assert rows.get_one(Credential, person.id).card == []
