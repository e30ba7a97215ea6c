"""A call that fails becomes a text, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from farmerline.domain.receipts import report
from farmerline.messages import Channel, Receipt, ReceiptState
from farmerline.models import Delivery, DeliveryState
from jobs.deliver import drain
from tests.domain.alerting import Bureau
from tests.factories import NOW
from tests.jobs.carrier import County

WORDS = "已记下:卖 甘蓝 5000斤。回1发布"


def _texts(county: County) -> list[str]:
    with county.database.read() as session:
        rows = session.scalars(select(Delivery).where(Delivery.channel == Channel.SMS))
        return [row.text for row in rows]


def _hear(county: County, call: str, *states: ReceiptState) -> None:
    for minute, state in enumerate(states, start=1):
        with county.database.write() as session:
            reason = "no_answer" if state is ReceiptState.FAILED else None
            report(session, Receipt(gateway="voice", ref=county.delivery(call).provider_ref or "", state=state,
                                    at=NOW + timedelta(minutes=minute), delivery_id=call, reason=reason))  # fmt: skip


@pytest.mark.parametrize(
    ("heard", "texts"),
    [
        ([ReceiptState.FAILED], [WORDS]),
        ([ReceiptState.RINGING, ReceiptState.FAILED, ReceiptState.FAILED], [WORDS]),
        ([ReceiptState.ANSWERED, ReceiptState.DELIVERED], []),
        ([ReceiptState.DELIVERED, ReceiptState.FAILED], []),
    ],
)
def test_a_call_nobody_answered_becomes_one_text(
    county: County, heard: list[ReceiptState], texts: list[str]
) -> None:
    """M15: what was to be said is not lost."""
    call = county.promise(WORDS, channel=Channel.VOICE)
    drain(county.context)
    _hear(county, call, *heard)
    assert _texts(county) == texts


def test_a_text_that_fails_makes_no_second_text(county: County) -> None:
    text = county.promise(WORDS)
    drain(county.context)
    with county.database.write() as session:
        report(
            session,
            Receipt(
                gateway="sms", ref=county.delivery(text).provider_ref or "", state=ReceiptState.FAILED, at=NOW
            ),
        )
    assert county.delivery(text).state is DeliveryState.FAILED
    assert _texts(county) == [WORDS]


def test_a_signer_who_misses_the_call_has_the_text_beside_it_and_no_other(bureau: Bureau) -> None:
    alert = bureau.draft()
    bureau.submit(alert)
    bureau.step()
    bureau.hand_over()
    (call,) = [row for row in bureau.called(bureau.signer) if row.channel == Channel.VOICE]
    bureau.report(call, ReceiptState.FAILED, "no_answer")
    assert sorted(row.channel for row in bureau.called(bureau.signer)) == [Channel.SMS, Channel.VOICE]
