"""Texts that the webhooks missed: asked for at the carrier, taken up once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from channels.contract import Reason, SendError
from farmerline.domain import intake
from farmerline.messages import Channel, Incoming
from farmerline.models import Inbound, InboundState
from jobs.context import Context
from jobs.reconcile import has_missed, take_missed
from matching import understand
from tests.factories import phone
from tests.jobs.carrier import County


@dataclass
class Record:
    """The carrier's list of what it brought us."""

    texts: list[Incoming] = field(default_factory=list)
    away: bool = False

    def received(self, since: datetime) -> list[Incoming]:
        if self.away:
            raise SendError(Reason.UNREACHABLE)
        return [text for text in self.texts if text.received_at >= since]


def with_record(county: County) -> tuple[Context, Record]:
    record = Record()
    sms, *others = county.context.gateways
    gateways = (replace(sms, inbox=record), *others)
    return replace(county.context, gateways=gateways, understand=understand), record


def text(county: County, ref: str, words: str = "帮助", **ago: float) -> Incoming:
    return Incoming(Channel.SMS, "sms", ref, phone(), words, county.clock.now() - timedelta(**ago))


def count(county: County, *where: object) -> int:
    with county.database.read() as session:
        return session.scalar(select(func.count()).select_from(Inbound).where(*where)) or 0  # type: ignore[arg-type]


def test_a_text_that_no_webhook_brought_is_answered_once(county: County) -> None:
    """I-01: garbled or not, what reached the carrier is kept and answered."""
    context, record = with_record(county)
    record.texts = [text(county, "SM1", minutes=30), text(county, "SM2", "卖葡萄", minutes=10)]
    with county.database.write() as session:
        brought, _ = intake.store(session, record.texts[0])
    assert has_missed(context)
    assert (take_missed(context), take_missed(context)) == (1, 0)
    assert not has_missed(context)
    assert count(county, Inbound.state == InboundState.RECEIVED) == 0
    assert count(county) == 2
    with county.database.write() as session:  # its webhook comes after all
        assert intake.store(session, record.texts[1])[1]
        assert intake.store(session, record.texts[0]) == (brought, True)


def test_what_is_still_on_its_way_or_older_than_a_day_is_left_alone(sqlite_county: County) -> None:
    context, record = with_record(sqlite_county)
    record.texts = [text(sqlite_county, "SM1", seconds=30), text(sqlite_county, "SM2", days=2)]
    assert take_missed(context) == 0
    sqlite_county.wait(minutes=5)
    assert take_missed(context) == 1


def test_a_carrier_that_is_away_is_asked_again_later(sqlite_county: County) -> None:
    context, record = with_record(sqlite_county)
    record.texts, record.away = [text(sqlite_county, "SM1", minutes=5)], True
    assert not has_missed(context)
    with pytest.raises(SendError):
        take_missed(context)
    record.away = False
    assert take_missed(context) == 1


def test_a_county_whose_carrier_keeps_no_record_has_nothing_to_do(sqlite_county: County) -> None:
    assert take_missed(sqlite_county.context) == 0
