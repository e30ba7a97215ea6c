"""The report after an alert: one click, a PDF, for those who work on alerts in its areas."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import process_time

import pytest

from farmerline.domain import alert_control, alert_signing, reach
from farmerline.models import Account, Alert, Colour, Role, Settled
from tests import factories
from tests.factories import COUNTY, OTHER_TOWN, SHUIXIANG, TOWN, XINDONG, YANGGAO
from tests.render.reading import read_pages, read_text
from tests.web.bureau import Desk, make_role, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    given = {"bureau_name": "慈溪市农业农村局", "sms_signature": "慈溪农业"}
    with open_desk(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, **given) as made:
        yield made


def fetch(desk: Desk, alert: Alert, who: Account, question: str = "") -> bytes:
    answer = desk.browser(who).get(f"/alerts/{alert.number}/report.pdf{question}")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert f"alert-{alert.number}.pdf" in answer.headers["Content-Disposition"]
    return answer.data


@pytest.fixture
def issued(desk: Desk) -> Alert:
    """To a county: one confirms, one is told in person, one phone is off, one name holds a sign without a picture."""
    bureau = desk.bureau
    first, second, _ = (bureau.person(name, area_code=XINDONG) for name in ("岑一", "岑二", "岑𠮷三"))
    alert = bureau.issue(
        areas=(TOWN,), growth_stage="分蘖期", evidence_place="杨高村", evidence_count=1200.0, evidence_unit="头/百丛",
        ingredient="吡蚜酮", interval_days=14,
    )  # fmt: skip
    bureau.hand_over()
    bureau.do(reach.settle, alert, account_ids=[first.id], how=Settled.REPLY)
    bureau.do(reach.settle, alert, account_ids=[second.id], how=Settled.TOLD)
    return bureau.get(alert)


def test_the_report_says_who_stands_for_it_what_it_said_and_whom_it_reached(
    desk: Desk, issued: Alert
) -> None:
    said = read_text(fetch(desk, issued, desk.officer))
    flat = said.replace("\n", "")
    for words in (
        "慈溪市农业农村局", "橙色 ■■■□", "2026-1号 水稻 稻飞虱", "偏重（5级里的4级）", "分蘖期", desk.officer.name, desk.signer.name,
        "【慈溪农业】橙色1号：早稻稻飞虱偏重", "早稻有稻飞虱,偏重。十三到十五号打药", "先查后打。", "龙山镇", "龙山镇新东村", "岑□三", "还没人去",
        "吡蚜酮", "1200头/百丛", "收割前14天不能用", "2026-12-31", "第1页，共", "回短信1人",
    ):  # fmt: skip
        assert words in flat, words
    assert "岑一" not in flat
    assert "139****" in flat
    assert str(desk.bureau.status(issued).unreached) in said.split("\n")


def test_the_villages_add_up_to_the_last_line(desk: Desk, issued: Alert) -> None:
    words = [one.text for page in read_pages(fetch(desk, issued, desk.officer)) for one in page]
    at = words.index("合计", words.index("各村"))
    total = desk.bureau.status(issued)
    keys = ("planned", "delivered", "heard", "confirmed", "told", "unreached", "excluded")
    assert words[at + 1 : at + 8] == [str(getattr(total, key)) for key in keys]


def test_the_report_is_told_in_english_too(desk: Desk, issued: Alert) -> None:
    said = read_text(fetch(desk, issued, desk.officer, "?lang=en"))
    for words in (
        "Who stands for it",
        "What it said",
        "Signed by",
        "Each village",
        "Who is not reached yet",
        "nobody yet",
    ):
        assert words in said
    assert "{" not in said


def test_it_is_for_those_who_work_on_alerts_in_all_its_areas(desk: Desk, issued: Alert) -> None:
    inside = [
        desk.signer, make_role(desk, Role.ADMIN, "管县里"), make_role(desk, Role.OFFICER, "镇植保", TOWN),
    ]  # fmt: skip
    outside = [
        make_role(desk, Role.OFFICER, "新浦植保", OTHER_TOWN), make_role(desk, Role.CONTACT, "应雪珍", YANGGAO),
        make_role(desk, Role.PUBLISHER, "采编员"), desk.bureau.person("路人", area_code=SHUIXIANG),
    ]  # fmt: skip
    for who in inside:
        fetch(desk, issued, who)
    for who in outside:
        desk.read(who, f"/alerts/{issued.number}/report.pdf", status=404)
    assert desk.service.client().get(f"/alerts/{issued.number}/report.pdf").status_code in (302, 303)
    desk.read(desk.officer, "/alerts/2026-99/report.pdf", status=404)


def test_a_red_alert_sent_alone_says_so_and_who_looked_at_it_again(desk: Desk) -> None:
    bureau = desk.bureau
    bureau.person()
    alert = bureau.draft(colour=Colour.RED)
    bureau.submit(alert)
    bureau.wait(minutes=11)
    bureau.do(
        alert_signing.send_alone, alert, actor=bureau.actor(bureau.officer), code=bureau.code(bureau.officer),
        settings=bureau.settings,
    )  # fmt: skip
    said = read_text(fetch(desk, alert, desk.signer)).replace("\n", "")
    assert "红色 ■■■■" in said
    assert "一个人签发" in said
    assert "还没复核，要在" in said
    bureau.do(alert_signing.review, alert, actor=bureau.actor(bureau.signer), note="该发，田里属实")
    said = read_text(fetch(desk, alert, desk.signer)).replace("\n", "")
    assert "该发，田里属实" in said
    assert f"复核{bureau.signer.name}" in said


def test_a_void_alert_names_what_followed_it(desk: Desk, issued: Alert) -> None:
    bureau = desk.bureau
    bureau.arrive(issued)
    void = bureau.do(
        alert_control.cancel, issued, actor=bureau.actor(bureau.officer), settings=bureau.settings
    )
    bureau.step()
    old = read_text(fetch(desk, issued, desk.officer)).replace("\n", "")
    assert f"{void.number}号，作废通知" in old
    assert "已经结束，有" in old and "还没人去" not in old
    assert f"{issued.number}号，这份是它的作废通知" in read_text(fetch(desk, void, desk.officer)).replace(
        "\n", ""
    )


def test_a_draft_and_an_exercise_say_what_they_are(desk: Desk) -> None:
    assert "还没有发出。" in read_text(fetch(desk, desk.bureau.draft(), desk.officer))
    assert "【演练】橙色" in read_text(fetch(desk, desk.bureau.draft(exercise=True), desk.officer))


def test_two_thousand_people_take_under_two_seconds_of_work(desk: Desk) -> None:
    bureau = desk.bureau
    with desk.service.write() as rows:
        for place in range(2000):
            area = (YANGGAO, XINDONG, SHUIXIANG)[place % 3]
            factories.make_account(rows, f"岑{place}", area_code=area, now=bureau.now - timedelta(days=1))
    alert = bureau.issue(areas=(COUNTY,))
    gc.collect()
    gc.freeze()  # what other tests left behind is no work of the report's
    start = process_time()
    fetch(desk, alert, desk.officer)
    assert process_time() - start < 2
