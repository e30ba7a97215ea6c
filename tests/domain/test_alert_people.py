"""Who is reached by an alert, and who is not: shared phones, changed numbers, people who left, an exercise."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from farmerline.domain import (
    accounts,
    alert_control,
    alert_fanout,
    consent,
    erasure,
    ledger,
    questions,
    reach,
    receipts,
)
from farmerline.domain.receipts import Handed
from farmerline.messages import ReceiptState
from farmerline.models import (
    Account,
    AccountState,
    Alert,
    Colour,
    DeliveryState,
    DrillMember,
    Purpose,
    Reach,
    Role,
    Settled,
)
from tests import factories
from tests.domain.alerting import Bureau
from tests.factories import YANGGAO


def control(bureau: Bureau, act: Any, alert: Alert, **values: Any) -> Any:
    return bureau.do(act, alert, actor=bureau.actor(bureau.officer), **values)


def cancel(bureau: Bureau, alert: Alert) -> Alert:
    void: Alert = control(bureau, alert_control.cancel, alert, settings=bureau.settings)
    return void


def texts(bureau: Bureau, alert: Alert) -> set[str]:
    return {row.account_id for row in bureau.messages(alert, channel="sms") if row.account_id}


def hand(bureau: Bureau, gateway: str) -> None:
    """What is due leaves by one connection."""
    with bureau.county.database.write() as session:
        claims = ledger.claim(
            session, gateway=gateway, worker="w", settings=bureau.settings, now=bureau.now, paced=False
        )
        handed = [Handed(one.outgoing.id, f"ref-{one.outgoing.id}", bureau.now) for one in claims]
        receipts.settle_sent(session, handed, gateway=gateway, worker="w")


def test_when_the_phones_first_person_says_no_the_others_are_texted(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    one = bureau.person("甲")
    other, third = bureau.person("乙", phone=one.phone), bureau.person("丙", phone=one.phone)
    alert = bureau.issue()
    lead = next(who for who in (one, other, third) if bureau.reach(alert, who).lead)
    rest = [who for who in (one, other, third) if who is not lead]
    with bureau.county.database.write() as session:
        consent.stop(
            session,
            accounts=[session.get_one(Account, lead.id)],
            purposes=[Purpose.ALERT],
            proof="page:me",
            now=bureau.now,
        )
    bureau.hand_over()
    bureau.later(seconds=5)
    assert bureau.reach(alert, lead).excluded == "consent"
    assert len(texts(bureau, alert) & {who.id for who in rest}) == 1
    bureau.hand_over()
    bureau.arrive(alert)
    bureau.later(minutes=31)
    assert [len(bureau.messages(alert, who, "voice")) for who in rest] in ([0, 1], [1, 0])


def test_a_household_hears_of_the_cancellation_though_its_first_person_left(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    one = bureau.person("甲")
    other = bureau.person("乙", phone=one.phone)
    alert = bureau.issue()
    lead = next(who for who in (one, other) if bureau.reach(alert, who).lead)
    bureau.hand_over()
    bureau.arrive(alert)
    with bureau.county.database.write() as session:
        session.get_one(Account, lead.id).state = AccountState.LEFT
    void = cancel(bureau, alert)
    bureau.step()
    assert {one.id, other.id} - {lead.id} <= texts(bureau, void)


def test_a_letter_in_the_box_does_not_stop_the_households_text(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    one = bureau.person("甲")
    other = bureau.person("乙", phone=one.phone, preferred="mailbox")
    alert = bureau.issue(colour=Colour.BLUE)
    for gateway in ("mailbox", "sms"):
        hand(bureau, gateway)
    (text,) = [row for row in bureau.messages(alert, channel="sms") if row.account_id in (one.id, other.id)]
    assert text.state == "sent"


def test_an_exercise_texts_no_contact_point_that_does_not_practise(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    member = bureau.person("甲")
    with bureau.county.database.write() as session:
        contact = factories.make_staff(
            session, Role.CONTACT, YANGGAO, "沈联络", now=bureau.now - timedelta(days=9)
        )
        session.add(DrillMember(account_id=member.id, added_by=bureau.officer.id, added_at=bureau.now))
    alert = bureau.issue(exercise=True, colour=Colour.RED)
    for _ in range(8):
        bureau.hand_over()
        for row in bureau.messages(alert):
            if row.state == "sent":
                bureau.report(row, ReceiptState.FAILED, "no_answer")
        bureau.later(minutes=5)
    assert bureau.reach(alert, member).listed_at is not None
    assert bureau.called(contact) == []


def test_the_phones_new_owner_neither_hears_nor_settles_for_who_left_it(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    farmer = bureau.person("甲")
    wife, number = bureau.person("乙", phone=farmer.phone), str(farmer.phone)
    alert = bureau.issue()
    lead, other = (farmer, wife) if bureau.reach(alert, farmer).lead else (wife, farmer)
    with bureau.county.database.write() as session:
        for one in (lead, other):
            row = session.get_one(Account, one.id)
            accounts.change_phone(session, row, phone=factories.phone(), by=bureau.officer, now=bureau.now)
        newcomer = factories.make_account(session, "新户", phone=number, now=bureau.now)
        index = newcomer.phone_index
        heard = reach.unheard(session, phone_index=index, account_ids=[newcomer.id], now=bureau.now)
        assert heard == []
        assert questions.open_questions(session, [newcomer], index) == []
    bureau.do(reach.settle, alert, account_ids=[newcomer.id], phone_index=index, how=Settled.KEY)
    assert {bureau.reach(alert, one).settled for one in (lead, other)} == {Settled.OPEN}
    assert number not in {row.address for row in bureau.messages(alert)}
    bureau.hand_over()
    bureau.later(minutes=31)
    assert [len(bureau.messages(alert, one, "voice")) for one in (lead, other)] == [1, 1]


def test_who_heard_a_part_by_ringing_in_is_told_that_it_is_void(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    farmer = bureau.person()
    alert = bureau.issue()
    with bureau.county.database.write() as session:
        session.get_one(Reach, (alert.id, farmer.id)).heard_seconds = 6.0
    void = cancel(bureau, alert)
    bureau.step()
    assert {row.channel for row in bureau.messages(void, farmer)} == {"voice"}


def test_a_signer_who_left_is_passed_over_at_once(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    bureau.person()
    alert = bureau.draft()
    bureau.submit(alert)
    first, next_ = (bureau.signer, bureau.second)
    assert bureau.callouts(alert)[0].people == [first.id, next_.id]
    with bureau.county.database.write() as session:
        session.get_one(Account, first.id).state = AccountState.SUSPENDED
    bureau.step()
    assert (bureau.called(first), bool(bureau.called(next_))) == ([], True)


def test_who_was_put_back_on_the_list_goes_up_to_the_town(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    farmer = bureau.person(phone=None)
    with bureau.county.database.write() as session:
        contact = factories.make_staff(
            session, Role.CONTACT, YANGGAO, "沈联络", now=bureau.now - timedelta(days=9)
        )
    alert = bureau.issue(colour=Colour.RED)
    with bureau.county.database.write() as session:
        row = session.get_one(Reach, (alert.id, farmer.id))
        by = bureau.actor(contact)
        reach.tell_in_person(session, row, by=by, now=bureau.now)
        reach.untell(session, row, by=by, now=bureau.now)
        row.listed_at = row.listed_at or bureau.now
    bureau.later(minutes=61)
    assert bureau.reach(alert, farmer).town_at is not None


def test_one_spoilt_row_keeps_nobody_else_from_being_warned(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    spoilt = bureau.person("甲")
    household, other = bureau.person("乙", phone=spoilt.phone), bureau.person("丙")
    with bureau.county.database.write() as session:
        session.get_one(Account, spoilt.id).phone_sealed = "t:spoilt"
    alert = bureau.issue(colour=Colour.RED)
    assert {household.id, other.id} <= texts(bureau, alert)
    assert bureau.reach(alert, spoilt).failed_why == "no_phone"


def test_an_alert_that_cannot_be_written_does_not_hold_up_another(
    sqlite_bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau = sqlite_bureau
    farmer = bureau.person()
    broken, fine = bureau.draft(), bureau.draft(short_text="另一份")
    for one in (broken, fine):
        bureau.submit(one)
        bureau.sign(one)
    write = alert_fanout.write

    def fail(session: Any, alert_id: str, **values: Any) -> int:
        if alert_id == broken.id:
            raise RuntimeError
        return write(session, alert_id, **values)

    monkeypatch.setattr(alert_fanout, "write", fail)
    bureau.step()
    assert farmer.id in texts(bureau, fine)
    bureau.later(minutes=31)
    assert bureau.messages(fine, farmer, "voice")


def test_what_waits_for_the_phone_goes_out_though_its_first_person_was_erased(
    sqlite_bureau: Bureau, tmp_path: Path
) -> None:
    bureau = sqlite_bureau
    one = bureau.person("甲")
    other = bureau.person("乙", phone=one.phone)
    alert = bureau.issue(colour=Colour.BLUE)
    lead, heir = (one, other) if bureau.reach(alert, one).lead else (other, one)
    own = bureau.county.promise("私信", address=one.phone, account=lead)
    with bureau.county.database.write() as session:
        person = session.get_one(Account, lead.id)
        erasure.erase(session, person, by=None, reason="本人要求", home=tmp_path, now=bureau.now)
    bureau.hand_over()
    assert [row.state for row in bureau.messages(alert, heir, "sms")] == [DeliveryState.SENT]
    assert bureau.county.delivery(own).state is DeliveryState.CANCELLED
