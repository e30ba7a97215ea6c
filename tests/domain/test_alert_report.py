"""What the report after an alert is made of: its bill, its times, its relatives, and who is counted where."""

from __future__ import annotations

from datetime import timedelta

import pytest

from farmerline.domain import alert_control, reach
from farmerline.messages import ReceiptState
from farmerline.models import Account, Alert, AlertKind, DeliveryState, Settled
from farmerline.queries import alert_report
from farmerline.queries.alert_report import AlertReport
from tests.domain.alerting import Bureau
from tests.domain.rates import Fees
from tests.factories import COUNTY, XINDONG, YANGGAO

RATES = Fees(sms_part_yuan=0.045, call_minute_yuan=0.12)


def gather(bureau: Bureau, alert: Alert) -> AlertReport:
    with bureau.county.database.read() as session:
        return alert_report.gather(session, session.get_one(Alert, alert.id), rates=RATES)


def settle(bureau: Bureau, alert: Alert, *people: Account, how: Settled = Settled.REPLY) -> None:
    bureau.do(reach.settle, alert, account_ids=[one.id for one in people], how=how)


def test_the_bill_is_of_what_was_handed_over_and_answered(bureau: Bureau) -> None:
    people = [bureau.person(f"岑{place}") for place in range(3)]
    alert = bureau.issue(areas=(COUNTY,))
    assert gather(bureau, alert).bill.yuan == 0  # nothing has left yet
    bureau.hand_over()
    texts = len([row for row in bureau.messages(alert, channel="sms") if row.state is DeliveryState.SENT])
    settle(bureau, alert, people[0])
    bureau.later(minutes=31)
    bureau.hand_over()
    answered, *silent = [
        row for row in bureau.messages(alert, channel="voice") if row.state is DeliveryState.SENT
    ]
    bureau.report(answered, ReceiptState.DELIVERED, seconds=61)
    for row in silent:
        bureau.report(row, ReceiptState.FAILED, "no_answer")
    found = gather(bureau, alert)
    assert (found.bill.parts, found.bill.calls, found.bill.minutes) == (texts, 1, 2)
    assert found.bill.yuan == pytest.approx(texts * 0.045 + 0.24)
    assert found.bill.a_person == pytest.approx(found.bill.yuan / found.status.confirmed, abs=0.001)


def test_nobody_confirmed_is_no_price_for_each(bureau: Bureau) -> None:
    bureau.person()
    assert gather(bureau, bureau.issue()).bill.a_person is None


def test_times_say_when_half_and_nine_tenths_had_confirmed(bureau: Bureau) -> None:
    people = [bureau.person(f"岑{place}", area_code=XINDONG) for place in range(10)]
    alert = bureau.issue(areas=(XINDONG,))
    start = bureau.now
    for one in people[:8]:
        bureau.wait(minutes=1)
        settle(bureau, alert, one)
    times = gather(bureau, alert).times
    assert times.half == start + timedelta(minutes=4)
    assert times.most == start + timedelta(minutes=8)
    assert times.first_call is None


def test_everybody_stands_in_one_place(bureau: Bureau) -> None:
    first, second, third, fourth = (
        bureau.person(name, area_code=XINDONG) for name in ("岑一", "岑二", "岑三", "岑四")
    )
    alert = bureau.issue(areas=(XINDONG,))
    settle(bureau, alert, first)
    settle(bureau, alert, second, how=Settled.TOLD)
    settle(bureau, alert, third, how=Settled.NOT_MINE)
    found = gather(bureau, alert)
    assert [line.name for line in found.people] == [fourth.name]
    assert found.excluded == {"not_mine": 1}
    assert found.settled[Settled.REPLY] == found.settled[Settled.TOLD] == 1
    assert (
        found.status.planned == 4 == found.status.confirmed + found.status.told + found.status.unreached + 1
    )
    assert found.places == {XINDONG: "龙山镇新东村"}


def test_the_report_names_the_parent_and_those_that_followed(bureau: Bureau) -> None:
    bureau.person()
    alert = bureau.issue()
    bureau.hand_over()
    bureau.arrive(alert)
    void = bureau.do(
        alert_control.cancel, alert, actor=bureau.actor(bureau.officer), settings=bureau.settings
    )
    bureau.step()
    assert [(one.number, one.kind) for one in gather(bureau, alert).children] == [
        (void.number, AlertKind.CANCEL)
    ]
    parent = gather(bureau, void).parent
    assert parent is not None
    assert parent.number == alert.number


def test_a_draft_has_an_empty_report(bureau: Bureau) -> None:
    found = gather(bureau, bureau.draft(areas=(YANGGAO,)))
    assert (found.status.planned, found.villages, found.people, found.children) == (0, [], [], ())
    assert found.names[bureau.officer.id] == bureau.officer.name
