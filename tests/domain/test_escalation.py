"""Whoever has not confirmed is texted, rung, listed and handed on, by colour and by the clock; nobody twice, nobody lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from farmerline.domain import reach, reach_log
from farmerline.messages import ReceiptState
from farmerline.models import Account, Alert, Colour, DeliveryState, Reach, ReachStep, Role, Settled
from tests import factories
from tests.domain.alerting import Bureau
from tests.factories import YANGGAO

TOWN = YANGGAO[:9]
QUARTER = timedelta(seconds=15)


def run(bureau: Bureau, alert: Alert, minutes: float, *, answers: str = "no_answer") -> None:
    """Let the time pass; texts arrive, calls end as told within a quarter of a minute."""
    goal = bureau.now + timedelta(minutes=minutes)
    while bureau.now < goal:
        bureau.hand_over()
        bureau.arrive(alert)
        for call in bureau.messages(alert, channel="voice"):
            if call.state is DeliveryState.SENT:
                bureau.report(call, ReceiptState.FAILED, answers)
        due = bureau.next_due() or goal
        bureau.later(seconds=min(max(due - bureau.now, QUARTER), goal - bureau.now).total_seconds())


def rung(bureau: Bureau, alert: Alert, who: Account) -> list[float]:
    """Minutes from the alert's beginning at which this person was rung."""
    begun = bureau.get(alert).issued_at
    assert begun is not None
    calls = bureau.messages(alert, who, "voice")
    return [round((call.created_at - begun) / timedelta(minutes=1), 1) for call in calls]


def village(bureau: Bureau) -> tuple[Account, Account, Account]:
    """A farmer, the contact point of the village, and the town's."""
    with bureau.county.database.write() as session:
        now = bureau.now - timedelta(days=1)
        contact = factories.make_staff(session, Role.CONTACT, YANGGAO, "沈秋月", now=now)
        town = factories.make_staff(session, Role.CONTACT, TOWN, "镇联络", now=now)
    return bureau.person(), contact, town


@pytest.mark.parametrize(
    ("colour", "first", "listed", "town"), [(Colour.RED, 0, 15, 60), (Colour.ORANGE, 30, 45, 90)]
)
def test_a_phone_that_nobody_answers_is_rung_four_times_then_listed_then_handed_to_the_town(
    bureau: Bureau, colour: Colour, first: float, listed: float, town: float
) -> None:
    farmer, contact, _ = village(bureau)
    alert = bureau.issue(colour=colour)
    begun = bureau.now
    run(bureau, alert, first + 14)
    assert rung(bureau, alert, farmer) == pytest.approx([first, first + 2, first + 5, first + 10], abs=0.3)
    assert bureau.reach(alert, farmer).listed_at is None
    run(bureau, alert, 2)
    row = bureau.reach(alert, farmer)
    assert row.listed_at is not None
    assert (row.listed_at - begun) / timedelta(minutes=1) == pytest.approx(listed, abs=0.3)
    assert (row.going_id, row.failed_why) == (contact.id, "no_answer")
    assert any("没告诉到,请您去告诉" in one.text.replace("，", ",") for one in bureau.called(contact))
    run(bureau, alert, town - listed)
    row = bureau.reach(alert, farmer)
    assert row.town_at is not None
    assert (row.town_at - begun) / timedelta(minutes=1) == pytest.approx(town, abs=0.3)
    assert len(rung(bureau, alert, farmer)) == 4


def test_the_list_comes_by_the_clock_although_the_lines_are_busy_and_the_phone_is_rung_meanwhile(
    sqlite_bureau: Bureau,
) -> None:
    farmer, contact, _ = village(sqlite_bureau)
    alert = sqlite_bureau.issue(colour=Colour.RED)
    sqlite_bureau.later(minutes=14)
    assert sqlite_bureau.reach(alert, farmer).listed_at is None
    sqlite_bureau.later(minutes=2)
    row = sqlite_bureau.reach(alert, farmer)
    assert (row.step, row.going_id, row.rings) == (ReachStep.RING, contact.id, 1)
    run(sqlite_bureau, alert, 12)
    assert len(rung(sqlite_bureau, alert, farmer)) == 4
    assert sqlite_bureau.reach(alert, farmer).listed_at == row.listed_at


def test_each_change_of_a_persons_line_is_a_row_with_its_time_and_its_source(bureau: Bureau) -> None:
    farmer, contact, _ = village(bureau)
    alert = bureau.issue(colour=Colour.RED)
    bureau.do(reach.settle, alert, account_ids=[bureau.officer.id], how=Settled.REPLY)
    run(bureau, alert, 16)
    actor = bureau.actor(contact)
    for act in (reach.tell_in_person, reach.untell):
        with bureau.county.database.write() as session:
            act(session, session.get_one(Reach, (alert.id, farmer.id)), by=actor, now=bureau.now)
    run(bureau, alert, 61)
    with bureau.county.database.read() as session:
        changes = reach_log.of_alert(session, alert.id)
        found = [(one.state, one.source) for one in changes if one.account_id == farmer.id]
        officer = [(one.state, one.source) for one in changes if one.account_id == bureau.officer.id]
        assert [one.at for one in changes] == sorted(one.at for one in changes)
    assert found == [("listed", "clock"), ("told", contact.id), ("open", contact.id), ("town", "clock")]
    assert officer == [("reply", "reply")]


def test_sending_somebody_early_brings_neither_list_nor_town_forward(sqlite_bureau: Bureau) -> None:
    farmer, contact, _ = village(sqlite_bureau)
    other = sqlite_bureau.person("杨甲松", phone=farmer.phone)
    alert = sqlite_bureau.issue(colour=Colour.RED)
    run(sqlite_bureau, alert, 3)
    row, actor = sqlite_bureau.reach(alert, farmer), sqlite_bureau.actor(sqlite_bureau.officer)
    sqlite_bureau.do(
        lambda session, now: reach.go(session, session.merge(row), by=actor, now=now, who=contact)
    )
    run(sqlite_bureau, alert, 15)
    assert sqlite_bureau.reach(alert, farmer).town_at is None
    assert sqlite_bureau.reach(alert, other).listed_at is not None
    run(sqlite_bureau, alert, 45)
    assert sqlite_bureau.reach(alert, farmer).town_at is not None


@pytest.mark.parametrize("colour", [Colour.BLUE, Colour.YELLOW])
def test_blue_and_yellow_ask_for_no_answer_and_a_failure_goes_to_the_contact_point(
    bureau: Bureau, colour: Colour
) -> None:
    fine, dead = bureau.person("甲"), bureau.person("乙")
    alert = bureau.issue(colour=colour)
    assert "回1" not in bureau.messages(alert, fine)[0].text
    bureau.hand_over()
    bureau.arrive(alert, but=(dead,))
    bureau.later(minutes=90)
    assert bureau.reach(alert, fine).settled is Settled.RECEIPT
    row = bureau.reach(alert, dead)
    assert (row.settled, row.failed_why) == (Settled.OPEN, "unreachable_phone")
    assert row.listed_at is not None
    assert bureau.messages(alert, channel="voice") == []


def test_an_orange_text_that_fails_is_rung_at_once(bureau: Bureau) -> None:
    dead = bureau.person()
    alert = bureau.issue()
    bureau.hand_over()
    bureau.arrive(alert, but=(dead,))
    bureau.later(seconds=5)
    assert rung(bureau, alert, dead) == pytest.approx([0], abs=0.2)


@pytest.mark.parametrize("how", [Settled.REPLY, Settled.KEY, Settled.HEARD, Settled.PAGE])
def test_one_answer_settles_the_phone_and_ends_every_redial(bureau: Bureau, how: Settled) -> None:
    wife = bureau.person("陈乙梅")
    husband = bureau.person("杨甲松", phone=wife.phone)
    alert = bureau.issue(colour=Colour.RED)
    assert len(bureau.messages(alert, wife)) + len(bureau.messages(alert, husband)) == 2  # one text, one call
    bureau.do(reach.settle, alert, account_ids=[husband.id], how=how)
    assert {bureau.reach(alert, one).settled for one in (wife, husband)} == {how}
    waiting = bureau.messages(alert, wife) + bureau.messages(alert, husband)
    assert {one.state for one in waiting} == {DeliveryState.CANCELLED}
    bureau.later(minutes=70)
    assert len(bureau.messages(alert, wife) + bureau.messages(alert, husband)) == 2
    assert bureau.reach(alert, wife).step is ReachStep.DONE


def test_who_is_told_in_person_is_counted_alone_and_it_can_be_taken_back(bureau: Bureau) -> None:
    farmer, contact, _ = village(bureau)
    other = bureau.person("杨甲松", phone=farmer.phone)
    alert = bureau.issue(colour=Colour.RED)
    run(bureau, alert, 16)
    actor = bureau.actor(contact)
    row = bureau.reach(alert, farmer)
    bureau.do(lambda session, now: reach.tell_in_person(session, session.merge(row), by=actor, now=now))
    assert bureau.reach(alert, farmer).settled is Settled.TOLD
    assert bureau.reach(alert, other).settled is Settled.OPEN
    assert bureau.status(alert).told == 1
    bureau.do(
        lambda session, now: reach.untell(
            session, session.merge(bureau.reach(alert, farmer)), by=actor, now=now
        )
    )
    assert bureau.status(alert).told == 0
    assert bureau.reach(alert, farmer).step is ReachStep.LIST


def test_who_has_no_phone_is_on_the_list_from_the_start(bureau: Bureau) -> None:
    with bureau.county.database.write() as session:
        row = factories.make_account(session, "无电话", now=bureau.now - timedelta(days=1))
        row.phone = row.phone_index = None
    alert = bureau.issue()
    line = bureau.reach(alert, row)
    assert (line.channel, line.failed_why) == ("person", "no_phone")
    assert line.listed_at is not None
    assert bureau.messages(alert, row) == []


@pytest.mark.parametrize(
    ("colour", "waits"), [(Colour.ORANGE, True), (Colour.BLUE, True), (Colour.RED, False)]
)
def test_at_night_red_alone_leaves(bureau: Bureau, colour: Colour, waits: bool) -> None:
    farmer = bureau.person()
    bureau.wait(hours=13, minutes=10)  # 23:10 in China
    alert = bureau.issue(colour=colour)
    bureau.hand_over()
    assert {one.state for one in bureau.messages(alert, farmer)} == {"queued" if waits else "sent"}
    bureau.later(hours=8)
    bureau.hand_over()
    assert bureau.messages(alert, farmer)[0].state == "sent"


def test_everybody_on_the_list_is_counted_once(bureau: Bureau) -> None:
    people = [bureau.person(f"杨{number}") for number in "甲乙丙丁戊己"]
    alert = bureau.issue(colour=Colour.RED)
    bureau.hand_over()
    bureau.arrive(alert, but=(people[5],))
    bureau.do(reach.settle, alert, account_ids=[people[0].id], how=Settled.REPLY)
    bureau.do(reach.settle, alert, account_ids=[people[1].id], how=Settled.KEY)
    bureau.do(reach.settle, alert, account_ids=[people[2].id], how=Settled.NOT_MINE)
    bureau.do(reach.settle, alert, account_ids=[people[3].id], how=Settled.TOLD)
    status = bureau.status(alert)
    assert status.planned == 9
    assert (status.confirmed, status.told, status.excluded, status.heard) == (2, 1, 1, 1)
    assert status.planned == status.confirmed + status.told + status.unreached + status.excluded
    assert (
        status.sent + status.excluded == status.planned + 1
    )  # one was sent before they said it is not theirs
