"""A running alert: its figures, who is not told and who goes there, and what an officer can do with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from farmerline.domain import reach
from farmerline.models import Account, Alert, AlertState, Colour, DrillMember, Reach, Role, Settled
from tests.factories import SHUIXIANG, TOWN, XINDONG
from tests.web.bureau import Desk, make_role, open_desk

NAMES = ("杨大山", "杨阿毛", "沈桂香", "陈国良", "励金法", "徐惠娣")


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    with open_desk(database_url, tmp_path, sms_signature="慈溪农业") as made:
        yield made


def going_out(desk: Desk, **values: object) -> tuple[Alert, list[Account]]:
    """An alert to six people of two villages, out and arrived but at two phones."""
    people = [desk.bureau.person(name, area_code=SHUIXIANG) for name in NAMES[:3]]
    people += [desk.bureau.person(name, area_code=XINDONG) for name in NAMES[3:]]
    alert = desk.bureau.issue(areas=(SHUIXIANG, XINDONG), **values)
    desk.bureau.hand_over()
    desk.bureau.arrive(alert, but=(people[0], people[3]))
    return desk.bureau.get(alert), people


def settle(desk: Desk, alert: Alert, who: Account, how: Settled) -> None:
    desk.bureau.do(reach.settle, alert, account_ids=[who.id], how=how)


def put_on_list(desk: Desk, alert: Alert, who: Account) -> None:
    with desk.service.write() as rows:
        row = rows.get_one(Reach, (alert.id, who.id))
        row.step, row.listed_at, row.failed_why, row.rings = "list", desk.bureau.now, "no_answer", 4


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_headline_is_the_gap_and_every_person_is_counted_once(desk: Desk) -> None:
    alert, people = going_out(desk)
    settle(desk, alert, people[1], Settled.REPLY)
    settle(desk, alert, people[2], Settled.TOLD)
    put_on_list(desk, alert, people[0])
    page = plain(desk.read(desk.officer, f"/alerts/{alert.number}/run"))
    counted = desk.bureau.status(alert)
    assert counted.planned == counted.confirmed + counted.told + counted.unreached + counted.excluded
    assert f"还有{counted.unreached}人没说看懂" in page and "其中1人没人去" in page
    assert f"要告知 {counted.planned}" in page and "看懂了 1" in page and "当面告诉了 1" in page
    assert "关机或没信号 2" in page and "没送到2" in page
    assert re.search(rf"合计 {counted.unreached} 2/{counted.planned}", page)
    assert "打了4次没接" in page and "△ 没人去" in page


def test_the_moving_parts_come_alone_and_say_the_same(desk: Desk) -> None:
    alert, people = going_out(desk)
    whole = desk.read(desk.officer, f"/alerts/{alert.number}/run")
    parts = desk.read(desk.officer, f"/alerts/{alert.number}/run/now")
    ids = re.findall(r'id="(p-\w+)" data-part', parts)
    assert ids == ["p-head", "p-clock", "p-funnel", "p-villages", "p-people", "p-act", "p-history"]
    assert all(f'id="{one}"' in whole for one in ids)
    assert "<html" not in parts and "csrf_token" not in parts and len(parts.encode()) < 30_000
    assert f'data-live="/alerts/{alert.number}/run/now"' in whole and "static/live.js" in whole
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in whole
    settle(desk, alert, people[1], Settled.KEY)
    assert desk.read(desk.officer, f"/alerts/{alert.number}/run/now") != parts


def test_somebody_is_sent_to_one_person_and_then_to_all_to_whom_nobody_goes(desk: Desk) -> None:
    alert, people = going_out(desk)
    helper = make_role(desk, Role.CONTACT, "岑美芳", XINDONG)
    make_role(desk, Role.CONTACT, "方镇长", TOWN)
    for who in people[3:6]:
        put_on_list(desk, alert, who)
    page = desk.read(desk.officer, f"/alerts/{alert.number}/run")
    assert "给3人派上人" in page and page.count("派岑美芳") == 3
    answer = desk.press(desk.officer, f"/alerts/{alert.number}/go", who=people[3].id)
    assert answer.status_code == 303
    assert desk.bureau.reach(alert, people[3]).going_id == helper.id
    assert desk.bureau.reach(alert, people[4]).going_id is None
    desk.press(desk.officer, f"/alerts/{alert.number}/go", all="1")
    page = plain(desk.read(desk.officer, f"/alerts/{alert.number}/run"))
    assert "◎ 岑美芳去" in page and "没人去" not in page


def test_where_no_contact_point_is_the_officer_goes(desk: Desk) -> None:
    alert, people = going_out(desk)
    put_on_list(desk, alert, people[0])
    assert "我自己去" in desk.read(desk.officer, f"/alerts/{alert.number}/run")
    desk.press(desk.officer, f"/alerts/{alert.number}/go", who=people[0].id)
    assert desk.bureau.reach(alert, people[0]).going_id == desk.officer.id


# act → the states it leads through, the words that follow, the buttons that are there then
CONTROLS = {
    ("pause",): (AlertState.PAUSED, "停下了", {"resume", "stop", "cancel"}),
    ("pause", "resume"): (AlertState.RUNNING, "接着发", {"pause", "resend", "stop", "cancel"}),
    ("resend",): (AlertState.RUNNING, "给2个号再发一遍", {"pause", "stop", "cancel"}),
    ("stop",): (AlertState.STOPPED, "停了。这条不再发了", {"cancel"}),
}


@pytest.mark.parametrize("acts", CONTROLS, ids="-".join)
def test_each_control_states_its_effect_and_does_it(desk: Desk, acts: tuple[str, ...]) -> None:
    alert, _people = going_out(desk)
    before = plain(desk.read(desk.officer, f"/alerts/{alert.number}/run"))
    for effect in ("2条短信，0.09元", "收到过的人（现在4人）", "要打电话的"):
        assert effect in before, effect
    for name in acts:
        answer = desk.press(desk.officer, f"/alerts/{alert.number}/act", act=name)
        assert (answer.status_code, answer.location) == (303, f"/alerts/{alert.number}/run")
    state, words, buttons = CONTROLS[acts]
    page = desk.read(desk.officer, f"/alerts/{alert.number}/run")
    assert desk.bureau.get(alert).state is state and words in page
    assert set(re.findall(r'name="act" value="(\w+)"', page)) == buttons
    assert 'follow?kind=correction"' in page and 'follow?kind=all_clear"' in page


def test_one_press_makes_it_void_and_follows_who_is_told(desk: Desk) -> None:
    alert, people = going_out(desk)
    put_on_list(desk, alert, people[3])
    assert "没人去" in desk.read(desk.signer, f"/alerts/{alert.number}/run")
    answer = desk.press(desk.signer, f"/alerts/{alert.number}/act", act="cancel")
    assert desk.bureau.get(alert).state is AlertState.CANCELLED
    void = answer.location.split("/")[2]
    page = desk.read(desk.signer, f"/alerts/{void}/run")
    assert f"{alert.number}号作废了" in page and "作废" in page
    assert 'value="cancel"' not in page and "follow?kind" not in page
    assert "现在还没有要告诉的人" in page and "0人都告诉到了" not in page
    old = desk.read(desk.signer, f"/alerts/{alert.number}/run")
    assert "data-live" not in old and 'name="act"' not in old
    assert "已经结束，到最后没告诉到的" in old and "不再发了" in old and "没人去" not in old


def test_what_does_not_fit_the_state_is_refused_on_record_and_unknown_acts_are_not_there(desk: Desk) -> None:
    alert, people = going_out(desk)
    answer = desk.press(desk.officer, f"/alerts/{alert.number}/act", act="resume")
    assert answer.status_code == 303 and desk.refusals() == [(desk.officer.id, "resume", "alert_state")]
    assert 'role="alert"' in desk.read(desk.officer, answer.location)
    assert desk.press(desk.officer, f"/alerts/{alert.number}/act", act="nonsense").status_code == 404
    for who in (people[0], make_role(desk, Role.OFFICER, "陆远方", "310118")):
        for address in ("act", "go"):
            assert desk.press(who, f"/alerts/{alert.number}/{address}", act="stop").status_code == 404
        desk.read(who, f"/alerts/{alert.number}/run/now", 404)
    assert desk.bureau.get(alert).state is AlertState.RUNNING


def test_blue_needs_no_answer_so_the_gap_is_who_did_not_get_it(desk: Desk) -> None:
    alert, _people = going_out(desk, colour=Colour.BLUE)
    assert "还有2人没收到" in plain(desk.read(desk.officer, f"/alerts/{alert.number}/run"))


def test_an_exercise_has_its_band_on_every_page(desk: Desk) -> None:
    people = [desk.bureau.person(name) for name in NAMES[:2]]
    with desk.service.write() as rows:
        rows.add_all(
            DrillMember(account_id=one.id, added_by=desk.officer.id, added_at=desk.bureau.now)
            for one in people
        )
    alert = desk.waiting(exercise=True)
    page = desk.read(desk.signer, f"/alerts/{alert.number}/sign")
    assert 'class="drill"' in page and "【演练】" in page and "真的，不是演练" not in page
    desk.sign(alert)
    assert 'class="drill"' in desk.read(desk.signer, f"/alerts/{alert.number}/run")


def test_what_goes_out_is_listed_with_its_gap(desk: Desk) -> None:
    alert, _people = going_out(desk)
    page = desk.read(desk.officer, "/alerts/running")
    assert "正在发1条" in page and "6人没告诉到" in page and f'href="/alerts/{alert.number}/run"' in page
    far = make_role(desk, Role.OFFICER, "钱小村", TOWN)
    assert alert.number not in desk.read(far, "/alerts/running")


def test_figures_fetched_by_a_page_alone_do_not_keep_a_session(desk: Desk) -> None:
    alert, _people = going_out(desk)
    address = f"/alerts/{alert.number}/run/now"
    for minutes, touched, status in ((0, "", 200), (20, "?touched=1", 200), (20, "", 200), (20, "", 303)):
        desk.bureau.wait(minutes=minutes)
        desk.read(desk.officer, address + touched, status)
