"""A carrier that cannot be asked what became of a message: it gets it once more for each lost claim, and no more."""

from __future__ import annotations

from dataclasses import replace

from channels.contract import Reason, SendError
from farmerline.domain import ledger
from farmerline.domain.receipts import ATTEMPTS
from farmerline.models import DeliveryState
from jobs.context import Context
from jobs.deliver import drain
from tests.jobs.carrier import County


def blind(county: County) -> Context:
    county.carrier.can_be_asked = False
    gateways = tuple(replace(one, can_find=one.name != "sms") for one in county.context.gateways)
    return replace(county.context, gateways=gateways)


def lose_claim(county: County) -> None:
    """A worker takes what is due, and dies."""
    with county.database.write() as session:
        ledger.claim(
            session, gateway="sms", worker="dead", settings=county.context.settings, now=county.clock.now()
        )
    county.wait(seconds=61)


def test_a_lost_claim_is_sent_again_once(county: County) -> None:
    promised = county.promise()
    for _ in range(2):
        lose_claim(county)
    assert drain(blind(county)) == 1
    assert drain(blind(county)) == 0
    assert county.carrier.asked == []
    assert [message.id for message in county.carrier.taken] == [promised]
    assert county.delivery(promised).state is DeliveryState.SENT


def test_after_enough_lost_claims_a_person_decides(sqlite_county: County) -> None:
    promised = sqlite_county.promise()
    for _ in range(ATTEMPTS):
        lose_claim(sqlite_county)
    assert drain(blind(sqlite_county)) == 0
    row = sqlite_county.delivery(promised)
    assert (row.state, row.reason) == (DeliveryState.DEAD, "unresolved")
    assert not sqlite_county.carrier.taken


def test_silence_is_answered_with_one_more_try_and_then_a_person_decides(sqlite_county: County) -> None:
    county = sqlite_county
    promised = county.promise()
    county.carrier.keeps_silent = True
    for _ in range(8):
        drain(blind(county))
        county.wait(minutes=10)
    row = county.delivery(promised)
    assert (row.state, row.reason) == (DeliveryState.DEAD, "unreachable")
    assert len(county.carrier.taken) == 2


def test_an_outage_multiplies_no_message(sqlite_county: County) -> None:
    """While nothing goes through, tries are not counted; those that may have reached a phone are."""
    ids = [sqlite_county.promise() for _ in range(6)]
    sqlite_county.carrier.keeps_silent = True
    for _ in range(40):
        drain(blind(sqlite_county))
        sqlite_county.wait(minutes=2)
    taken = [message.id for message in sqlite_county.carrier.taken]
    assert [taken.count(one) for one in ids] == [2] * 6
    assert [sqlite_county.delivery(one).attempts for one in ids] == [2] * 6


def test_a_refusal_after_a_lost_claim_is_tried_again_as_any_other(sqlite_county: County) -> None:
    promised = sqlite_county.promise()
    lose_claim(sqlite_county)
    sqlite_county.carrier.faults = [SendError(Reason.THROTTLED)]
    drain(blind(sqlite_county))
    assert sqlite_county.delivery(promised).state is DeliveryState.QUEUED
    sqlite_county.wait(minutes=2)
    assert drain(blind(sqlite_county)) == 1
