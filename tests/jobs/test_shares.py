"""Two carriers: when one fails the other takes over within seconds, and what may have been taken stays where it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from channels.contract import Gateway, Reason, SendError
from farmerline.domain import ledger, outbox
from farmerline.domain.receipts import Handed, Refused, report, settle_failed, settle_sent
from farmerline.messages import Channel, Outgoing, Receipt, ReceiptState
from farmerline.models import Breaker, Delivery, DeliveryState, GatewayRow, Purpose
from jobs import deliver
from jobs.context import Context
from jobs.shares import move
from tests.jobs.carrier import Carrier, County


@dataclass
class Failing(Carrier):
    """A carrier whose every answer is this while ``fault`` is set."""

    fault: Reason | None = None

    def send(self, message: Outgoing) -> str:
        if self.fault is not None:
            raise SendError(self.fault)
        return super().send(message)


def two(county: County) -> tuple[Context, Failing, Failing]:
    """The county with a cheap carrier and one that stands in for it."""
    cheap, other = Failing(), Failing()
    gateways = (
        Gateway("cheap", Channel.SMS, cheap, 50.0, cost=0.04),
        Gateway("other", Channel.SMS, other, 50.0, cost=0.05),
    )
    with county.database.write() as session:
        ledger.ensure_gateways(session, gateways, county.clock.now())
    return replace(county.context, gateways=gateways), cheap, other


def row(county: County, name: str) -> GatewayRow:
    with county.database.read() as session:
        return session.get_one(GatewayRow, name)


def claim(county: County, context: Context, gateway: str) -> list[str]:
    with county.database.write() as session:
        found = ledger.claim(
            session,
            gateway=gateway,
            worker="w",
            settings=context.settings,
            now=county.clock.now(),
            paced=False,
        )
    return [one.outgoing.id for one in found]


def fail(county: County, ids: list[str], reason: Reason = Reason.UNAVAILABLE) -> None:
    unknown = reason.outcome_unknown
    refused = [
        Refused(one, reason, county.clock.now(), retryable=True, unknown=unknown, outage=True, pause=15)
        for one in ids
    ]
    with county.database.write() as session:
        settle_failed(session, refused, gateway="cheap", worker="w")


def test_the_breaker_opens_in_the_moment_of_enough_faults_and_closes_step_by_step(county: County) -> None:
    context, _, _ = two(county)
    ids = [county.promise() for _ in range(3)]
    assert sorted(claim(county, context, "cheap")) == sorted(ids)
    fail(county, ids[:1])
    assert row(county, "cheap").breaker is Breaker.CLOSED
    fail(county, ids[1:])
    assert (row(county, "cheap").breaker, row(county, "cheap").share) == (Breaker.OPEN, 0.0)
    with county.database.write() as session:
        waiting = session.scalars(select(Delivery).where(Delivery.gateway == "cheap")).all()
        for one in waiting:
            one.due_at = county.clock.now()
        session.get_one(GatewayRow, "cheap").paused_until = None
    assert claim(county, context, "cheap") == []
    assert move(context) == 0
    county.wait(seconds=30)
    assert (move(context), row(county, "cheap").share) == (1, 0.05)
    shares = []
    for _ in range(6):
        county.wait(seconds=20)
        ids = [county.promise(address=f"+861390000{number:04d}") for number in range(40)]
        with county.database.write() as session:
            mine = list(
                session.scalars(select(Delivery.id).where(Delivery.gateway == "cheap", Delivery.id.in_(ids)))
            )
            assert mine, "a little is planned for the one that is tried"
        taken = claim(county, context, "cheap")
        with county.database.write() as session:
            handed = [Handed(one, f"ref-{one}", county.clock.now()) for one in taken]
            settle_sent(session, handed, gateway="cheap", worker="w")
        move(context)
        shares.append(row(county, "cheap").share)
    assert shares == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    assert row(county, "cheap").breaker is Breaker.CLOSED


def test_an_only_carrier_keeps_its_share_and_rests_as_before(sqlite_county: County) -> None:
    context, _, _ = two(sqlite_county)
    with sqlite_county.database.write() as session:
        session.delete(session.get_one(GatewayRow, "other"))
    ids = [sqlite_county.promise() for _ in range(3)]
    claim(sqlite_county, context, "cheap")
    fail(sqlite_county, ids)
    found = row(sqlite_county, "cheap")
    assert (found.breaker, found.share, found.paused_until) == (
        Breaker.CLOSED, 1.0, sqlite_county.clock.now() + timedelta(seconds=15),
    )  # fmt: skip


def test_what_waits_for_a_carrier_that_rests_leaves_by_the_other(county: County) -> None:
    context, cheap, other = two(county)
    waiting = {county.promise(f"第{number}条") for number in range(3)}
    held = county.promise("不知道")
    with county.database.write() as session:
        row = session.get_one(Delivery, held)
        row.state, row.claimed_by, row.lease_until = DeliveryState.SENDING, "dead", county.clock.now()
        session.get_one(GatewayRow, "cheap").paused_until = county.clock.now() + timedelta(minutes=1)
    assert deliver.drain(context) == 3
    assert ({message.id for message in other.taken}, cheap.taken) == (waiting, [])
    assert {row.gateway for row in deliveries(county) if row.id in waiting} == {"other"}
    county.wait(minutes=2)
    deliver.drain(context)
    assert [message.id for message in cheap.taken] == [held]


def test_being_asked_too_fast_is_no_illness(sqlite_county: County) -> None:
    context, _, _ = two(sqlite_county)
    ids = [sqlite_county.promise() for _ in range(5)]
    claim(sqlite_county, context, "cheap")
    fail(sqlite_county, ids, Reason.THROTTLED)
    assert row(sqlite_county, "cheap").breaker is Breaker.CLOSED


def test_receipts_that_take_too_long_halve_the_share(sqlite_county: County) -> None:
    context, _, _ = two(sqlite_county)
    for minutes, share in ((9, 1.0), (40, 0.5)):
        one = sqlite_county.promise()
        claim(sqlite_county, context, "cheap")
        at = sqlite_county.clock.now()
        with sqlite_county.database.write() as session:
            settle_sent(session, [Handed(one, f"ref-{one}", at)], gateway="cheap", worker="w")
        sqlite_county.wait(minutes=minutes)
        with sqlite_county.database.write() as session:
            now = sqlite_county.clock.now()
            report(session, Receipt("cheap", f"ref-{one}", ReceiptState.DELIVERED, now))
        move(context)
        assert row(sqlite_county, "cheap").share == share, minutes


def second(county: County, context: Context, each: int) -> None:
    """One second of a county that promises so many texts a second and hands over whatever may go."""
    with county.database.write() as session:
        for number in range(each):
            wanted = {
                "channel": Channel.SMS,
                "purpose": Purpose.SERVICE,
                "now": county.clock.now(),
                "text": "您好",
            }
            outbox.queue(
                session,
                address=f"+8613900{county.clock.now().timestamp() % 1000:03.0f}{number:03d}",
                **wanted,
            )
    move(context)
    for gateway in deliver._ready(context):
        deliver._one_batch(context, gateway, paced=False)
    county.wait(seconds=1)


@pytest.mark.parametrize("fault", [Reason.UNAVAILABLE, Reason.UNREACHABLE])
def test_when_one_carrier_fails_the_other_has_nearly_all_within_thirty_seconds_and_it_drifts_back(
    sqlite_county: County, fault: Reason
) -> None:
    """R-10."""
    county = sqlite_county
    context, cheap, other = two(county)
    for _ in range(3):
        second(county, context, 5)
    assert (len(cheap.taken), len(other.taken)) == (15, 0)
    cheap.fault = fault
    for _ in range(25):
        second(county, context, 3)
    unknown = [row.id for row in deliveries(county) if row.gateway == "cheap" and row.state == "sending"]
    assert len(cheap.taken) == 15
    assert len(other.taken) + len(unknown) >= 0.85 * 75  # the rest waits for its next try
    before = len(other.taken)
    for _ in range(5):
        second(county, context, 4)
    assert len(other.taken) - before >= 0.95 * 20
    cheap.fault = None
    for _ in range(20):
        county.wait(seconds=11)
        second(county, context, 6)
    assert row(county, "cheap").share == 1.0
    before = len(cheap.taken)
    for _ in range(3):
        second(county, context, 4)
    assert len(cheap.taken) - before == 12
    told = [message.id for message in cheap.taken + other.taken]
    assert len(told) == len(set(told)), "nothing went by both"
    assert {row.id for row in deliveries(county)} == set(told), "nothing was left behind"


def test_while_both_fail_the_queue_holds_for_three_days_and_then_goes(sqlite_county: County) -> None:
    context, cheap, other = two(sqlite_county)
    cheap.fault = other.fault = Reason.UNAVAILABLE
    second(sqlite_county, context, 20)
    for _ in range(12):
        for _ in range(2):
            second(sqlite_county, context, 0)
        sqlite_county.wait(hours=6)
    assert {row.state for row in deliveries(sqlite_county)} == {DeliveryState.QUEUED}
    cheap.fault = other.fault = None
    for _ in range(20):
        second(sqlite_county, context, 0)
        sqlite_county.wait(minutes=10)
    assert len(cheap.taken) + len(other.taken) == 20


def test_what_may_have_been_taken_waits_for_the_carrier_that_may_have_it(county: County) -> None:
    context, cheap, other = two(county)
    cheap.keeps_silent = True
    ids = [county.promise() for _ in range(3)]
    deliver.drain(context)
    assert row(county, "cheap").breaker is Breaker.OPEN
    cheap.can_be_asked = False
    for _ in range(10):
        county.wait(minutes=2)
        second(county, context, 0)
    assert other.taken == []
    cheap.keeps_silent, cheap.can_be_asked = False, True
    for _ in range(15):
        county.wait(minutes=6)
        second(county, context, 0)
    assert [message.id for message in cheap.taken] == sorted(ids, key=ids.index)
    assert {row.state for row in deliveries(county)} == {DeliveryState.SENT}


@pytest.mark.parametrize(
    ("limits", "address", "carrier", "reason"),
    [
        ({"prefixes": ("+86139",)}, "+8613900000001", "cheap", ""),
        ({"prefixes": ("+86139",)}, "+8613000000001", "other", ""),
        ({"prefixes": ("+86139",), "both": True}, "+8613000000001", "", "no_route"),
    ],
)
def test_what_a_connection_may_not_carry_any_more_leaves_by_one_that_may(
    county: County, limits: dict[str, Any], address: str, carrier: str, reason: str
) -> None:
    context, cheap, other = two(county)
    one = county.promise(address=address)
    with county.database.write() as session:
        for name in ("cheap", "other") if limits.get("both") else ("cheap",):
            session.get_one(GatewayRow, name).prefixes = " ".join(limits["prefixes"])
    deliver.drain(context)
    assert {"cheap": cheap.taken != [], "other": other.taken != []} == {
        name: name == carrier for name in ("cheap", "other")
    }
    assert county.delivery(one).reason == reason
    assert county.delivery(one).state is (DeliveryState.DEAD if reason else DeliveryState.SENT)


def test_another_carriers_signature_and_length_are_its_own(sqlite_county: County) -> None:
    context, _, other = two(sqlite_county)
    with sqlite_county.database.write() as session:
        session.get_one(GatewayRow, "other").signature = "慈溪市农业农村局"
    one = sqlite_county.promise("好" * 65)
    assert sqlite_county.delivery(one).parts == 1
    with sqlite_county.database.write() as session:
        session.get_one(GatewayRow, "cheap").paused_until = sqlite_county.clock.now() + timedelta(hours=1)
    deliver.drain(context)
    assert other.taken[0].text.startswith("【慈溪市农业农村局】")
    assert (sqlite_county.delivery(one).parts, sqlite_county.delivery(one).gateway) == (2, "other")


def deliveries(county: County) -> list[Delivery]:
    with county.database.read() as session:
        return list(session.scalars(select(Delivery)))
