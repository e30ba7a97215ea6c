"""Promising messages: the channel a person prefers, consent, and what history keeps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from channels.contract import Gateway
from farmerline import vault
from farmerline.domain import consent, ledger, outbox
from farmerline.ids import new_id
from farmerline.messages import Channel
from farmerline.models import (
    Call,
    Delivery,
    DeliveryState,
    GatewayRow,
    Inbound,
    InboundState,
    Priority,
    Purpose,
)
from tests.factories import NOW, make_account, phone
from tests.jobs.carrier import County


def arrived(channel: Channel = Channel.SMS, sender: str = "", account_id: str | None = None) -> Inbound:
    return Inbound(
        channel=channel, gateway="sms", ref=new_id(), sender=sender, body="你好", raw="", received_at=NOW,
        state=InboundState.RECEIVED, account_id=account_id,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("phone", "purpose", "priority", "announced"),
    [
        ("+8613800000001", Purpose.MATCH, Priority.NORMAL, True),
        ("+8613800000001", Purpose.MATCH, Priority.URGENT, False),
        ("+8613800000001", Purpose.SERVICE, Priority.NORMAL, False),
        ("+8657463000001", Purpose.MATCH, Priority.NORMAL, False),
    ],
)
def test_a_call_that_nobody_waits_for_is_announced_by_a_text(
    sqlite_county: County, phone: str, purpose: Purpose, priority: Priority, announced: bool
) -> None:
    with sqlite_county.database.write() as session:
        person = make_account(session, preferred=Channel.VOICE, phone=phone)
        call = outbox.tell(session, account=person, text="您好", purpose=purpose, now=NOW, priority=priority)
        assert call is not None
        texts = session.scalars(select(Delivery).where(Delivery.channel == Channel.SMS)).all()
        assert [(text.address, text.due_at, text.parts) for text in texts] == [(phone, NOW, 1)] * announced
        assert call.due_at - NOW == (outbox.RINGS_AFTER if announced else timedelta(0))


@pytest.mark.parametrize(
    ("preferred", "with_voice", "wanted"),
    [
        (Channel.SMS, True, Channel.SMS),
        (Channel.VOICE, True, Channel.VOICE),
        (Channel.VOICE, False, Channel.SMS),
        (Channel.MAILBOX, True, Channel.MAILBOX),
    ],
)
def test_a_person_is_told_by_the_channel_they_prefer(
    sqlite_county: County, preferred: Channel, with_voice: bool, wanted: Channel
) -> None:
    with sqlite_county.database.write() as session:
        if not with_voice:
            session.delete(session.get_one(GatewayRow, "voice"))
        person = make_account(session, preferred=preferred)
        row = outbox.tell(session, account=person, text="您好", purpose=Purpose.MATCH, now=NOW)
        assert row is not None
        assert (row.channel, row.account_id, row.due_at, row.priority) == (
            wanted,
            person.id,
            NOW + (outbox.RINGS_AFTER if wanted is Channel.VOICE else timedelta(0)),
            Priority.NORMAL,
        )
        assert row.address == (person.id if wanted is Channel.MAILBOX else person.phone)


def test_nothing_is_promised_where_consent_forbids_it(county: County) -> None:
    with county.database.write() as session:
        person = make_account(session)
        assert outbox.tell(session, account=person, text="每日一助", purpose=Purpose.TIPS, now=NOW) is None
        consent.stop(session, accounts=[person], purposes=list(Purpose), proof="inbound:x", now=NOW)
        assert outbox.tell(session, account=person, text="对上了", purpose=Purpose.MATCH, now=NOW) is None
        assert session.query(Delivery).count() == 0
        assert outbox.tell(session, account=person, text="已停", purpose=Purpose.SERVICE, now=NOW) is not None


def test_a_strangers_words_are_answered_by_text_to_where_they_came_from(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        inbound = arrived(sender=phone())
        session.add(inbound)
        session.flush()
        row = outbox.answer(session, inbound=inbound, text="请先登记", now=NOW)
        assert row is not None
        assert (row.channel, row.address, row.account_id) == (Channel.SMS, inbound.sender, None)
        assert (row.inbound_id, row.purpose) == (inbound.id, Purpose.SERVICE)


def test_what_was_not_texted_is_answered_as_the_person_prefers(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        person = make_account(session, preferred=Channel.MAILBOX)
        spoken, nobody = arrived(Channel.VOICE, person.phone, person.id), arrived(Channel.WEB)
        session.add_all([spoken, nobody])
        session.flush()
        row = outbox.answer(session, inbound=spoken, text="记下了", now=NOW)
        assert row is not None
        assert row.channel is Channel.MAILBOX
        assert outbox.answer(session, inbound=nobody, text="记下了", now=NOW) is None


def test_what_was_said_in_a_call_is_on_record_as_heard(sqlite_county: County) -> None:
    number = phone()
    with sqlite_county.database.write() as session:
        call = Call(
            gateway="voice",
            ref="CA1",
            caller=number,
            caller_index=vault.phone_index(number),
            data={},
            started_at=NOW,
        )
        session.add(call)
        session.flush()
        outbox.record_spoken(session, call=call, account=None, text="按1卖,按2买", now=NOW)
        row = session.scalars(select(Delivery).where(Delivery.call_id == call.id)).one()
        assert (row.state, row.settled_at, row.gateway) == (DeliveryState.DELIVERED, NOW, "voice")
        assert (row.address, row.address_index, row.text) == (number, call.caller_index, "按1卖,按2买")


@pytest.mark.parametrize("channel", [Channel.WEB, Channel.CONTACT])
def test_nothing_goes_out_by_a_channel_that_only_comes_in(sqlite_county: County, channel: Channel) -> None:
    with sqlite_county.database.write() as session, pytest.raises(ValueError, match="nothing goes out"):
        outbox.queue(session, channel=channel, address="x", text="x", purpose=Purpose.SERVICE, now=NOW)


def test_a_new_carrier_takes_over_what_waits_but_never_what_the_old_one_may_have(county: County) -> None:
    waiting, unknown = county.promise(due_at=NOW + timedelta(hours=1)), county.promise()
    with county.database.write() as session:
        ledger.claim(session, gateway="sms", worker="dead", settings=county.context.settings, now=NOW)
    others = [gateway for gateway in county.context.gateways if gateway.name != "sms"]
    with county.database.write() as session:
        ledger.ensure_gateways(
            session, [Gateway("other-sms", Channel.SMS, county.carrier, 5.0), *others], NOW
        )
        assert {row.name for row in session.query(GatewayRow)} == {"other-sms", "voice", "mailbox"}
    assert county.delivery(waiting).gateway == "other-sms"
    assert (county.delivery(unknown).state, county.delivery(unknown).reason) == (
        DeliveryState.DEAD,
        "carrier_changed",
    )
    with county.database.write() as session:
        row = outbox.queue(
            session, channel=Channel.SMS, address=phone(), text="x", purpose=Purpose.SERVICE, now=NOW
        )
        assert row is not None
        assert row.gateway == "other-sms"
