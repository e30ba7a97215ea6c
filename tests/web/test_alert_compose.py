"""Writing an alert on the web: filled in, counted, kept, handed over; what will not do is refused and nothing is lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import html5lib
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from farmerline.clock import FixedClock
from farmerline.db import Database
from farmerline.domain import callouts
from farmerline.models import (
    Account,
    AccountCrop,
    Alert,
    AlertState,
    AuditRow,
    DrillMember,
    Reach,
    Role,
    Sighting,
)
from tests import factories
from tests.factories import COUNTY, NOW, SHUIXIANG, TOWN, XINDONG, YANGGAO
from tests.service import Service
from tests.site import bring_session, open_site
from tests.web.composing import FIELDS, fill, only_alert, refusals, sign
from tests.web.fit import assert_fits

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def county(database: Database, tmp_path: Path) -> Service:
    """A small county on either database."""
    with database.write() as session:
        factories.fill_county(session)
    settings = factories.make_test_settings(tmp_path, sms_signature="慈溪农业")
    return Service(settings=settings, database=database, clock=FixedClock(NOW))


@pytest.fixture
def officer(service: Service) -> Account:
    return service.staff(Role.OFFICER, COUNTY, "孙建波")


@pytest.fixture
def browser(service: Service, officer: Account) -> FlaskClient:
    service.person("杨永根")
    service.person("沈桂香")
    return service.client(officer)


def shown(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))


def test_an_officer_writes_an_alert_sees_whom_it_reaches_and_hands_it_over(county: Service) -> None:
    officer = county.staff(Role.OFFICER, COUNTY, "孙建波", home=SHUIXIANG)
    signer = county.staff(Role.SIGNER, COUNTY, "马月琴", home=SHUIXIANG)
    for name in ("杨永根", "沈桂香"):
        county.person(name)
    browser = county.client(officer)
    page = fill(county, browser, "count").text
    assert "2 人" in shown(page)
    assert "【慈溪农业】橙色1号：西兰花斜纹夜蛾偏重，22至24日傍晚打药。看懂回1[Z11]" in shown(page)
    kept = fill(county, browser, "save")
    assert kept.location == "/alerts/2026-1/edit"
    alert = only_alert(county)
    assert (alert.state, alert.degree, alert.evidence_count, alert.interval_days) == (
        AlertState.DRAFT,
        4,
        131,
        5,
    )
    edited = fill(county, browser, "save", kept.location, seen="1", action="早上打药")
    assert edited.status_code == 303 and only_alert(county).action == "早上打药"
    handed = fill(county, browser, "submit", kept.location, seen="2")
    assert handed.location == "/alerts/2026-1/handed"
    assert only_alert(county).state is AlertState.SUBMITTED
    with county.rows() as rows:
        assert rows.scalar(select(func.count()).select_from(Reach)) == 2
        acts = list(rows.scalars(select(AuditRow.act).order_by(AuditRow.number)))
    assert [act for act in acts if act.startswith("alert.")] == [
        "alert.draft", "alert.edit", "alert.edit", "alert.submit",
    ]  # fmt: skip
    assert "名单上2人" in shown(browser.get(handed.location).text)
    assert signer.id != alert.drafted_by


def test_who_is_called_to_sign_stands_on_the_page(
    service: Service, browser: FlaskClient, officer: Account
) -> None:
    assert "没有排人来签" in browser.get(fill(service, browser, "submit").location).text
    service.post(browser, "/alerts/2026-1/back", page="/alerts/2026-1/handed")
    for name in ("马月琴", "沈秋月"):
        service.staff(Role.SIGNER, COUNTY, name, home=SHUIXIANG)
        service.clock.advance(timedelta(seconds=1))
    handed = fill(service, browser, "submit", "/alerts/2026-1/edit", seen="2").location
    page = shown(browser.get(handed).text)
    assert "正在叫马月琴来签" in page and "沈秋月" in page and "五分钟没人签，就叫下一位" in page
    with service.write() as rows:
        callouts.step(rows, settings=service.settings, now=service.now)
    page = shown(browser.get(handed).text)
    assert "马月琴打了电话，发了短信" in page and "10:05叫下一位" in page
    assert "正在叫马月琴来签" in page


def test_a_button_writes_the_words_from_the_fields(service: Service, browser: FlaskClient) -> None:
    page = fill(service, browser, "suggest", short_text="", voice_text="", full_text="").text
    words = dict(re.findall(r'<textarea id="(\w+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL))
    assert words["short_text"] == "西兰花斜纹夜蛾偏重，22至24日傍晚打药。先翻叶背，百株过20头再打。"
    assert words["voice_text"].startswith("西兰花有斜纹夜蛾，偏重。11月22至24日，傍晚打药。")
    assert "用药：氯虫苯甲酰胺（有效成分）。" in words["full_text"]
    with service.rows() as rows:
        assert rows.scalar(select(func.count()).select_from(Alert)) == 0
    assert fill(service, browser, "save", **words).status_code == 303


@pytest.mark.parametrize(
    ("changes", "status", "sentence", "code"),
    [
        ({"a": []}, 422, "请勾上发到哪些镇、村", "area_missing"),
        ({"a": ["339999999999"]}, 422, "没有339999999999", "area_unknown"),
        ({"a": [SHUIXIANG]}, 409, "没有人可以告诉", "audience_empty"),
        ({"audience_crop": "葡萄"}, 409, "没有人可以告诉", "audience_empty"),
        ({"short_text": "字" * 59}, 422, "最多58字", "too_long"),
        ({"voice_text": "稻飞虱很多快去打药" * 20}, 422, "秒", "voice_long"),
        ({"window_from": "2026-11-25"}, 422, "结束在开始前面", "window"),
        ({"window_from": "明天"}, 422, "2026-10-12", "date_shape"),
        ({"valid_until": "9999-12-31"}, 422, "2026-10-12", "date_shape"),
        ({"valid_until": "2031-01-01"}, 422, "有效期太长", "valid_until_far"),
        ({"send": "later", "send_day": "0001-01-01", "send_time": "00:00"}, 422, "2026-10-12", "date_shape"),
        ({"valid_until": "2026-11-19"}, 422, "", "valid_until"),
        ({"valid_until": ""}, 422, "请写有效到哪一天", "field_missing"),
        ({"colour": ""}, 422, "请选颜色", "field_missing"),
        ({"colour": "green"}, 422, "请选颜色", "field_missing"),
        ({"degree": "6"}, 422, "请选发生程度", "field_missing"),
        ({"exercise": "maybe"}, 422, "真的还是演练", "field_missing"),
        ({"send": ""}, 422, "还是定时发", "field_missing"),
        ({"crop": " "}, 422, "请写是什么作物", "field_missing"),
        ({"evidence_count": "很多"}, 422, "这里写数字", "number_shape"),
        ({"evidence_count": "nan"}, 422, "这里写数字", "number_shape"),
        ({"interval_days": "-1"}, 422, "天数写0到365", "days_shape"),
        ({"send": "later", "send_day": "", "send_time": "06:30"}, 422, "请写哪一天发", "field_missing"),
        ({"send": "later", "send_day": "2026-11-21", "send_time": "早上"}, 422, "06:30", "time_shape"),
        ({"send": "later", "send_day": "2026-11-20", "send_time": "09:59"}, 422, "400天", "send_at"),
        (
            {"send": "later", "send_day": "2027-12-26", "send_time": "10:00", "valid_until": "2027-12-30"},
            422, "400天", "send_at",
        ),
    ],
)  # fmt: skip
def test_what_will_not_do_is_refused_kept_as_typed_and_put_on_record(
    service: Service, browser: FlaskClient, changes: dict[str, Any], status: int, sentence: str, code: str
) -> None:
    answer = fill(service, browser, "submit", **changes)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text and sentence in answer.text
    assert refusals(service) == [code]
    for place in re.findall(r'<li><a href="#(\w+)"', answer.text):
        assert f'id="{place}"' in answer.text
    for name, value in {**FIELDS, **changes}.items():
        if isinstance(value, str) and len(value) > 6:
            assert value.split("\n")[0] in answer.text, name
    with service.rows() as rows:
        assert rows.scalar(select(func.count()).select_from(Alert)) == 0


def test_all_slips_are_told_at_once_each_beside_its_field(service: Service, browser: FlaskClient) -> None:
    page = fill(service, browser, "save", colour="", crop="", a=[], evidence_count="x").text
    assert "有4处要改" in page
    for name in ("colour", "crop", "areas", "evidence_count"):
        assert f'href="#{name}"' in page and f'id="{name}"' in page


def test_what_was_handed_over_cannot_be_edited_and_the_try_is_on_record(
    service: Service, browser: FlaskClient
) -> None:
    fill(service, browser, "submit")
    answer = fill(
        service, browser, "save", "/alerts/2026-1/edit", page="/alerts/new", seen="1", action="别的"
    )
    assert answer.status_code == 409 and "别的" in answer.text
    assert refusals(service) == ["alert_submitted"]
    assert only_alert(service).action == "傍晚打药"
    assert browser.get("/alerts/2026-1/edit").location == "/alerts/2026-1"


def test_the_second_of_two_tabs_overwrites_nothing(service: Service, browser: FlaskClient) -> None:
    address = fill(service, browser, "save").location
    assert 'name="seen" value="1"' in browser.get(address).text
    assert fill(service, browser, "save", address, seen="1", action="早上打药").status_code == 303
    late = fill(service, browser, "save", address, seen="1", action="中午打药")
    assert late.status_code == 409 and "中午打药" in late.text
    assert refusals(service) == ["alert_changed"] and only_alert(service).action == "早上打药"


def test_a_time_is_chinas_and_comes_back_as_it_was_written(service: Service, browser: FlaskClient) -> None:
    later = {"send": "later", "send_day": "2026-11-23", "send_time": "06:30"}
    address = fill(service, browser, "save", **later).location
    assert only_alert(service).send_at == datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    page = browser.get(address).text
    for value in ('value="2026-11-23"', 'value="06:30"', 'value="later" checked', 'value="2026-12-04"'):
        assert value in page


def test_what_the_signer_gave_back_says_why(service: Service, browser: FlaskClient, officer: Account) -> None:
    fill(service, browser, "submit")
    signer = service.client(service.staff(Role.SIGNER, COUNTY, "马月琴", home=SHUIXIANG))
    back = service.post(signer, "/alerts/2026-1/return", page="/alerts/2026-1/sign", why="日子写错了")
    assert back.status_code == 303
    assert "退回来了：日子写错了" in browser.get("/alerts/2026-1/edit").text


def test_a_form_sent_twice_is_one_alert(service: Service, browser: FlaskClient) -> None:
    assert fill(service, browser, "submit").location == fill(service, browser, "submit").location
    assert only_alert(service).state is AlertState.SUBMITTED


@pytest.mark.parametrize(
    "other",
    [
        {"a": [XINDONG]},
        {"send": "later", "send_day": "2026-11-23", "send_time": "06:30"},
        {"colour": "red"},
        {"exercise": "yes"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_the_same_words_meant_otherwise_are_an_alert_of_their_own(
    service: Service, browser: FlaskClient, other: dict[str, Any]
) -> None:
    first, second = fill(service, browser, "save"), fill(service, browser, "save", **other)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location != second.location


def test_an_officer_of_another_county_finds_nothing(service: Service, browser: FlaskClient) -> None:
    fill(service, browser, "save")
    stranger = service.client(service.staff(Role.OFFICER, "310118", "陆文彬", home=YANGGAO))
    for page in ("", "/edit", "/handed", "/follow?kind=update"):
        assert stranger.get(f"/alerts/2026-1{page}").status_code == 404, page
    for page in ("/edit", "/back", "/withdraw", "/follow?kind=update"):
        answer = fill(service, stranger, "save", f"/alerts/2026-1{page}", page="/alerts/new")
        assert answer.status_code == 404, page
    assert fill(service, stranger, "save").status_code == 404
    assert "2026-1" not in stranger.get("/alerts").text
    assert only_alert(service).version == 1


def test_an_officer_of_a_town_chooses_from_that_town_alone(service: Service, browser: FlaskClient) -> None:
    town = service.client(service.staff(Role.OFFICER, TOWN, "施植保"))
    page = town.get("/alerts/new").text
    assert f"value={XINDONG}" in page and SHUIXIANG not in page
    assert fill(service, town, "save", a=[SHUIXIANG]).status_code == 404
    counted = fill(service, town, "count", a=[SHUIXIANG]).text
    assert f"没有{SHUIXIANG}" in shown(counted) and "水湘村" not in counted


def test_a_form_begins_with_what_farmers_saw(service: Service, browser: FlaskClient) -> None:
    farmer = service.person("杨永根")
    with service.write() as rows:
        for number, many in enumerate((3, 4, 6), start=1):
            rows.add(
                Sighting(
                    number=number, account_id=farmer.id, area_code=YANGGAO, crop="西兰花", pest="斜纹夜蛾", in_ten=many,
                    text="菜上有虫", channel="sms", reported_at=service.now - timedelta(days=number),
                )
            )  # fmt: skip
    page = browser.get(f"/alerts/new?from={YANGGAO}:西兰花:斜纹夜蛾").text
    for value in ('value="斜纹夜蛾"', 'value="2026-11-19"', 'value="4.3"', "1位农户上报"):
        assert value in page
    assert f"value={YANGGAO} checked" in page
    assert (
        "checked"
        not in browser.get(f"/alerts/new?from={SHUIXIANG}:西兰花:斜纹夜蛾")
        .text.split('id="areas"')[1]
        .split("</fieldset>")[0]
    )


def test_practice_says_so_everywhere_and_counts_only_its_own_people(
    service: Service, browser: FlaskClient, officer: Account
) -> None:
    farmer = service.person("罗一")
    with service.write() as rows:
        rows.add(DrillMember(account_id=farmer.id, added_by=officer.id, added_at=service.now))
    page = fill(service, browser, "count", exercise="yes").text
    assert page.count("演练") >= 4 and 'class="drill"' in page and "【演练】橙色1号" in shown(page)
    assert "1 人" in shown(page)
    address = fill(service, browser, "save", exercise="yes").location
    assert address == "/alerts/2026-Y1/edit"
    assert "<title>【演练】" in browser.get(address).text


def test_a_follower_begins_with_its_parents_facts_and_goes_where_that_one_went(
    service: Service, browser: FlaskClient
) -> None:
    signer = service.staff(Role.SIGNER, COUNTY, "马月琴", home=SHUIXIANG)
    fill(service, browser, "submit")
    sign(service, signer, only_alert(service))
    page = browser.get("/alerts/2026-1/follow?kind=all_clear").text
    assert "解除2026-1号" in page and "斜纹夜蛾过去了" in page and 'name="a"' not in page
    assert "只发给收到过2026-1号的人" in page and "2026-1号还没有人收到" in page
    assert re.search(r'value="blue" checked', page), "good news rings nobody"
    assert "先看后打" not in page
    for kind in ("update", "correction"):
        assert "百株过20头再打" in browser.get(f"/alerts/2026-1/follow?kind={kind}").text
    assert browser.get("/alerts/2026-1/follow?kind=cancel").status_code == 404
    kept = fill(service, browser, "save", "/alerts/2026-1/follow?kind=update", a=[])
    assert kept.location == "/alerts/2026-2/edit"
    assert "2026-1号有新情况" in browser.get(kept.location).text


def test_what_was_given_up_leads_back_to_the_list(service: Service, browser: FlaskClient) -> None:
    fill(service, browser, "save")
    answer = service.post(browser, "/alerts/2026-1/withdraw", page="/alerts/2026-1/edit")
    assert answer.location == "/alerts"
    assert "没发就不要了" in browser.get("/alerts").text


@pytest.mark.parametrize("crops", [(), ("西兰花", "水稻", "葡萄")])
def test_the_form_of_a_whole_county_is_faultless_and_light(
    service: Service, browser: FlaskClient, crops: tuple[str, ...]
) -> None:
    """M20: four hundred villages to choose from."""
    with service.write() as rows:
        farmer = rows.scalars(select(Account).where(Account.area_code == YANGGAO)).first()
        rows.add_all(AccountCrop(account_id=farmer.id, concept=crop) for crop in crops)
    for page in (browser.get("/alerts/new").text, fill(service, browser, "count", a=[COUNTY]).text):
        html5lib.HTMLParser(strict=True).parse(page)
        assert page.count("name=a ") > 400
        assert len(page.encode()) < 50_000


@pytest.mark.browser
@pytest.mark.long
def test_the_form_fits_a_phone_and_a_desk_and_counts_along(
    service: Service, browser: FlaskClient, page: Page
) -> None:
    kept = fill(service, browser, "save").location
    with open_site(service.app) as site:
        bring_session(page, site, browser)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            for where in (
                "/alerts/new?big=1",
                f"{kept}?big=0",
                f"{kept}?lang=en",
                "/alerts",
                "/check?number=2026-1",
            ):
                page.goto(site + where)
                assert_fits(page)
        page.goto(f"{site}{kept}?lang=zh")
        page.fill("#short_text", "字" * 50)
        assert page.inner_text("[data-counts=short_text] .now") == "已写50字，还能写6字"
        page.press("#crop", "Enter")
        page.wait_for_url(f"{site}{kept}")
        assert only_alert(service).short_text == "字" * 50, "the Enter key keeps, and hands nothing over"
