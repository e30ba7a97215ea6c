"""Two carriers: when one fails the other takes over within seconds, and what may have been taken stays where it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from channels.contract import Gateway, Reason, SendError
from farmerline.domain import ledger
from farmerline.domain.receipts import Handed, Refused, report, settle_failed, settle_sent
from farmerline.messages import Channel, Outgoing, Receipt, ReceiptState
from farmerline.models import Breaker, Delivery, GatewayRow
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


def test_the_breaker_opens_in_the_moment_of_the_second_fault_and_closes_step_by_step(county: County) -> None:
    context, _, _ = two(county)
    ids = [county.promise() for _ in range(3)]
    assert sorted(claim(county, context, "cheap")) == sorted(ids)
    fail(county, ids[:1])
    assert row(county, "cheap").breaker is Breaker.CLOSED
    fail(county, ids[1:])
    assert (row(county, "cheap").breaker, row(county, "cheap").share) == (Breaker.OPEN, 0.0)
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


def test_being_asked_too_fast_is_no_illness(sqlite_county: County) -> None:
    context, _, _ = two(sqlite_county)
    ids = [sqlite_county.promise() for _ in range(5)]
    claim(sqlite_county, context, "cheap")
    fail(sqlite_county, ids, Reason.THROTTLED)
    assert row(sqlite_county, "cheap").breaker is Breaker.CLOSED


@pytest.mark.parametrize(("minutes", "share"), [(9, 1.0), (11, 0.5)])
def test_receipts_that_take_too_long_halve_the_share(
    sqlite_county: County, minutes: int, share: float
) -> None:
    context, _, _ = two(sqlite_county)
    ids = [sqlite_county.promise() for _ in range(2)]
    claim(sqlite_county, context, "cheap")
    at = sqlite_county.clock.now()
    with sqlite_county.database.write() as session:
        settle_sent(session, [Handed(one, f"ref-{one}", at) for one in ids], gateway="cheap", worker="w")
    sqlite_county.wait(minutes=minutes)
    with sqlite_county.database.write() as session:
        report(session, Receipt("cheap", f"ref-{ids[0]}", ReceiptState.DELIVERED, sqlite_county.clock.now()))
    move(context)
    assert row(sqlite_county, "cheap").share == share
