"""An urgent letter: texted whole to named people, rung for where no receipt comes, read by a key or on a page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from farmerline.domain import access, consent, mailbox, second_channel, urgent
from farmerline.domain.access import Actor
from farmerline.domain.receipts import report
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.ids import new_id
from farmerline.messages import Channel, Receipt, ReceiptState
from farmerline.models import (
    Account,
    AuditRow,
    Campaign,
    Delivery,
    DeliveryState,
    GatewayRow,
    Letter,
    Priority,
    Purpose,
    Role,
)
from tests import factories
from tests.domain.talking import Village
from tests.factories import COUNTY, OTHER_TOWN, SHUIXIANG, TOWN, XINDONG, YANGGAO

SUBJECT, BODY = "今晚值班", "台风改道，请各联络点今晚留人接电话。"
TEN = timedelta(minutes=10)


def officer(village: Village, area_code: str = COUNTY) -> Actor:
    with village.session() as session:
        account = factories.make_staff(session, Role.OFFICER, area_code, "励志明")
        return access.actor_of(session, account, second_factor=True)


def send(village: Village, actor: Actor, people: list[Account], **values: Any) -> str:
    with village.session() as session:
        found = urgent.gather(session, actor=actor, account_ids=[one.id for one in people], groups=())
        given = {"subject": SUBJECT, "body": BODY, "seen": len(found), "once": new_id(), **values}
        return urgent.send(session, found, actor=actor, now=village.now, **given).id


def texts(village: Village) -> list[Delivery]:
    return village.all(Delivery, Delivery.channel == Channel.SMS)


def calls(village: Village) -> list[Delivery]:
    return village.all(Delivery, Delivery.channel == Channel.VOICE)


def receive(village: Village, row: Delivery, state: ReceiptState = ReceiptState.DELIVERED) -> None:
    with village.session() as session:
        report(
            session,
            Receipt(gateway="sms", ref=f"r{row.id}", state=state, at=village.now, delivery_id=row.id),
        )


def test_each_gets_a_letter_and_its_whole_text_at_once_ahead_of_everything(village: Village) -> None:
    """M15: urgent matters reach the person's handset."""
    first, second = village.contact(), village.contact(XINDONG, "陈国良")
    send(village, officer(village), [first, second])
    letters = village.all(Letter)
    assert {letter.to_id for letter in letters} == {first.id, second.id}
    assert all(letter.urgent and letter.body == BODY and letter.subject == SUBJECT for letter in letters)
    for row in texts(village):
        assert row.text.startswith(f"急信(励志明):{SUBJECT}。{BODY}")
        assert (row.priority, row.due_at, row.ring_at) == (Priority.URGENT, village.now, village.now + TEN)
        assert row.purpose is Purpose.SERVICE
    with village.database.read() as session:
        noted = select(AuditRow.detail).where(AuditRow.act == "letter.urgent")
        assert session.scalars(noted).all() == [{"people": 2}]


def test_no_receipt_in_ten_minutes_rings_once_and_never_again(village: Village) -> None:
    send(village, officer(village), [village.contact()])
    assert village.do(second_channel.ring_overdue) == 0
    village.wait(minutes=10)
    assert village.do(second_channel.ring_overdue) == 1
    assert village.do(second_channel.ring_overdue) == 0
    village.wait(hours=2)
    assert village.do(second_channel.ring_overdue) == 0
    [call] = calls(village)
    assert call.priority is Priority.URGENT
    assert call.text == f"励志明的急信：{SUBJECT}。{BODY}"


@pytest.mark.parametrize(
    ("state", "rings"),
    [
        (None, 1),
        (ReceiptState.SENT, 1),
        (ReceiptState.FAILED, 1),
        (ReceiptState.DELIVERED, 0),
    ],
)
def test_only_a_receipt_that_it_arrived_spares_the_call(
    village: Village, state: ReceiptState | None, rings: int
) -> None:
    send(village, officer(village), [village.contact()])
    [row] = texts(village)
    if state is not None:
        receive(village, row, state)
    village.wait(minutes=10)
    assert village.do(second_channel.ring_overdue) == rings
    assert len(calls(village)) == rings


def test_who_read_it_on_a_page_or_answered_it_by_text_is_not_rung(village: Village) -> None:
    reader, answerer = village.contact(), village.contact(XINDONG, "陈国良")
    send(village, officer(village), [reader, answerer])
    code = next(row.text for row in texts(village) if row.account_id == answerer.id).split("写")[1][:3]
    village.say(answerer, f"{code} 有人在")
    with village.session() as session:
        mine = session.merge(reader)
        [letter] = session.scalars(select(Letter).where(Letter.to_id == reader.id))
        mailbox.read_thread(session, mine, letter.thread_id, channel="web", now=village.now)
    with village.database.read() as session:
        assert second_channel.next_overdue(session) is None
    village.wait(minutes=10)
    assert village.do(second_channel.ring_overdue) == 0


def test_the_moment_of_the_next_call_is_known_for_a_clock_that_is_moved(village: Village) -> None:
    with village.database.read() as session:
        assert second_channel.next_overdue(session) is None
    send(village, officer(village), [village.contact()])
    due = village.now + TEN
    with village.database.read() as session:
        assert second_channel.next_overdue(session) == due
        assert not second_channel.has_overdue(session, now=due - timedelta(seconds=1))
        assert second_channel.has_overdue(session, now=due)


def test_the_call_says_the_letter_and_one_means_read(village: Village) -> None:
    helper = village.contact()
    send(village, officer(village), [helper])
    village.wait(minutes=10)
    village.do(second_channel.ring_overdue)
    [call] = calls(village)
    line = village.ring(helper, delivery_id=call.id)
    assert "台风改道" in line.words and "听明白了请按1" in line.words
    assert "台风改道" in line.press("9")
    assert village.all(Letter)[0].read_at is None
    assert "记下您听到了" in line.press("1")
    [letter] = village.all(Letter)
    assert (letter.read_at, letter.read_via) == (village.now, "voice")


def test_a_silent_phone_hears_it_three_times_and_the_letter_stays_unread(sqlite_village: Village) -> None:
    village = sqlite_village
    helper = village.contact()
    send(village, officer(village), [helper])
    village.wait(minutes=10)
    village.do(second_channel.ring_overdue)
    line = village.ring(helper, delivery_id=calls(village)[0].id)
    assert "台风改道" in line.silence() and "台风改道" in line.silence()
    assert "再见" in line.silence()
    assert village.all(Letter)[0].read_at is None


def test_a_county_without_a_voice_line_rings_nobody(sqlite_village: Village) -> None:
    village = sqlite_village
    send(village, officer(village), [village.contact()])
    with village.session() as session:
        session.delete(session.get_one(GatewayRow, "voice"))
    village.wait(minutes=10)
    assert village.do(second_channel.ring_overdue) == 0
    assert calls(village) == []


def test_a_group_is_everybody_with_the_role_there_once(village: Village) -> None:
    here, near, far = (
        village.contact(),
        village.contact(TOWN, "陈国良"),
        village.contact(SHUIXIANG, "虞小梅"),
    )
    boss = officer(village)
    with village.database.read() as session:

        def meant(area_code: str, *named: Account) -> list[str]:
            group = urgent.Group(Role.CONTACT, area_code)
            ids = [one.id for one in named]
            return [one.name for one in urgent.gather(session, actor=boss, account_ids=ids, groups=[group])]

        assert meant(TOWN) == [near.name, here.name]
        assert meant(TOWN, here) == [here.name, near.name]
        assert sorted(meant(COUNTY)) == sorted([here.name, near.name, far.name])


@pytest.mark.parametrize("by", ["name", "group"])
def test_nobody_outside_the_own_area_can_be_written_to(sqlite_village: Village, by: str) -> None:
    far = sqlite_village.contact(SHUIXIANG)
    boss = officer(sqlite_village, TOWN)
    ids, groups = ([far.id], []) if by == "name" else ([], [urgent.Group(Role.CONTACT, OTHER_TOWN)])
    with sqlite_village.database.read() as session, pytest.raises(Absent):
        urgent.gather(session, actor=boss, account_ids=ids, groups=groups)


def test_who_holds_no_role_is_written_to_under_their_consent(village: Village) -> None:
    willing, unwilling, phoneless = (
        village.person("杨永根"),
        village.person("胡秀珍"),
        village.person("岑利民"),
    )
    with village.session() as session:
        consent.stop(
            session, accounts=[session.merge(unwilling)], purposes=[Purpose.LETTER], proof="page:test", now=village.now
        )  # fmt: skip
        one = session.merge(phoneless)
        one.phone = one.phone_index = None
    boss = officer(village)
    with village.database.read() as session:
        people = urgent.gather(
            session, actor=boss, account_ids=[willing.id, unwilling.id, phoneless.id], groups=()
        )
        seen = urgent.look(
            session, people, sender=session.get_one(Account, boss.account_id), subject=SUBJECT, body=BODY,
            rates=village.settings,
        )  # fmt: skip
        assert [one.name for one in seen.without] == ["胡秀珍", "岑利民"]
    send(village, boss, [willing, unwilling, phoneless])
    [row] = texts(village)
    assert (row.account_id, row.purpose) == (willing.id, Purpose.LETTER)
    assert village.count(Letter) == 3
    assert village.count(Delivery, Delivery.channel == Channel.MAILBOX) == 2


def test_parts_and_yuan_are_counted_before_anything_leaves(sqlite_village: Village) -> None:
    village = sqlite_village
    people = [village.contact(), village.contact(XINDONG, "陈国良")]
    boss = officer(village)
    with village.database.read() as session:
        seen = urgent.look(
            session, people, sender=session.get_one(Account, boss.account_id), subject=SUBJECT, body=BODY * 5,
            rates=village.settings,
        )  # fmt: skip
    send(village, boss, people, body=BODY * 5)
    assert seen.parts == sum(row.parts for row in texts(village)) == 2 * seen.parts_each
    assert seen.yuan == pytest.approx(seen.parts * village.settings.sms_part_yuan)
    assert seen.calls_yuan == pytest.approx(2 * village.settings.call_minute_yuan)


def test_the_same_form_twice_is_one_letter(village: Village) -> None:
    helper, boss, once = village.contact(), officer(village), new_id()
    assert send(village, boss, [helper], once=once) == send(village, boss, [helper], once=once)
    assert village.count(Campaign) == village.count(Letter) == len(texts(village)) == 1


@pytest.mark.parametrize(
    ("values", "kind", "code"),
    [
        ({"subject": " "}, Invalid, "letter_blank"),
        ({"body": ""}, Invalid, "letter_blank"),
        ({"subject": "长" * 31}, Invalid, "letter_long"),
        ({"body": "长" * 501}, Invalid, "letter_long"),
        ({"seen": 2}, Conflict, "list_changed"),
        ({"people": []}, Invalid, "letter_nobody"),
    ],
)
def test_what_will_not_do_is_refused_and_nothing_leaves(
    sqlite_village: Village, values: dict[str, Any], kind: type[Exception], code: str
) -> None:
    village = sqlite_village
    people = values.pop("people", None)
    people = [village.contact()] if people is None else people
    boss = officer(village)
    with pytest.raises(kind) as refused:
        send(village, boss, people, **values)
    assert refused.value.code == code  # type: ignore[attr-defined]
    assert village.count(Delivery) == village.count(Letter) == 0


def test_a_broken_call_makes_no_second_text(sqlite_village: Village) -> None:
    village = sqlite_village
    send(village, officer(village), [village.contact()])
    village.wait(minutes=10)
    village.do(second_channel.ring_overdue)
    [call] = calls(village)
    with village.session() as session:
        report(
            session,
            Receipt(
                gateway="voice", ref="r1", state=ReceiptState.FAILED, at=village.now, delivery_id=call.id
            ),
        )
    assert village.get(Delivery, call.id).state is DeliveryState.FAILED
    assert len(texts(village)) == 1


def test_words_find_staff_of_the_own_area_alone(sqlite_village: Village) -> None:
    sqlite_village.person("陈国良")
    near, _far = sqlite_village.contact(YANGGAO, "陈国良"), sqlite_village.contact(SHUIXIANG, "陈国良")
    boss = officer(sqlite_village, TOWN)
    with sqlite_village.database.read() as session:
        assert [one.id for one in urgent.find_staff(session, actor=boss, said="chenguoliang")] == [near.id]
