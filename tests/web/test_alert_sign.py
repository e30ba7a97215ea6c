"""The second signature: what the signer reads, what is refused and stays on record, what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from farmerline.domain import alerts, credentials
from farmerline.models import Account, Alert, AlertState, Colour, Credential, Role
from tests.domain.alerting import FIELDS
from tests.factories import SHUIXIANG, YANGGAO
from tests.web.bureau import Desk, give_role, make_role, open_desk

Given = dict[str, Any]


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    with open_desk(database_url, tmp_path, sms_signature="慈溪农业") as made:
        made.bureau.person("杨大山")
        made.bureau.person("杨阿毛")
        yield made


def test_the_signer_sees_exactly_what_leaves_to_whom_why_and_for_how_much(desk: Desk) -> None:
    desk.bureau.person("虞小梅", area_code=SHUIXIANG)
    alert = desk.waiting(
        evidence_place="水乡村", evidence_count=131.0, evidence_unit="头", evidence_method="灯诱", interval_days=14,
        ingredient="吡蚜酮",
    )  # fmt: skip
    waiting = desk.read(desk.signer, "/alerts/waiting")
    assert "有1条等着签" in waiting and f'href="/alerts/{alert.number}/sign"' in waiting
    page = desk.read(desk.signer, f"/alerts/{alert.number}/sign")
    n = alert.people
    for words in (
        "真的，不是演练", f"您一签，1个村{n}人马上收到", "<i>【慈溪农业】橙色1号：</i>早稻稻飞虱偏重", "[Z11]</i>", "看懂回1",
        "早稻有稻飞虱", "念完", f"杨高村 <b>{n}</b>", "外村的人不会收到", "水乡村，灯诱，131头", "采收前14天内不打",
        f"{n}人：短信{n}", "没有，这是头一条", "没有重的", "签发，现在就发", 'name="seen" value="1"',
    ):  # fmt: skip
        assert words in page, words
    assert "水乡村 <b>" not in page


def test_a_signature_sends_it_and_leads_to_who_is_not_told(desk: Desk) -> None:
    alert = desk.waiting()
    answer = desk.sign(alert)
    assert (answer.status_code, answer.location) == (303, f"/alerts/{alert.number}/run")
    signed = desk.bureau.get(alert)
    assert (signed.state, signed.signed_by) == (AlertState.RUNNING, desk.signer.id)
    assert "签好了，正在发" in desk.read(desk.signer, answer.location)
    assert "周签发今天10:00签了" in desk.read(desk.signer, f"/alerts/{alert.number}/sign")
    assert not desk.refusals()


def test_a_code_of_the_printed_card_signs_as_well_and_once_only(desk: Desk) -> None:
    with desk.service.write() as rows:
        account = rows.get_one(Account, desk.signer.id)
        codes = credentials.make_card(rows, account, by_id=account.id, now=desk.bureau.now)
    first, second = desk.waiting(), desk.waiting()
    assert desk.sign(first, code=codes[0]).status_code == 303
    assert desk.sign(second, code=codes[0]).status_code == 422
    assert desk.bureau.get(second).state is AlertState.SUBMITTED


def test_what_is_for_later_says_when_and_waits(desk: Desk) -> None:
    alert = desk.waiting(send_at=desk.bureau.now + timedelta(days=1))
    assert "签发，11月21日10:00发" in desk.read(desk.signer, f"/alerts/{alert.number}/sign")
    desk.sign(alert)
    assert desk.bureau.get(alert).state is AlertState.SIGNED
    page = desk.read(desk.signer, f"/alerts/{alert.number}/run")
    assert "还没发出去" in page and "11月21日10:00发出。" in page


@pytest.mark.parametrize(("colour", "waits"), [(Colour.ORANGE, True), (Colour.RED, False)])
def test_at_night_the_signer_reads_when_it_really_leaves(desk: Desk, colour: Colour, waits: bool) -> None:
    desk.bureau.wait(hours=13, minutes=10)  # 23:10 in China
    alert = desk.waiting(colour=colour)
    page = desk.read(desk.signer, f"/alerts/{alert.number}/sign")
    assert ("签发，11月21日7:00发" in page) is waits
    assert ("夜里只发红色的，这条等到11月21日7:00才发" in page) is waits
    assert ("马上收到" in page) is not waits


def by_its_writer(desk: Desk, alert: Alert) -> Given:
    give_role(desk, desk.officer, Role.SIGNER)
    return {"who": desk.officer}


def after_an_edit(desk: Desk, alert: Alert) -> Given:
    edit_anew(desk, alert)
    return {"seen": alert.version}


def a_second_time(desk: Desk, alert: Alert) -> Given:
    desk.sign(alert)
    return {"who": desk.bureau.second}


def after_somebody_came(desk: Desk, alert: Alert) -> Given:
    desk.bureau.person("岑利民")
    return {}


def after_its_last_day(desk: Desk, alert: Alert) -> Given:
    desk.bureau.wait(days=45)
    desk.browsers.clear()
    return {}


REFUSED: dict[str, tuple[Callable[[Desk, Alert], Given], str, str]] = {
    "his own": (by_its_writer, "alert_own", "换一个人签"),
    "changed since": (after_an_edit, "alert_changed", "重新看一遍"),
    "a wrong count": (lambda desk, alert: {"people": alert.people + 1}, "people_wrong", "人数"),
    "no count": (lambda desk, alert: {"people": "许多"}, "people_wrong", "人数"),
    "a wrong code": (lambda desk, alert: {"code": "000000"}, credentials.WRONG_CODE, "不对"),
    "no code": (lambda desk, alert: {"code": ""}, credentials.WRONG_CODE, "不对"),
    "signed already": (a_second_time, "alert_signed", "周签发"),
    "the list grew": (after_somebody_came, "list_grew", "1人"),
    "its days are over": (after_its_last_day, "alert_over", "有效期"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_signature_is_refused_with_one_line_and_a_row_of_the_audit(desk: Desk, why: str) -> None:
    alert = desk.waiting()
    make, code, words = REFUSED[why]
    given = make(desk, alert)
    before = desk.bureau.get(alert).state
    answer = desk.sign(alert, **given)
    assert answer.status_code in (409, 422)
    assert 'role="alert"' in answer.text and words in answer.text.split('role="alert"')[1].split("</div>")[0]
    who = given.get("who", desk.signer)
    assert desk.refusals() == [(who.id, "sign", code)]
    assert desk.bureau.get(alert).state is before


def edit_anew(desk: Desk, alert: Alert) -> None:
    """Taken back, changed, handed over again."""
    bureau = desk.bureau
    if bureau.get(alert).state is AlertState.SUBMITTED:
        bureau.do(alerts.take_back, alert, actor=bureau.actor(desk.officer))
    given = {"actor": bureau.actor(desk.officer), "settings": bureau.settings}
    fields = replace(FIELDS, short_text="早稻稻飞虱很重,赶紧打药")
    bureau.do(alerts.edit, alert, fields=fields, seen=bureau.get(alert).version, **given)
    bureau.submit(alert)


def test_wrong_codes_are_counted_and_then_the_right_one_waits(desk: Desk) -> None:
    alert = desk.waiting()
    for _try in range(4):
        desk.sign(alert, code="000000")
    assert desk.press(
        desk.signer,
        f"/alerts/{alert.number}/sign",
        seen=1,
        people=alert.people,
        code=desk.bureau.code(desk.signer),
    ).status_code in (303, 422)
    with desk.service.rows() as rows:
        assert rows.get_one(Credential, desk.signer.id).failures >= 3


def test_given_back_it_returns_with_the_reason_and_says_what_changed(desk: Desk) -> None:
    alert = desk.waiting()
    empty = desk.press(desk.signer, f"/alerts/{alert.number}/return", why=" ")
    assert empty.status_code == 422 and desk.refusals() == [(desk.signer.id, "give_back", "why_empty")]
    back = desk.press(desk.signer, f"/alerts/{alert.number}/return", why="日期不对")
    assert back.location == "/alerts/waiting"
    row = desk.bureau.get(alert)
    assert (row.state, row.returned_why) == (AlertState.DRAFT, "日期不对")
    edit_anew(desk, alert)
    page = desk.read(desk.signer, f"/alerts/{alert.number}/sign")
    assert "退回过一次：周签发" in page and "后来改了：短信的字。" in page


def test_its_writer_reads_why_not_and_who_was_called(desk: Desk) -> None:
    alert = desk.waiting()
    desk.bureau.step()
    page = desk.read(desk.officer, f"/alerts/{alert.number}/sign")
    assert "要另一个人来签" in page and "/sign" not in page.split("看清这四样")[1]
    assert "<b>周签发</b> 10:00打了电话、发了短信" in page and "方签发 下一个叫" in page
    assert "一个人发" not in page


def test_red_may_go_alone_after_ten_minutes_and_is_looked_at_within_a_day(desk: Desk) -> None:
    alert = desk.waiting(colour=Colour.RED)
    address = f"/alerts/{alert.number}"
    assert "到10:10还没人签" in desk.read(desk.officer, f"{address}/sign")
    early = desk.press(desk.officer, f"{address}/alone", seen=1, code=desk.bureau.code(desk.officer))
    assert early.status_code == 409
    desk.bureau.wait(minutes=10)
    assert "10分钟没人签" in desk.read(desk.officer, f"{address}/sign")
    code = desk.bureau.code(desk.officer)
    assert desk.press(desk.officer, f"{address}/alone", seen=0, code=code).status_code == 409
    assert desk.press(desk.officer, f"{address}/alone", seen=1, code=code).status_code == 303
    assert [code for _who, _act, code in desk.refusals()] == ["alone_early", "alert_changed"]
    assert desk.bureau.get(alert).alone
    assert "只有一个人签就发了" in desk.read(desk.signer, f"{address}/run")
    assert "还没人事后看过" in desk.read(desk.signer, "/alerts/waiting")
    assert "自己不行" in desk.read(desk.officer, f"{address}/review")
    assert desk.press(desk.signer, f"{address}/review", note="").status_code == 422
    assert desk.press(desk.signer, f"{address}/review", note="该发，字对。").status_code == 303
    assert "该发，字对。" in desk.read(desk.signer, f"{address}/review")
    assert "还没人事后看过" not in desk.read(desk.signer, "/alerts/waiting")


def test_an_orange_one_never_goes_alone(desk: Desk) -> None:
    alert = desk.waiting()
    desk.bureau.wait(minutes=20)
    answer = desk.press(
        desk.officer, f"/alerts/{alert.number}/alone", seen=1, code=desk.bureau.code(desk.officer)
    )
    assert answer.status_code == 409 and desk.refusals() == [(desk.officer.id, "send_alone", "alone_colour")]


@pytest.mark.parametrize("page", ["sign", "run", "run/now", "review"])
def test_who_has_nothing_to_do_with_it_finds_nothing(desk: Desk, page: str) -> None:
    alert = desk.waiting()
    far = make_role(desk, Role.SIGNER, "陆远方", "310118")
    village = make_role(desk, Role.OFFICER, "钱小村", YANGGAO[:9])
    for who in (far, desk.bureau.person("岑小农")):
        desk.read(who, f"/alerts/{alert.number}/{page}", 404)
    assert desk.read(village, f"/alerts/{alert.number}/sign")
    assert alert.number not in desk.read(far, "/alerts/waiting")
    for act in ("sign", "return"):
        assert desk.press(far, f"/alerts/{alert.number}/{act}", seen=1, people=2, code="1").status_code == 404
