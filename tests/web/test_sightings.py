"""Sightings on pages: a farmer's form with a photo, the contact point's, who sees the photo."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from farmerline.domain import cases, sightings
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AuditRow,
    Call,
    Case,
    CaseKind,
    CaseState,
    Delivery,
    Inbound,
    Photo,
    Recording,
    Role,
    Sighting,
    Verdict,
)
from tests.factories import COUNTY, SHUIXIANG, XINDONG, YANGGAO
from tests.render.test_pictures import picture, png_that_says, taken_sideways
from tests.service import Service, mark
from tests.web.test_contact import WAV

FORM = "/me/sightings/new"


def send(
    browser: FlaskClient,
    address: str = "/me/sightings",
    page: str = FORM,
    photo: bytes | None = None,
    **fields: Any,
) -> TestResponse:
    """The form as a browser sends it, with a file or an empty place for one."""
    data = {
        **fields,
        "csrf_token": mark(browser, page),
        "photo": (BytesIO(photo or b""), "a.jpg" if photo else ""),
    }
    return browser.post(address, data=data, content_type="multipart/form-data")


def kept(service: Service) -> list[Sighting]:
    with service.rows() as rows:
        return list(rows.scalars(select(Sighting).order_by(Sighting.number)))


def of_people(service: Service, kind: type[Any], *where: Any) -> list[Any]:
    with service.rows() as rows:
        return list(rows.scalars(select(kind).where(*where)))


def test_a_farmer_reports_with_a_photo_and_sees_what_became_of_it(service: Service) -> None:
    farmer = service.person("杨永根")
    browser = service.client(farmer)
    assert f'href="{FORM}"' in browser.get("/me").text
    answer = send(browser, photo=taken_sideways(), text="葡萄叶子有白粉,十株三株,昨天开始")
    (row,) = kept(service)
    assert (answer.status_code, answer.location) == (303, f"/me/sightings/{row.number}")
    assert (row.crop, row.pest, row.part, row.in_ten, row.area_code) == ("葡萄", "白粉病", "叶", 3, YANGGAO)
    assert (row.channel, row.account_id, row.operator_id) == (Channel.WEB, farmer.id, None)
    page = browser.get(answer.location).text
    assert "葡萄 白粉病" in page and "等植保员看" in page and f"/me/photos/{row.photo_id}.jpg" in page
    assert "葡萄 白粉病" in browser.get("/me").text
    shown = browser.get(f"/me/photos/{row.photo_id}.jpg")
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert Image.open(BytesIO(shown.data)).size == (640, 1280)
    assert b"SecretPhone" not in shown.data
    assert "no-store" in shown.headers["Cache-Control"]
    with service.write() as rows:
        found = rows.get_one(Sighting, row.id)
        found.verdict, found.verdict_pest, found.verdict_text = Verdict.OTHER, "灰霉病", "三天内打药"
    page = browser.get("/me").text
    assert "植保员看过：是灰霉病" in page and "三天内打药" in page


def test_what_is_chosen_goes_before_what_is_written(service: Service) -> None:
    browser = service.client(service.person())
    send(
        browser, text="叶子有点黄", crop="西红柿", pest="飞虱", part="果", in_ten="7", days="3", village="水湘"
    )  # fmt: skip
    (row,) = kept(service)
    assert (row.crop, row.pest, row.part, row.in_ten, row.area_code) == ("番茄", "稻飞虱", "果", 7, SHUIXIANG)
    assert str(row.since) == "2026-11-17"


def test_the_same_form_twice_is_one_report(service: Service) -> None:
    browser = service.client(service.person())
    first, second = (send(browser, text="葡萄有病", once="a" * 32) for _ in range(2))
    assert first.location == second.location
    assert (len(kept(service)), len(of_people(service, Inbound))) == (1, 1)


@pytest.mark.parametrize(
    ("photo", "said"),
    [
        (b"no picture at all", "打不开"),
        (picture((900, 900))[:2000], "打不开"),
        (png_that_says(60000, 60000), "太大了"),
    ],
    ids=["words", "a cut photo", "a bomb"],
)
def test_a_photo_that_will_not_do_costs_no_words(service: Service, photo: bytes, said: str) -> None:
    browser = service.client(service.person())
    answer = send(
        browser, photo=photo, text="葡萄叶子有白粉", crop="葡萄", in_ten="4", days="7", village="水湘"
    )
    assert answer.status_code == 422
    assert said in answer.text
    for typed in (
        "葡萄叶子有白粉",
        'value="葡萄"',
        '<option value="4" selected',
        '<option value="7" selected',
        'value="水湘"',
    ):
        assert typed in answer.text
    assert kept(service) == []
    assert of_people(service, Photo) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "写几个字"), ({"text": "病" * 801}, "801"), ({"text": "有病", "crop": "字" * 21}, "21"), ({"text": "有病", "village": "火星村"}, "火星村"),
        ({"text": "有病", "in_ten": "11"}, "0到10"), ({"text": "有病", "in_ten": "²"}, "0到10"), ({"text": "有病", "days": "5"}, "哪天开始"),
        ({"text": "有病", "part": "尾巴"}, "部位"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_beside_what_was_typed(
    service: Service, fields: dict[str, Any], said: str
) -> None:
    answer = send(service.client(service.person()), **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert fields.get("text", "") in answer.text
    assert kept(service) == []


def test_a_good_photo_beside_a_slip_is_asked_for_again(service: Service) -> None:
    answer = send(service.client(service.person()), photo=picture(), text="有病", village="火星村")
    assert "照片请再选一次" in answer.text
    assert of_people(service, Photo) == []


def test_a_photo_alone_will_do(service: Service) -> None:
    assert send(service.client(service.person()), photo=picture()).status_code == 303
    assert kept(service)[0].photo_id


@pytest.fixture
def helper(service: Service) -> Account:
    return service.staff(Role.CONTACT, YANGGAO, "岑美芳")


def test_a_contact_point_takes_a_sighting_for_a_person_who_is_told(service: Service, helper: Account) -> None:
    farmer = service.person("杨永根")
    browser, person = service.client(helper), f"/desk/people/{farmer.id}"
    assert f'href="{person}/sighting"' in browser.get(person).text
    for _ in range(2):  # pressed twice
        answer = send(
            browser,
            f"{person}/sighting",
            f"{person}/sighting",
            picture(),
            text="葡萄叶子有白粉,十株三株",
            token="t1",
        )
        assert (answer.status_code, answer.location) == (303, person)
    (row,) = kept(service)
    assert (row.account_id, row.operator_id, row.channel) == (farmer.id, helper.id, Channel.CONTACT)
    (sent,) = of_people(service, Delivery, Delivery.account_id == farmer.id, Delivery.channel == Channel.SMS)
    assert (
        sent.text == f"记下了:葡萄 白粉病 叶子 十株里3株,杨高村(杨永根)。植保员看了告诉您。编号{row.number}"
    )
    (noted,) = of_people(service, AuditRow, AuditRow.act == "sighting.report")
    assert (noted.actor_id, noted.for_id) == (helper.id, farmer.id)
    assert f"/desk/photos/{row.photo_id}.jpg" in browser.get(person).text


def spoken(service: Service, account: Account | None, phone: str = "") -> Case:
    with service.write() as rows:
        caller = account.phone if account else phone
        call = Call(gateway="voice", ref=f"CA{caller}", caller=caller, started_at=service.now)
        rows.add(call)
        rows.flush()
        sound = Recording(
            call_id=call.id,
            account_id=account.id if account else None,
            use="pest",
            seconds=26,
            sound=WAV,
            at=service.now,
        )
        rows.add(sound)
        rows.flush()
        return cases.open_case(
            rows, kind=CaseKind.SIGHTING, area_code=YANGGAO, text="(语音)", now=service.now, account=account, phone=phone or None,
            recording=sound,
        )  # fmt: skip


def test_a_spoken_sighting_is_written_down_under_its_number_and_the_case_ends(
    service: Service, helper: Account
) -> None:
    farmer = service.person("杨永根")
    case = spoken(service, farmer)
    browser, address = service.client(helper), f"/desk/cases/{case.number}"
    page = browser.get(address).text
    assert f"/desk/recordings/{case.recording_id}.wav" in page and f'action="{address}/sighting"' in page
    answer = send(browser, f"{address}/sighting", address, account_id=farmer.id, text="", crop="", pest="")
    assert answer.status_code == 422 and "写几个字" in answer.text
    answer = send(
        browser, f"{address}/sighting", address, account_id=farmer.id, text="葡萄叶子有白粉", in_ten="4"
    )
    assert (answer.status_code, answer.location) == (303, address)
    (row,) = kept(service)
    assert (row.number, row.case_id, row.in_ten, row.channel) == (case.number, case.id, 4, Channel.VOICE)
    (closed,) = of_people(service, Case)
    assert (closed.state, closed.closed_by) == (CaseState.CLOSED, helper.id)
    again = send(browser, f"{address}/sighting", "/desk", account_id=farmer.id, text="葡萄叶子有白粉")
    assert again.status_code == 409
    assert len(kept(service)) == 1


def test_a_caller_without_an_account_keeps_the_phone(service: Service, helper: Account) -> None:
    case = spoken(service, None, "+8613812349876")
    browser, address = service.client(helper), f"/desk/cases/{case.number}"
    assert "答复打来的那个号" in browser.get(address).text
    send(browser, f"{address}/sighting", address, account_id="", text="玉米有粘虫")
    (row,) = kept(service)
    assert (row.account_id, row.phone, row.area_code) == (None, "+8613812349876", YANGGAO)
    (sent,) = of_people(service, Delivery)
    assert (sent.address, sent.channel) == ("+8613812349876", Channel.SMS)


SEES = [
    ("me", None, "", 200), ("me", Role.CONTACT, YANGGAO, 404), ("me", Role.OFFICER, COUNTY, 404), ("me", Role.FARMER, "", 404),
    ("desk", Role.CONTACT, YANGGAO, 200), ("desk", Role.CONTACT, COUNTY, 200), ("desk", Role.CONTACT, SHUIXIANG, 404),
    ("desk", Role.OFFICER, COUNTY, 404), ("desk", Role.ADMIN, COUNTY, 404), ("desk", Role.FARMER, "", 404), ("desk", None, "", 404),
]  # fmt: skip


@pytest.mark.parametrize(("door", "role", "area", "status"), SEES)
def test_a_photo_is_seen_by_its_reporter_and_the_villages_contact_point(
    service: Service, door: str, role: Role | None, area: str, status: int
) -> None:
    farmer = service.person("杨永根")
    send(service.client(farmer), photo=picture(), text="葡萄有病")
    (row,) = kept(service)
    who = (
        farmer
        if role is None
        else service.person("罗一")
        if role is Role.FARMER
        else service.staff(role, area)
    )
    assert service.client(who).get(f"/{door}/photos/{row.photo_id}.jpg").status_code == status
    assert service.client().get(f"/{door}/photos/{row.photo_id}.jpg").status_code == 303


def test_the_photo_of_a_field_elsewhere_is_seen_where_the_reporter_lives_and_where_the_field_is(
    service: Service,
) -> None:
    send(service.client(service.person()), photo=picture(), text="葡萄有病", village="水湘")
    (row,) = kept(service)
    assert row.area_code == SHUIXIANG
    for area, status in ((YANGGAO, 200), (SHUIXIANG, 200), (XINDONG, 404)):
        who = service.staff(Role.CONTACT, area, home=area)
        assert service.client(who).get(f"/desk/photos/{row.photo_id}.jpg").status_code == status


def test_a_report_of_somebody_else_is_not_there(service: Service) -> None:
    send(service.client(service.person("杨永根")), text="葡萄有病")
    other = service.client(service.person("罗一"))
    assert other.get(f"/me/sightings/{kept(service)[0].number}").status_code == 404


def test_parts_of_plants_have_words_on_the_pages(service: Service) -> None:
    page = service.client(service.person()).get(FORM).text
    for part in sightings.PARTS:
        assert f'<option value="{part}"' in page
    assert len(page.encode()) < 50_000
