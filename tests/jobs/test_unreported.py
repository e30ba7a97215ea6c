"""Messages without a receipt are asked for at the carrier at fixed ages; what only the carrier knows is counted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from channels.contract import Reason, SendError
from farmerline.domain.receipts import report
from farmerline.messages import Receipt, ReceiptState
from farmerline.models import DeliveryState, GatewayRow
from jobs.context import Context
from jobs.deliver import drain
from jobs.unreported import has_due, settle
from tests.jobs.carrier import County


@dataclass
class Record:
    """The carrier's own list of what we handed over."""

    fates: dict[str, Receipt] = field(default_factory=dict)
    refs: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    away: bool = False

    def became(self, ref: str) -> Receipt | None:
        if self.away:
            raise SendError(Reason.UNREACHABLE)
        self.asked.append(ref)
        return self.fates.get(ref)

    def handed(self, since: datetime, until: datetime) -> list[str]:
        return self.refs


def with_record(county: County) -> tuple[Context, Record]:
    record = Record()
    sms, *others = county.context.gateways
    return replace(county.context, gateways=(replace(sms, statement=record), *others)), record


def test_what_was_never_reported_on_is_settled_by_the_carriers_own_list(county: County) -> None:
    context, record = with_record(county)
    arrived, lost, open_ = (county.promise(f"第{number}条") for number in range(3))
    drain(context)
    at = county.clock.now()
    record.fates = {
        f"ref-{arrived}": Receipt("sms", f"ref-{arrived}", ReceiptState.DELIVERED, at),
        f"ref-{lost}": Receipt("sms", f"ref-{lost}", ReceiptState.FAILED, at, reason="blocked", code="30004"),
    }
    record.refs = [f"ref-{arrived}", "ref-of-nobody"]
    assert not has_due(context)
    county.wait(minutes=16)
    assert has_due(context)
    assert settle(context) == "2 settled, 1 unknown"
    assert [county.delivery(one).state for one in (arrived, lost, open_)] == [
        DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.SENT,
    ]  # fmt: skip
    assert county.delivery(lost).reason == "blocked"
    with county.database.read() as session:
        row = session.get_one(GatewayRow, "sms")
        assert (row.strangers, row.reconciled_at) == (1, county.clock.now())


def test_a_message_is_asked_for_at_fixed_ages_and_no_other(sqlite_county: County) -> None:
    context, record = with_record(sqlite_county)
    reported, _ = sqlite_county.promise(), sqlite_county.promise()
    drain(context)
    with sqlite_county.database.write() as session:
        now = sqlite_county.clock.now()
        report(session, Receipt("sms", f"ref-{reported}", ReceiptState.DELIVERED, now))
    at, told = sqlite_county.clock.now(), []
    for minutes in (14, 16, 26, 121, 131, 1441, 1451, 9000):
        sqlite_county.clock.moment = at + timedelta(minutes=minutes)
        record.asked.clear()
        settle(context)
        told.append((minutes, len(record.asked)))
    assert told == [(14, 0), (16, 1), (26, 0), (121, 1), (131, 0), (1441, 1), (1451, 0), (9000, 0)]


def test_a_carrier_that_is_away_is_asked_at_the_next_age(sqlite_county: County) -> None:
    context, record = with_record(sqlite_county)
    sqlite_county.promise()
    drain(context)
    sqlite_county.wait(minutes=16)
    record.away = True
    assert settle(context) == "0 settled, 0 unknown"
