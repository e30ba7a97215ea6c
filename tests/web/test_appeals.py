"""The appeal on the pages: the farmer's button, the contact point's for him, the administrator's decision."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from farmerline.models import Account, Case, CaseKind, CaseState, Post, PostState, Role
from tests.factories import SHUIXIANG, YANGGAO
from tests.service import Service

PROMISE = "卖种兔50只80元一只,包回收"


@pytest.fixture
def helper(service: Service) -> Account:
    """The contact point of 杨高村."""
    return service.staff(Role.CONTACT, YANGGAO, "岑美芳")


def case_number(service: Service, kind: CaseKind) -> int:
    with service.rows() as rows:
        return rows.scalars(select(Case.number).where(Case.kind == kind).order_by(Case.number.desc())).first()


def state(service: Service, post_id: str) -> PostState:
    with service.rows() as rows:
        return rows.get_one(Post, post_id).state


@pytest.mark.parametrize("decision", ["publish", "refuse"])
def test_a_farmer_appeals_by_a_button_and_the_administrator_decides(
    service: Service, helper: Account, decision: str
) -> None:
    seller, boss = service.person("杨永根", reviewed=True), service.staff(Role.ADMIN, name="陈志远")
    post_id = service.publish(seller, PROMISE)
    mine, page = service.client(seller), f"/me/posts/{post_id}"
    assert "不服？" in mine.get(page).text
    assert service.post(mine, f"{page}/appeal", page=page, words="合同在村里看过").status_code == 303
    shown = mine.get(page).text
    assert "您申诉过" in shown
    assert "不服？" not in shown
    number = case_number(service, CaseKind.APPEAL)
    desk = service.client(helper)
    assert desk.get(f"/desk/cases/{number}").status_code == 404
    assert "杨永根" not in desk.get("/desk").text
    office = service.client(boss)
    assert f"/admin/appeals/{number}" in office.get("/admin").text
    address = f"/admin/appeals/{number}"
    read = office.get(address).text
    assert "合同在村里看过" in read
    assert "包回收" in read
    assert service.post(office, f"{address}/decide", page=address, decision=decision).status_code == 422
    done = service.post(office, f"{address}/decide", page=address, decision=decision, reason="县里问过了")
    assert done.status_code == 303
    assert state(service, post_id) is (PostState.OPEN if decision == "publish" else PostState.WITHDRAWN)
    assert address not in office.get("/admin").text
    assert "县里问过了" in office.get(address).text


def test_the_contact_point_appeals_for_who_stands_there(service: Service, helper: Account) -> None:
    seller = service.person("杨永根", reviewed=True)
    post_id = service.publish(seller, PROMISE)
    number, desk = case_number(service, CaseKind.REVIEW), service.client(helper)
    page = f"/desk/cases/{number}"
    service.post(desk, f"{page}/review", page=page, decision="withdraw", reason="说不清谁回收")
    assert "联络点撤下了：说不清谁回收" in service.client(seller).get("/me").text
    assert "他不服？" in desk.get(page).text
    service.post(desk, f"{page}/appeal", page=page, words="他有合同")
    assert "他不服？" not in desk.get(page).text
    with service.rows() as rows:
        assert rows.scalars(select(Case).where(Case.state == CaseState.OPEN)).one().kind is CaseKind.APPEAL
    assert service.post(desk, f"{page}/appeal", page=page).status_code == 409
    assert state(service, post_id) is PostState.WITHDRAWN


def test_nobody_else_sees_or_decides_an_appeal(service: Service, helper: Account) -> None:
    seller = service.person("杨永根", reviewed=True)
    post_id = service.publish(seller, PROMISE)
    service.text(seller, "申诉")
    address = f"/admin/appeals/{case_number(service, CaseKind.APPEAL)}"
    other_town = service.staff(Role.ADMIN, SHUIXIANG, "罗一", home=SHUIXIANG)
    for who in (seller, helper, other_town, service.staff(Role.PUBLISHER, name="马小青")):
        browser = service.client(who)
        assert browser.get(address).status_code == 404
        answer = service.post(browser, f"{address}/decide", page="/me", decision="publish", reason="x")
        assert answer.status_code == 404
    assert service.client().get(address).status_code in (303, 404)
    stranger = service.client(service.person("陈小梅"))
    assert service.post(stranger, f"/me/posts/{post_id}/appeal", page="/me").status_code == 404
    assert state(service, post_id) is PostState.HELD
