"""The contact point's list of people whom an alert has not reached."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from farmerline.models import (
    Account,
    Alert,
    AlertKind,
    AlertState,
    AuditRow,
    Colour,
    Reach,
    ReachStep,
    Role,
    Settled,
)
from tests import factories
from tests.factories import SHUIXIANG, TOWN, XINDONG, YANGGAO
from tests.service import Service
from tests.web.issued import WORDS, issue, line


@pytest.fixture
def helper(service: Service) -> Account:
    return service.staff(Role.CONTACT, YANGGAO, "岑美芳")


def press(service: Service, who: Account, alert: Alert, **fields: object) -> str:
    """Press a button; the page that follows."""
    browser = service.client(who)
    answer = service.post(browser, f"/desk/alerts/{alert.id}", page="/desk/people", **fields)
    assert answer.status_code == 303, answer.status_code
    return browser.get(answer.location).text


def change(service: Service, alert: Alert, one: Account, **values: object) -> None:
    with service.write() as rows:
        row = rows.get_one(Reach, (alert.id, one.id))
        for name, value in values.items():
            setattr(row, name, value)


def acts(service: Service, act: str) -> list[AuditRow]:
    with service.rows() as rows:
        return list(rows.scalars(select(AuditRow).where(AuditRow.act == act)))


def test_the_day_begins_with_who_is_to_be_told(service: Service, helper: Account) -> None:
    """M14: the contact point visits whom an alert did not reach."""
    issue(service, [service.person("杨阿毛"), service.person("胡秀珍")])
    page = service.client(helper).get("/desk").text
    assert "先去告诉2人" in page and 'href="/desk/alerts"' in page
    assert page.index("要您去告诉的：2人") < page.index("有人来了")
    assert "橙色" in page and "■■■□" in page and "2026-12" in page and WORDS in page
    assert "杨阿毛" in page and "胡秀珍" in page


def test_the_days_page_shows_five_and_leads_to_the_rest(service: Service, helper: Account) -> None:
    issue(service, [service.person(f"杨阿{name}") for name in "毛大小明华强"])
    page = service.client(helper).get("/desk").text
    assert page.count("当面告诉了</button>") == 5 and "看全部6人" in page
    assert service.client(helper).get("/desk/alerts").text.count('name="told"') == 6


def test_nothing_is_said_of_alerts_where_nobody_waits(service: Service, helper: Account) -> None:
    issue(service, [service.person("杨阿毛")], listed=False)
    assert "要您去告诉的" not in service.client(helper).get("/desk").text
    assert "没有等您去告诉的情报" in service.client(helper).get("/desk/alerts").text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"rings": 3, "failed_why": "no_answer"}, "打了3次没接"),
        ({"rings": 3, "failed_why": ""}, "打了3次没接"),
        ({"rings": 2, "failed_why": "busy"}, "打了2次占线"),
        ({"rings": 2, "failed_why": "unreachable_phone"}, "打了2次，关机或没信号"),
        ({"rings": 1, "heard_seconds": 8.0}, "听了8秒就挂了"),
        ({"failed_why": "blocked"}, "号码被运营商拦了"),
        ({"failed_why": "bad_address"}, "号码不对"),
        ({"failed_why": "refused"}, "运营商没送到"),
        ({"channel": "person", "failed_why": "no_phone"}, "没有电话，只能当面"),
        ({}, "发了短信，没回"),
    ],
)
def test_each_stands_there_with_the_reason(
    service: Service, helper: Account, values: dict[str, object], words: str
) -> None:
    issue(service, [service.person("杨阿毛")], reach=values)
    assert words in service.client(helper).get("/desk/alerts").text


def test_told_in_person_closes_the_line_and_can_be_taken_back(service: Service, helper: Account) -> None:
    farmer, other = service.person("杨阿毛"), service.person("胡秀珍")
    alert = issue(service, [farmer, other])
    for _time in range(2):  # pressed twice: once
        page = press(service, helper, alert, told=farmer.id)
    row = line(service, alert, farmer)
    assert (row.settled, row.settled_by, row.step) == (Settled.TOLD, helper.id, ReachStep.DONE)
    assert len(acts(service, "reach.told")) == 1
    assert line(service, alert, other).settled is Settled.OPEN
    assert "要您去告诉的：1人" in page and "没告诉，放回去" in page
    for _time in range(2):
        press(service, helper, alert, untell=farmer.id)
    assert line(service, alert, farmer).settled is Settled.OPEN
    assert len(acts(service, "reach.untold")) == 1


def test_i_go_is_shown_to_all(service: Service, helper: Account) -> None:
    farmer = service.person("陈国良")
    alert = issue(service, [farmer])
    assert "△ 没人去" in service.client(helper).get("/desk/alerts").text
    page = press(service, helper, alert, go=farmer.id)
    assert "◎ 您去" in page and line(service, alert, farmer).going_id == helper.id
    second = service.staff(Role.CONTACT, YANGGAO, "戎建国")
    assert "◎ 岑美芳去" in service.client(second).get("/desk/alerts").text


def test_several_are_told_by_one_press(service: Service, helper: Account) -> None:
    people = [service.person(f"杨阿{name}") for name in "毛大小"]
    alert = issue(service, people)
    page = press(service, helper, alert, all="told", person=[people[0].id, people[2].id])
    assert "当面告诉了2人" in page
    settled = [line(service, alert, one).settled for one in people]
    assert settled == [Settled.TOLD, Settled.OPEN, Settled.TOLD]
    assert "请先勾上人" in press(service, helper, alert, all="told")


def test_numbers_are_masked_until_asked_for_and_each_look_is_on_record(
    service: Service, helper: Account
) -> None:
    farmer = service.person("杨阿毛", phone="+8613900010417")
    alert = issue(service, [farmer])
    browser = service.client(helper)
    assert "139****0417" in browser.get("/desk/alerts").text
    shown = service.post(browser, f"/desk/alerts/{alert.id}", page="/desk/alerts", all="numbers")
    assert shown.status_code == 200 and "13900010417" in shown.text.replace(" ", "")
    assert [(row.actor_id, row.for_id) for row in acts(service, "number.show")] == [(helper.id, farmer.id)]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (AlertKind.CANCEL, "2026-12作废了，请再告诉一声：1人"),
        (AlertKind.ALL_CLEAR, "2026-12解除了，请再告诉一声：1人"),
        (AlertKind.CORRECTION, "2026-12改了，请再告诉一声：1人"),
    ],
)
def test_who_was_told_a_wrong_alert_is_told_once_more(
    service: Service, helper: Account, kind: AlertKind, words: str
) -> None:
    farmer = service.person("杨阿毛")
    first = issue(service, [farmer], state=AlertState.CANCELLED, reach={"settled": Settled.TOLD})
    issue(service, [farmer], serial=13, kind=kind, parent_id=first.id)
    page = service.client(helper).get("/desk/alerts").text
    assert words in page and page.count('name="told"') == 1


def test_practice_is_marked_and_stands_last_and_the_gravest_first(service: Service, helper: Account) -> None:
    farmer = service.person("杨阿毛")
    issue(service, [farmer], serial=1, colour=Colour.RED, exercise=True, voice_text="演练的话")
    issue(service, [farmer], serial=2, colour=Colour.YELLOW, voice_text="黄色的话")
    issue(service, [farmer], serial=3, colour=Colour.RED, voice_text="红色的话")
    page = service.client(helper).get("/desk/alerts").text
    assert page.index("红色的话") < page.index("黄色的话") < page.index("演练的话")
    assert page.count('class="drill"') == 1


@pytest.mark.parametrize(
    "state", [AlertState.CANCELLED, AlertState.REPLACED, AlertState.EXPIRED, AlertState.WITHDRAWN]
)
def test_an_alert_that_no_longer_holds_is_off_the_list_at_once(
    service: Service, helper: Account, state: AlertState
) -> None:
    farmer = service.person("杨阿毛")
    alert = issue(service, [farmer], state=state)
    page = press(service, helper, alert, told=farmer.id)
    assert "眼下没有要当面告诉的人" in page
    assert line(service, alert, farmer).settled is Settled.OPEN


def test_a_town_sees_who_waits_too_long_and_villages_without_a_contact_point(
    service: Service, helper: Account
) -> None:
    town = service.staff(Role.CONTACT, TOWN, "虞小梅")
    fresh, late, alone = (
        service.person("杨阿毛"),
        service.person("胡秀珍"),
        service.person("陈国良", area_code=XINDONG),
    )
    alert = issue(service, [fresh, late, alone])
    change(service, alert, late, step=ReachStep.TOWN, town_at=service.now)
    page = service.client(town).get("/desk/alerts").text
    assert "胡秀珍" in page and "陈国良" in page and "杨阿毛" not in page
    assert "胡秀珍" in service.client(helper).get("/desk/alerts").text


def test_another_village_is_as_if_it_were_not_there(service: Service, helper: Account) -> None:
    far = service.person("虞阿根", area_code=SHUIXIANG)
    alert = issue(service, [far], area=SHUIXIANG)
    browser = service.client(helper)
    assert "虞阿根" not in browser.get("/desk/alerts").text
    for fields in (
        {"told": far.id},
        {"go": far.id},
        {"all": "numbers", "person": far.id},
        {"untell": far.id},
    ):
        answer = service.post(browser, f"/desk/alerts/{alert.id}", page="/desk/people", **fields)
        assert answer.status_code == 404, fields
    assert line(service, alert, far).going_id is None and not acts(service, "alert.refused")


def test_a_county_without_the_alerts_part_has_no_such_page(
    template_database: object, tmp_path: object
) -> None:
    from pathlib import Path

    from tests.service import open_service

    for small in open_service(Path(str(template_database)), Path(str(tmp_path)), modules="voice,mailbox"):
        helper = small.staff(Role.CONTACT, YANGGAO, "岑美芳")
        assert small.client(helper).get("/desk/alerts").status_code == 404
        assert small.client(helper).get("/desk").status_code == 200


def test_a_list_of_hundreds_stays_light(service: Service, helper: Account) -> None:
    """M20."""
    people = [service.person(f"杨阿{chr(0x4E00 + place)}", phone=factories.phone()) for place in range(90)]
    issue(service, people)
    page = service.client(helper).get("/desk/alerts")
    assert len(page.data) < 50_000 and "还有30人" in page.text


def test_the_wait_is_said(service: Service, helper: Account) -> None:
    issue(service, [service.person("杨阿毛")])
    service.clock.advance(timedelta(minutes=10))
    assert "等了30分" in service.client(helper).get("/desk/alerts").text
