"""A running alert in hand: held, stopped, sent again, made void; what follows goes to those it reached, and to nobody else.

A-04, A-05, A-06, A-07.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from farmerline.domain import alert_control, alert_words, alerts, reach
from farmerline.errors import Conflict
from farmerline.messages import ReceiptState
from farmerline.models import (
    Alert,
    AlertKind,
    AlertState,
    Colour,
    DeliveryState,
    DrillMember,
    Priority,
    Purpose,
    Settled,
)
from tests.domain.alerting import FIELDS, Bureau
from tests.factories import YANGGAO


def control(bureau: Bureau, act: Any, alert: Alert, **values: Any) -> Any:
    return bureau.do(act, alert, actor=bureau.actor(bureau.officer), **values)


def cancel(bureau: Bureau, alert: Alert) -> Alert:
    void: Alert = control(bureau, alert_control.cancel, alert, settings=bureau.settings)
    return void


def texts(bureau: Bureau, alert: Alert) -> set[str]:
    """The account ids to whom a text of the alert was promised."""
    return {row.account_id for row in bureau.messages(alert) if row.account_id}


def answer(bureau: Bureau, number: str) -> str:
    with bureau.county.database.read() as session:
        return alert_words.answer_number(
            session, number, settings=bureau.settings, language="zh", now=bureau.now
        )


def test_who_asks_without_a_number_is_told_what_is_in_force_where_they_live(bureau: Bureau) -> None:
    def asked(place: str) -> str:
        with bureau.county.database.read() as session:
            return alert_words.answer_place(session, place, language="zh", now=bureau.now)

    bureau.person()
    assert "没有生效的情报" in asked(YANGGAO)
    orange, red = bureau.issue(), bureau.issue(colour=Colour.RED)
    assert asked(YANGGAO).startswith(f"现在有效:{red.number} ") and asked(YANGGAO).endswith(
        f"还有{orange.number}。"
    )
    assert "没有生效的情报" in asked("330282999")
    control(bureau, alert_control.cancel, red, settings=bureau.settings)
    assert asked(YANGGAO).startswith(f"现在有效:{orange.number} ")


def test_what_is_paused_does_not_leave_and_goes_on_where_it_was(bureau: Bureau) -> None:
    farmer = bureau.person()
    alert = bureau.issue(colour=Colour.RED)
    control(bureau, alert_control.pause, alert)
    bureau.later(minutes=20)
    bureau.hand_over()
    assert {row.state for row in bureau.messages(alert)} == {DeliveryState.HELD}
    with pytest.raises(Conflict):
        control(bureau, alert_control.pause, alert)
    control(bureau, alert_control.resume, alert)
    bureau.hand_over()
    assert bureau.messages(alert, farmer)[0].state is DeliveryState.SENT
    assert len(bureau.messages(alert, farmer, "sms")) == 1


def test_a_stopped_alert_sends_no_more_and_still_holds(bureau: Bureau) -> None:
    bureau.person()
    alert = bureau.issue(colour=Colour.RED)
    control(bureau, alert_control.stop, alert)
    bureau.later(minutes=70)
    bureau.hand_over()
    assert {(row.state, row.reason) for row in bureau.messages(alert)} == {
        (DeliveryState.CANCELLED, "stopped")
    }
    assert answer(bureau, "2026-1").startswith("是真的")


def test_only_whom_no_text_reached_gets_it_again(bureau: Bureau) -> None:
    fine, dead, told = bureau.person("甲"), bureau.person("乙"), bureau.person("丙")
    alert = bureau.issue()
    bureau.hand_over()
    bureau.arrive(alert, but=(dead, told))
    bureau.do(reach.settle, alert, account_ids=[told.id], how=Settled.TOLD)
    assert control(bureau, alert_control.resend, alert, settings=bureau.settings) == 1
    assert control(bureau, alert_control.resend, alert, settings=bureau.settings) == 0
    assert [len(bureau.messages(alert, who, "sms")) for who in (fine, dead, told)] == [1, 2, 1]


def test_a_cancellation_stops_at_once_and_goes_to_exactly_those_who_were_reached(bureau: Bureau) -> None:
    reached = [bureau.person(f"到{number}") for number in "甲乙丙"]
    dead, heard, told, silent = (bureau.person(name) for name in ("没到", "听了", "当面", "没报"))
    alert = bureau.issue(colour=Colour.RED)
    bureau.hand_over()
    for row in bureau.messages(alert):
        if row.channel == "voice":
            bureau.report(row, ReceiptState.FAILED, "no_answer")
        elif row.account_id in {one.id for one in (dead, heard, told)}:
            bureau.report(row, ReceiptState.FAILED, "unreachable_phone")
        elif row.account_id != silent.id:
            bureau.report(row, ReceiptState.DELIVERED)
    bureau.do(reach.settle, alert, account_ids=[heard.id], how=Settled.KEY)
    bureau.do(reach.settle, alert, account_ids=[told.id], how=Settled.TOLD)
    void = cancel(bureau, alert)
    bureau.step()
    people = {bureau.officer.id, bureau.signer.id, bureau.second.id, *(one.id for one in reached)}
    assert texts(bureau, void) == people | {heard.id}
    assert {row.channel for row in bureau.messages(void, heard)} == {"voice"}
    assert bureau.reach(void, told).listed_at is not None
    assert bureau.status(void).planned == len(people) + 2
    bureau.later(minutes=2)  # no report for a minute: it is taken to have arrived
    assert silent.id in texts(bureau, void)
    assert dead.id not in texts(bureau, void)
    assert bureau.status(void).planned == len(people) + 3
    assert "已作废" in answer(bureau, "2026-1")
    bureau.hand_over()
    bureau.arrive(void)
    bureau.later(minutes=90)
    assert {row.account_id for row in bureau.messages(void) if row.channel == "voice"} == {heard.id}
    with pytest.raises(Conflict):
        cancel(bureau, alert)


def test_a_text_that_arrives_after_the_cancellation_brings_its_reader_in(bureau: Bureau) -> None:
    late = bureau.person()
    alert = bureau.issue()
    bureau.hand_over()
    (text,) = bureau.messages(alert, late)
    bureau.report(text, ReceiptState.FAILED, "unreachable_phone")
    bureau.arrive(alert)
    void = cancel(bureau, alert)
    bureau.later(minutes=5)
    assert late.id not in texts(bureau, void)
    bureau.report(text, ReceiptState.DELIVERED)
    bureau.step()
    assert late.id in texts(bureau, void)


def test_nobody_is_told_of_a_cancellation_who_heard_nothing(bureau: Bureau) -> None:
    bureau.person()
    alert = bureau.issue()
    void = cancel(bureau, alert)
    bureau.later(minutes=5)
    bureau.hand_over()
    assert bureau.messages(void) == []
    assert {row.state for row in bureau.messages(alert)} == {DeliveryState.CANCELLED}


@pytest.mark.parametrize("kind", [AlertKind.UPDATE, AlertKind.CORRECTION, AlertKind.ALL_CLEAR])
def test_what_follows_names_its_parent_is_signed_and_takes_its_place(bureau: Bureau, kind: AlertKind) -> None:
    reached, dead = bureau.person("甲"), bureau.person("乙")
    alert = bureau.issue()
    bureau.hand_over()
    bureau.arrive(alert, but=(dead,))
    with bureau.county.database.write() as session:
        newer = alerts.draft(
            session, actor=bureau.actor(bureau.officer), fields=replace(FIELDS, areas=()), settings=bureau.settings,
            now=bureau.now, kind=kind, parent=session.get_one(Alert, alert.id),
        )  # fmt: skip
    bureau.submit(newer)
    late = bureau.messages(alert, dead)[0]
    bureau.sign(newer)
    bureau.report(late, ReceiptState.DELIVERED)  # after it was frozen: it is told all the same
    bureau.step()
    assert bureau.get(alert).state is AlertState.REPLACED
    assert bureau.get(newer).parent_id == alert.id
    assert {reached.id, dead.id} <= texts(bureau, newer)
    assert "2026-2" in answer(bureau, "2026-1")


def test_an_expired_alert_stops_on_every_channel(bureau: Bureau) -> None:
    farmer = bureau.person()
    alert = bureau.issue(valid_until=bureau.now.date())
    bureau.later(hours=30)
    assert bureau.get(alert).state is AlertState.EXPIRED
    assert "已过期" in answer(bureau, "2026-1")
    bureau.hand_over()
    assert all(row.state is DeliveryState.CANCELLED for row in bureau.messages(alert, farmer))


def test_an_exercise_reaches_the_registered_list_and_nobody_else(bureau: Bureau) -> None:
    member, other = bureau.person("甲"), bureau.person("乙")
    with bureau.county.database.write() as session:
        session.add(DrillMember(account_id=member.id, added_by=bureau.officer.id, added_at=bureau.now))
    alert = bureau.issue(exercise=True, colour=Colour.RED)
    assert bureau.called(bureau.signer) == []  # who does not practise signs unasked
    assert alert.number == "2026-Y1"
    assert bureau.status(alert).planned == 1
    assert texts(bureau, alert) == {member.id}
    assert all(row.text.startswith("【演练】") for row in bureau.messages(alert, channel="sms"))
    assert "演练" in answer(bureau, "2026-Y1")
    assert "没有" in answer(bureau, "2026-1")
    smuggled = bureau.county.promise(
        "不该到", address=other.phone, account=other, purpose=Purpose.ALERT, priority=Priority.URGENT
    )
    with bureau.county.database.write() as session:
        row = session.get_one(type(bureau.messages(alert)[0]), smuggled)
        row.campaign_id = alert.campaign_id
    bureau.hand_over()
    assert bureau.county.delivery(smuggled).state is DeliveryState.CANCELLED


def test_a_reader_by_mailbox_gets_the_full_text_there(bureau: Bureau) -> None:
    buyer = bureau.person("罗收菜", preferred="mailbox")
    alert = bureau.issue()
    by_channel = {row.channel: row for row in bureau.messages(alert, buyer)}
    assert set(by_channel) == {"sms", "mailbox"}
    assert FIELDS.full_text in by_channel["mailbox"].text
