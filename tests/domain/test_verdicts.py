"""Clusters call the officer on duty; verdicts go back to each reporter, once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from farmerline.domain import sighting_forms, sightings
from farmerline.domain.access import Actor
from farmerline.errors import Absent, Invalid
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountState,
    AuditRow,
    Callout,
    CalloutKind,
    CaseKind,
    CaseState,
    Delivery,
    Role,
    Sighting,
    Verdict,
)
from farmerline.queries import sightings as queries
from tests import factories
from tests.domain.reports import decide, officer, seen
from tests.domain.talking import Village, read, sms_parts
from tests.factories import COUNTY, OTHER_TOWN, SHUIXIANG, TOWN, XINDONG, YANGGAO


def called(village: Village) -> list[Callout]:
    found: list[Callout] = village.all(Callout, Callout.kind == CalloutKind.CLUSTER)
    return sorted(found, key=lambda row: row.opened_at)


def told(village: Village, who: Account) -> list[Delivery]:
    rows: list[Delivery] = village.all(Delivery, Delivery.account_id == who.id)
    return rows


def test_the_third_household_of_a_village_in_seven_days_calls_the_officer_on_duty(village: Village) -> None:
    for _ in range(2):
        seen(village, village.person(), in_ten=2)
    assert called(village) == []
    village.wait(days=6)
    seen(village, village.person(), in_ten=6)
    (callout,) = called(village)
    assert callout.text == "龙山镇杨高村7天里3户报葡萄霜霉病,最重十株里6株。"
    assert sms_parts(f"{callout.text}[A12]") == 1
    seen(village, village.person())
    assert len(called(village)) == 1


@pytest.mark.parametrize(
    "reports",
    [
        [{}, {}, {"area_code": XINDONG}],
        [{}, {}, {"pest": "白粉病"}],
        [{}, {}, {"crop": "桃"}],
        [{"crop": "", "pest": ""}] * 3,
    ],
    ids=["another village", "another pest", "another crop", "nothing named"],
)
def test_other_reports_make_no_cluster(sqlite_village: Village, reports: list[dict[str, Any]]) -> None:
    for values in reports:
        seen(sqlite_village, sqlite_village.person(), **values)
    assert called(sqlite_village) == []


def test_old_reports_do_not_count(sqlite_village: Village) -> None:
    for _ in range(2):
        seen(sqlite_village, sqlite_village.person())
    sqlite_village.wait(days=7, seconds=1)
    seen(sqlite_village, sqlite_village.person())
    assert called(sqlite_village) == []


def test_a_household_counts_once(village: Village) -> None:
    first = village.person()
    member = village.person("杨小山", phone=first.phone)
    seen(village, first)
    seen(village, first)
    seen(village, member)
    seen(village, None, phone=first.phone)
    seen(village, village.person())
    assert called(village) == []
    seen(village, None, phone=factories.phone())
    assert len(called(village)) == 1


def test_a_cluster_is_called_again_only_after_a_verdict_or_when_the_window_has_passed(
    village: Village,
) -> None:
    actor = officer(village)
    first = [seen(village, village.person()) for _ in range(3)]
    decide(village, actor, *first)
    for _ in range(2):
        seen(village, village.person())
    assert len(called(village)) == 1  # decided ones count no more
    seen(village, village.person())
    assert len(called(village)) == 2
    village.wait(days=4)
    for _ in range(3):
        seen(village, village.person())
    assert len(called(village)) == 2
    village.wait(days=4)
    seen(village, village.person())
    assert len(called(village)) == 3
    assert len({row.subject for row in called(village)}) == 3


def test_what_was_missing_makes_a_cluster_once_it_is_said(sqlite_village: Village) -> None:
    for _ in range(2):
        sqlite_village.say(sqlite_village.person(), "报 玉米 粘虫")
    farmer = sqlite_village.person()
    sqlite_village.say(farmer, "报 粘虫")
    assert called(sqlite_village) == []
    sqlite_village.say(farmer, "玉米")
    assert len(called(sqlite_village)) == 1


@pytest.mark.parametrize(
    ("verdict", "values", "text"),
    [
        (Verdict.CONFIRMED, {}, "编号101,您报的葡萄霜霉病,植保员看过:是霜霉病。"),
        (Verdict.CONFIRMED, {"text": "三天内打药"}, "编号101,您报的葡萄霜霉病,植保员看过:是霜霉病。三天内打药"),
        (Verdict.OTHER, {"pest": "白粉病"}, "编号101,您报的葡萄霜霉病,植保员看过:是白粉病。"),
        (Verdict.NOTHING, {}, "编号101,您报的葡萄霜霉病,植保员看过:不要紧。"),
        (Verdict.UNCLEAR, {}, "编号101,您报的葡萄霜霉病,植保员还定不下来,要到地里看。"),
    ],
)  # fmt: skip
def test_a_verdict_goes_back_to_the_reporter_in_one_text(
    village: Village, verdict: Verdict, values: dict[str, str], text: str
) -> None:
    farmer = village.person()
    row = seen(village, farmer)
    assert decide(village, officer(village), row, verdict=verdict, **values) == 1
    (sent,) = told(village, farmer)
    assert (sent.text, sent.channel, sent.purpose) == (text, Channel.SMS, "service")
    assert sms_parts(sent.text) == 1
    with village.database.read() as session:
        noted = session.scalars(select(AuditRow).where(AuditRow.act == "sighting.verdict")).one()
    assert (noted.for_id, noted.detail) == (farmer.id, {"verdict": verdict.value, "changed": False})


def test_the_longest_verdict_fits_one_text(sqlite_village: Village) -> None:
    farmer = sqlite_village.person("司马长风")
    sqlite_village.person("司马小风", phone=farmer.phone)
    row = seen(sqlite_village, farmer, crop="四季常绿大叶种茶树", pest="南方根结线虫与黄萎病")
    actor = officer(sqlite_village)
    decide(sqlite_village, actor, row, verdict=Verdict.NOTHING)
    decide(sqlite_village, actor, row, verdict=Verdict.OTHER, pest="字" * 12, text="话" * 20)
    assert [sms_parts(sent.text) for sent in told(sqlite_village, farmer)] == [1, 1]
    assert "司马长风" in told(sqlite_village, farmer)[1].text


def test_a_group_is_decided_at_once_and_each_person_is_told_once(village: Village) -> None:
    people = [village.person() for _ in range(3)]
    rows = [seen(village, one) for one in (*people, people[0])]
    with village.database.read() as session:
        (group,) = queries.groups(session, areas=[COUNTY], now=village.now)
        found = queries.rows(session, group.ids, areas=[COUNTY])
    assert decide(village, officer(village), *found) == 3
    assert [len(told(village, one)) for one in people] == [1, 1, 1]
    assert {village.get(Sighting, row.id).verdict for row in rows} == {Verdict.CONFIRMED}


def test_nobody_is_told_the_same_twice_and_a_change_is_called_a_correction(village: Village) -> None:
    farmer, actor = village.person(), officer(village)
    row = seen(village, farmer)
    assert decide(village, actor, row) == 1
    assert decide(village, actor, row) == 0
    assert decide(village, actor, row, verdict=Verdict.NOTHING) == 1
    assert [sent.text[:3] for sent in told(village, farmer)] == ["编号1", "更正:"]


@pytest.mark.parametrize(
    ("preferred", "channel", "by"),
    [
        (Channel.SMS, Channel.SMS, Channel.SMS), (Channel.VOICE, Channel.SMS, Channel.VOICE), (Channel.SMS, Channel.VOICE, Channel.VOICE),
        (Channel.MAILBOX, Channel.WEB, Channel.MAILBOX), (Channel.MAILBOX, Channel.VOICE, Channel.MAILBOX),
        (Channel.SMS, Channel.CONTACT, Channel.SMS),
    ],
)  # fmt: skip
def test_who_rang_or_is_rung_hears_the_verdict_by_a_call(
    sqlite_village: Village, preferred: Channel, channel: Channel, by: Channel
) -> None:
    farmer = sqlite_village.person(preferred=preferred)
    decide(sqlite_village, officer(sqlite_village), seen(sqlite_village, farmer, channel=channel))
    assert [sent.channel for sent in told(sqlite_village, farmer)] == [by]


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])
def test_a_phone_without_an_account_is_told_too(sqlite_village: Village, channel: Channel) -> None:
    number = factories.phone()
    row = seen(sqlite_village, None, phone=number, channel=channel)
    assert decide(sqlite_village, officer(sqlite_village), row) == 1
    (sent,) = sqlite_village.all(Delivery)
    assert (sent.address, sent.channel, sent.account_id) == (number, channel, None)


def test_who_has_left_is_not_told(sqlite_village: Village) -> None:
    farmer = sqlite_village.person()
    row = seen(sqlite_village, farmer)
    with sqlite_village.session() as session:
        session.get_one(Account, farmer.id).state = AccountState.LEFT
    assert decide(sqlite_village, officer(sqlite_village), row) == 0
    assert told(sqlite_village, farmer) == []


AREAS = [
    (COUNTY, Role.OFFICER, True), (TOWN, Role.OFFICER, True), (YANGGAO, Role.OFFICER, True), (OTHER_TOWN, Role.OFFICER, False),
    (XINDONG, Role.OFFICER, False), (COUNTY, Role.SIGNER, False), (COUNTY, Role.ADMIN, False), (YANGGAO, Role.CONTACT, False),
]  # fmt: skip


@pytest.mark.parametrize(("area", "role", "may"), AREAS)
def test_only_an_officer_of_the_area_decides(
    sqlite_village: Village, area: str, role: Role, may: bool
) -> None:
    farmer = sqlite_village.person()
    row, actor = seen(sqlite_village, farmer), officer(sqlite_village, area, role)
    if may:
        assert decide(sqlite_village, actor, row) == 1
        return
    with pytest.raises(Absent):
        decide(sqlite_village, actor, row)
    assert sqlite_village.get(Sighting, row.id).verdict is Verdict.OPEN
    assert told(sqlite_village, farmer) == []


def test_one_report_from_elsewhere_stops_the_whole_group(sqlite_village: Village) -> None:
    here, there = (
        seen(sqlite_village, sqlite_village.person(), area_code=code) for code in (YANGGAO, SHUIXIANG)
    )
    with pytest.raises(Absent):
        decide(sqlite_village, officer(sqlite_village, TOWN), here, there)
    assert sqlite_village.get(Sighting, here.id).verdict is Verdict.OPEN


@pytest.mark.parametrize(
    ("verdict", "values", "code"),
    [
        (Verdict.OPEN, {}, "verdict_missing"), (Verdict.OTHER, {}, "verdict_pest"), (Verdict.OTHER, {"pest": " "}, "verdict_pest"),
        (Verdict.OTHER, {"pest": "字" * 13}, "verdict_pest_long"), (Verdict.NOTHING, {"text": "字" * 21}, "verdict_long"),
    ],
)  # fmt: skip
def test_a_verdict_that_is_not_whole_is_refused(
    sqlite_village: Village, verdict: Verdict, values: dict[str, str], code: str
) -> None:
    row = seen(sqlite_village, sqlite_village.person())
    with pytest.raises(Invalid) as refused:
        decide(sqlite_village, officer(sqlite_village), row, verdict=verdict, **values)
    assert refused.value.code == code


def test_what_was_confirmed_without_a_name_needs_one(sqlite_village: Village) -> None:
    row, actor = seen(sqlite_village, sqlite_village.person(), pest=""), officer(sqlite_village)
    with pytest.raises(Invalid):
        decide(sqlite_village, actor, row)
    assert decide(sqlite_village, actor, row, pest="灰霉病") == 1


def test_a_verdict_ends_the_call_for_the_officer_on_duty(sqlite_village: Village) -> None:
    rows = [seen(sqlite_village, sqlite_village.person()) for _ in range(3)]
    decide(sqlite_village, officer(sqlite_village), *rows)
    (callout,) = called(sqlite_village)
    assert callout.done_at is not None


def contact(village: Village) -> Actor:
    return officer(village, YANGGAO, Role.CONTACT, "岑美芳")


def test_a_spoken_sighting_keeps_its_number_when_it_is_written_down_and_the_verdict_rings(
    village: Village,
) -> None:
    farmer = village.person()
    line = village.ring(farmer)
    line.press("3")
    line.speak()
    line.press("1")
    (case,) = village.cases(CaseKind.SIGHTING)
    written = sighting_forms.Written(text="葡萄叶子有白粉,十株三株", days="1")
    entered = village.do(
        sighting_forms.write_down, actor=contact(village), number=case.number, account_id=farmer.id, written=written,
        understand=read, settings=village.settings,
    )  # fmt: skip
    row = village.get(Sighting, entered.sighting.id)
    assert (row.number, row.case_id, row.channel) == (case.number, case.id, Channel.VOICE)
    assert (row.crop, row.pest, row.part, row.in_ten) == ("葡萄", "白粉病", "叶", 3)
    closed = village.get(type(case), case.id)
    assert (closed.state, closed.outcome) == (CaseState.CLOSED, f"已代{farmer.name}写下。")
    before = {sent.id for sent in told(village, farmer)}
    decide(village, officer(village), row)
    (sent,) = [one for one in told(village, farmer) if one.id not in before]
    assert (sent.channel, sent.text[:6]) == (Channel.VOICE, f"编号{row.number},")


def test_of_two_reports_at_once_the_later_one_sees_both(village: Village) -> None:
    people = [village.person() for _ in range(3)]
    seen(village, people[0])
    values: dict[str, Any] = {
        "area_code": YANGGAO, "crop": "葡萄", "pest": "霜霉病", "part": "", "in_ten": None, "since": None, "text": "有病",
        "channel": Channel.SMS, "settings": village.settings, "now": village.now,
    }  # fmt: skip
    with ThreadPoolExecutor(1) as pool:
        with village.session() as session:
            sightings.report(session, account=people[1], **values)
            later = pool.submit(lambda: seen(village, people[2]))
            time.sleep(0.2)
            assert not later.done()
        later.result(timeout=10)
    assert len(called(village)) == 1
