"""The administrator's desk: accounts, roles, organisations, carriers, jobs, the audit, failed messages."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from farmerline.domain import access
from farmerline.identity import body_check_digit, credit_check_digit
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountState,
    AuditRow,
    Case,
    GatewayRow,
    Inbound,
    InboundState,
    Organisation,
    Role,
    ScheduleRun,
)
from tests.factories import COUNTY, OTHER_TOWN, SHUIXIANG, TOWN, YANGGAO
from tests.service import Service

FIRM = {
    "credit_code": "91310118MA1JL3XK0P", "name": "青浦果品有限公司", "kind": "buyer", "area": "310118102", "contact": "陆文彬",
    "phone": "13900007777",
}  # fmt: skip
PAGES = (
    "/admin", "/admin/people", "/admin/organisations", "/admin/areas", "/admin/gateways", "/admin/jobs", "/admin/inbox",
    "/admin/audit",
)  # fmt: skip


@pytest.fixture
def chief(service: Service) -> Account:
    """The administrator of the whole county."""
    return service.staff(Role.ADMIN, COUNTY, "陈志远")


@pytest.fixture
def browser(service: Service, chief: Account) -> FlaskClient:
    return service.client(chief)


def one(service: Service, kind: type[Any], *where: Any) -> Any:
    with service.rows() as rows:
        return rows.scalars(select(kind).where(*where)).one()


def acts(service: Service, act: str) -> list[AuditRow]:
    with service.rows() as rows:
        return list(rows.scalars(select(AuditRow).where(AuditRow.act == act)))


def roles(service: Service, account: Account) -> list[tuple[Role, str]]:
    with service.rows() as rows:
        return [(row.role, row.area_code) for row in access.roles_of(rows, account.id)]


@pytest.mark.parametrize("address", PAGES)
def test_the_pages_are_for_administrators_alone(service: Service, browser: FlaskClient, address: str) -> None:
    for language in ("zh", "en"):
        page = browser.get(f"{address}?lang={language}")
        assert page.status_code == 200 and len(page.data) < 50_000
        assert "<script" not in page.text and "style=" not in page.text
    assert service.client(service.staff(Role.CONTACT, YANGGAO, "岑美芳")).get(address).status_code == 404
    assert service.client(service.person()).get(address).status_code == 404


def test_an_account_is_found_by_its_whole_phone_or_by_name_in_a_place(
    service: Service, browser: FlaskClient
) -> None:
    farmer = service.person("杨永根", phone="+8613812345521")
    for question in ("said=13812345521", f"said=杨永根&area={YANGGAO}", f"said=yangyonggen&area={TOWN}"):
        page = browser.get(f"/admin/people?{question}").text
        assert farmer.id in page and "138****5521" in page, question
    assert farmer.id not in browser.get(f"/admin/people?said=杨永根&area={SHUIXIANG}").text
    wide = browser.get("/admin/people?said=杨永根")
    assert wide.status_code == 422 and 'value="杨永根"' in wide.text
    several = browser.get("/admin/people?said=杨永根&area=新东")
    assert "是哪个地方" in several.text
    assert len(acts(service, "person.search")) == 4


def test_a_role_is_given_in_an_area_and_taken_back(
    service: Service, chief: Account, browser: FlaskClient
) -> None:
    farmer = service.person("岑美芳")
    address = f"/admin/people/{farmer.id}"
    answer = service.post(browser, f"{address}/roles", page=address, role="contact", area_code=YANGGAO)
    assert answer.status_code == 303 and roles(service, farmer) == [(Role.CONTACT, YANGGAO)]
    working = service.client(farmer)
    assert working.get("/desk").status_code == 200
    twice = service.post(browser, f"{address}/roles", page=address, role="contact", area_code=YANGGAO)
    assert twice.status_code == 409
    with service.rows() as rows:
        grant = access.roles_of(rows, farmer.id)[0]
    service.post(browser, f"/admin/grants/{grant.id}/end", page=address)
    assert roles(service, farmer) == []
    assert working.get("/desk").status_code in (303, 404)
    assert [row.actor_id for row in acts(service, "role.grant")][-1] == chief.id


@pytest.mark.parametrize(
    ("role", "area"),
    [("farmer", YANGGAO), ("king", YANGGAO), ("contact", "999999"), ("contact", "33"), ("contact", "新东")],
)
def test_a_role_or_place_that_does_not_exist_is_kept_as_typed(
    service: Service, browser: FlaskClient, role: str, area: str
) -> None:
    farmer = service.person("岑美芳")
    address = f"/admin/people/{farmer.id}"
    answer = service.post(browser, f"{address}/roles", page=address, role=role, area_code=area)
    assert answer.status_code == 422 and f'value="{area}"' in answer.text
    assert roles(service, farmer) == []


def test_nobody_gives_or_ends_their_own_role(service: Service, chief: Account, browser: FlaskClient) -> None:
    with service.rows() as rows:
        grant = access.roles_of(rows, chief.id)[0]
    own = f"/admin/people/{chief.id}"
    assert (
        service.post(
            browser, f"{own}/roles", page="/admin/organisations", role="signer", area_code=COUNTY
        ).status_code
        == 409
    )
    assert (
        service.post(browser, f"/admin/grants/{grant.id}/end", page="/admin/organisations").status_code == 409
    )
    assert service.post(browser, f"{own}/password", page="/admin/organisations").status_code == 409


def test_an_administrator_of_a_town_has_no_hand_in_another(service: Service) -> None:
    town = service.client(service.staff(Role.ADMIN, TOWN, "沈建国"))
    elsewhere = service.person("陈国良", area_code=SHUIXIANG)
    here = service.person("杨永根")
    helper = service.staff(Role.CONTACT, SHUIXIANG, "陈国庆")
    with service.rows() as rows:
        grant = access.roles_of(rows, helper.id)[0]
    assert town.get(f"/admin/people/{here.id}").status_code == 200
    assert town.get(f"/admin/people/{elsewhere.id}").status_code == 404
    assert town.get(f"/admin/people?said=陈国良&area={OTHER_TOWN}").status_code == 404
    assert elsewhere.id not in town.get(f"/admin/people?said={elsewhere.phone}").text
    page = f"/admin/people/{here.id}"
    for address, fields in (
        (f"/admin/people/{elsewhere.id}/suspend", {"reason": "x"}),
        (f"/admin/people/{elsewhere.id}/password", {}),
        (f"/admin/people/{here.id}/roles", {"role": "contact", "area_code": SHUIXIANG}),
        (f"/admin/people/{here.id}/roles", {"role": "admin", "area_code": COUNTY}),
        (f"/admin/grants/{grant.id}/end", {}),
        ("/admin/audit/export", {}),
        ("/admin/gateways/sms/pause", {"minutes": "60"}),
    ):
        assert service.post(town, address, page=page, **fields).status_code == 404, address
    for address in ("/admin/audit", "/admin/inbox", "/admin/organisations"):
        assert town.get(address).status_code == 404


def test_lost_secrets_are_mended_and_a_person_is_stopped(service: Service, browser: FlaskClient) -> None:
    officer = service.staff(Role.OFFICER, COUNTY, "沈秋月")
    working, address = service.client(officer), f"/admin/people/{officer.id}"
    shown = service.post(browser, f"{address}/password", page=address)
    assert "一次性密码" in shown.text
    assert working.get("/me").status_code == 303
    assert service.post(browser, f"{address}/second-factor", page=address).status_code == 303
    assert service.post(browser, f"{address}/second-factor", page=address).status_code == 409
    assert service.post(browser, f"{address}/suspend", page=address, reason="").status_code == 422
    service.post(browser, f"{address}/suspend", page=address, reason="离职")
    assert one(service, Account, Account.id == officer.id).state is AccountState.SUSPENDED
    service.post(browser, f"{address}/reinstate", page=address)
    assert one(service, Account, Account.id == officer.id).state is AccountState.VERIFIED
    assert len(acts(service, "totp.clear")) == 1


def test_a_firm_of_another_county_is_put_down_and_verified(service: Service, browser: FlaskClient) -> None:
    wrong = service.post(browser, "/admin/organisations", **{**FIRM, "credit_code": "91310118MA1JL3XK0A"})
    assert wrong.status_code == 422 and "青浦果品有限公司" in wrong.text and "对照执照" in wrong.text
    code = good_code()
    assert service.post(browser, "/admin/organisations", **{**FIRM, "credit_code": code}).status_code == 303
    assert service.post(browser, "/admin/organisations", **{**FIRM, "credit_code": code}).status_code == 422
    firm = one(service, Organisation)
    assert firm.state is AccountState.PENDING
    answer = service.post(browser, f"/admin/organisations/{firm.id}/verify", page="/admin/organisations")
    assert answer.status_code == 303
    assert one(service, Organisation).state is AccountState.VERIFIED
    contact = one(service, Account, Account.organisation_id == firm.id)
    assert contact.state is AccountState.VERIFIED
    assert browser.get(f"/admin/people/{contact.id}").status_code == 200
    again = service.post(browser, f"/admin/organisations/{firm.id}/verify", page="/admin/organisations")
    assert again.status_code == 409


def test_a_buyer_of_another_province_posts_and_meets_a_farmer_of_the_county(
    service: Service, browser: FlaskClient
) -> None:
    """M13."""
    service.post(browser, "/admin/organisations", **{**FIRM, "credit_code": good_code()})
    firm = one(service, Organisation)
    service.staff(Role.CONTACT, COUNTY, "沈冬梅")
    service.post(browser, f"/admin/organisations/{firm.id}/verify", page="/admin/organisations")
    buyer = one(service, Account, Account.organisation_id == firm.id)
    service.publish(service.person("岑利民"), "卖 夏黑葡萄 2000斤 1.8元/斤")
    service.publish(buyer, "求购 夏黑葡萄 1000斤")
    home = service.client(buyer).get("/me").text
    assert "岑**" in home
    assert "夏黑葡萄" in home
    with service.rows() as rows:  # the first post of a firm is looked at by the county's own contact point
        assert {case.area_code for case in rows.scalars(select(Case)) if case.account_id == buyer.id} == {
            COUNTY
        }
    helper = service.client(service.staff(Role.CONTACT, COUNTY, "岑美芳"))
    number = one(service, Case, Case.account_id == buyer.id).number
    assert "陆文彬" in helper.get(f"/desk/cases/{number}").text


def good_code() -> str:
    """A credit code whose check digits are right."""
    body = "MA1JL3XK"
    first = f"91310118{body}{body_check_digit(body)}"
    return first + credit_check_digit(first)


def test_a_carrier_is_paused_and_goes_on(service: Service, browser: FlaskClient) -> None:
    service.runtime.gateways  # noqa: B018 - the rows of the connections are there
    page = browser.get("/admin/gateways").text
    assert "短信" in page and "每秒10条" in page
    assert (
        service.post(browser, "/admin/gateways/sms/pause", page="/admin/gateways", minutes="60").status_code
        == 303
    )
    paused = one(service, GatewayRow, GatewayRow.name == "sms").paused_until
    assert (paused - service.now).total_seconds() == 3600
    assert "暂停到" in browser.get("/admin/gateways").text
    service.post(browser, "/admin/gateways/sms/pause", page="/admin/gateways", minutes="0")
    assert one(service, GatewayRow, GatewayRow.name == "sms").paused_until is None
    service.post(browser, "/admin/gateways/sms/pause", page="/admin/gateways", minutes="-5")
    assert (
        service.post(browser, "/admin/gateways/none/pause", page="/admin/gateways", minutes="60").status_code
        == 404
    )
    assert [row.act for row in (*acts(service, "gateway.pause"), *acts(service, "gateway.resume"))] == [
        "gateway.pause",
        "gateway.resume",
    ]


def test_jobs_are_listed_with_their_last_run(service: Service, browser: FlaskClient) -> None:
    with service.write() as rows:
        rows.add(
            ScheduleRun(
                name="backup",
                fire_at=service.now,
                started_at=service.now,
                ended_at=service.now,
                result="OSError",
                failed=True,
            )
        )
    page = browser.get("/admin/jobs").text
    assert "备份数据" in page and "△ 没成" in page and "还没做过" in page


def test_places_are_found_by_name_or_pinyin(browser: FlaskClient) -> None:
    for said in ("杨高", "yanggao"):
        assert YANGGAO in browser.get(f"/admin/areas?said={said}").text
    assert "没有这个地方" in browser.get("/admin/areas?said=桃花源").text


def test_a_message_that_was_given_up_can_be_tried_again(service: Service, browser: FlaskClient) -> None:
    with service.write() as rows:
        rows.add(
            Inbound(
                channel=Channel.SMS, gateway="sms", ref="SM77", sender="+8613812345521", body="卖葡萄", raw="x", attempts=3,
                received_at=service.now, state=InboundState.FAILED,
            )
        )  # fmt: skip
    page = browser.get("/admin/inbox").text
    assert "138****5521" in page and "卖葡萄" not in page
    row = one(service, Inbound)
    assert service.post(browser, f"/admin/inbox/{row.id}/again", page="/admin/inbox").status_code == 303
    assert one(service, Inbound).state is InboundState.RECEIVED
    assert service.post(browser, f"/admin/inbox/{row.id}/again", page="/admin/audit").status_code == 409


def test_the_audit_is_filtered_checked_and_handed_out_on_record(
    service: Service, browser: FlaskClient
) -> None:
    farmer = service.person("杨永根", phone="+8613812345521")
    helper = service.client(service.staff(Role.CONTACT, YANGGAO, "岑美芳"))
    service.post(helper, f"/desk/people/{farmer.id}/phone", page=f"/desk/people/{farmer.id}")
    page = browser.get("/admin/audit?person=13812345521").text
    assert "number.show" in page and "岑美芳" in page and "<b>role.grant" not in page
    assert "没有这样的记录" in browser.get("/admin/audit?last=2026-11-19").text
    assert "没有这样的记录" in browser.get("/admin/audit?person=13800000000").text
    service.post(browser, "/admin/audit/verify", page="/admin/audit")
    assert "记录完好" in browser.get("/admin/audit").text
    sheet = service.post(browser, "/admin/audit/export", page="/admin/audit", act="number.show")
    assert sheet.mimetype == "text/csv" and sheet.text.count("number.show") == 1
    assert [row.detail["rows"] for row in acts(service, "audit.export")] == [1]


def test_a_changed_row_is_named(service: Service, browser: FlaskClient) -> None:
    with service.database.writer.begin() as connection:
        for (name,) in connection.execute(text("select name from sqlite_master where type='trigger'")).all():
            connection.execute(text(f'drop trigger "{name}"'))
        connection.execute(text("update audit set act='nothing' where number=1"))
    service.post(browser, "/admin/audit/verify", page="/admin/audit")
    page = browser.get("/admin/audit?lang=en").text
    assert 'role="alert"' in page and "The chain holds" not in page
