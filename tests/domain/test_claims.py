"""Claims: bounded by the rate in parts, urgent words first and alone, fenced by the claim's own name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from farmerline.domain import alert_fanout, ledger
from farmerline.domain.receipts import Handed, Refused, settle_failed, settle_sent
from farmerline.models import Delivery, DeliveryState, GatewayRow, Priority
from tests.domain.alerting import Bureau
from tests.jobs.carrier import County, open_county

_RATES = st.sampled_from([1.0, 3.0, 10.0, 40.0])


def claim(county: County, worker: str = "w", **values: object) -> list[ledger.Claimed]:
    with county.database.write() as session:
        wanted = {
            "gateway": "sms", "worker": worker, "settings": county.context.settings, "now": county.clock.now(), **values,
        }  # fmt: skip
        return ledger.claim(session, **wanted)  # type: ignore[arg-type]


def ids(claims: list[ledger.Claimed]) -> list[str]:
    return [one.outgoing.id for one in claims]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """One county for many generated histories."""
    home: Path = tmp_path_factory.mktemp("claims")
    with open_county(f"sqlite:///{home / 'farmerline.db'}", home) as county:
        yield county


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rate=_RATES,
    texts=st.lists(st.integers(min_value=1, max_value=4), min_size=1, max_size=12),
    steps=st.lists(
        st.tuples(st.integers(min_value=0, max_value=1500), st.booleans()), min_size=1, max_size=8
    ),
)
def test_claims_never_take_more_parts_than_the_rate_gives(
    shared: County, rate: float, texts: list[int], steps: list[tuple[int, bool]]
) -> None:
    """In any time: a second of the rate ahead, its burst, and the rate; a message longer than that goes alone. What is
    given back may be claimed again."""
    with shared.database.write() as session:
        session.execute(delete(Delivery))
        row = session.get_one(GatewayRow, "sms")
        row.rate, row.tokens, row.tokens_at = rate, 0.0, shared.clock.now()
    for parts in texts:
        shared.promise("好" * (67 * parts - 5))
    taken, passed = 0, 0.0
    for wait, gives_back in steps:
        shared.wait(milliseconds=wait)
        passed += wait / 1000
        claims = claim(shared)
        parts = sum(one.parts for one in claims)
        assert len(claims) <= 1 or parts <= max(1.0, rate)
        if gives_back and claims:
            with shared.database.write() as session:
                ledger.release(session, claims, gateway="sms", worker="w", now=shared.clock.now())
        else:
            taken += parts
        assert taken <= rate * passed + max(max(1.0, rate), 4.0) + max(1.0, rate / 10)


def test_messages_go_by_urgency_then_age(county: County) -> None:
    wanted: dict[Priority, list[str]] = {}
    for priority in (Priority.DIGEST, Priority.BULK, Priority.NORMAL, Priority.URGENT):
        for _ in range(2):
            wanted.setdefault(priority, []).append(county.promise(priority=priority))
            county.wait(seconds=1)
    assert ids(claim(county, paced=False)) == wanted[Priority.URGENT]  # alone
    with county.database.write() as session:
        handed = [Handed(one, one, county.clock.now()) for one in wanted[Priority.URGENT]]
        assert settle_sent(session, handed, gateway="sms", worker="w") == 2
    others = (Priority.NORMAL, Priority.BULK, Priority.DIGEST)
    assert ids(claim(county, paced=False)) == [one for priority in others for one in wanted[priority]]


def test_no_bulk_is_claimed_while_urgent_words_wait_or_are_on_their_way(county: County) -> None:
    bulk = county.promise(priority=Priority.BULK)
    urgent = county.promise(priority=Priority.URGENT)
    answer = county.promise()
    assert ids(claim(county, "a", paced=False)) == [urgent]
    assert ids(claim(county, "b", paced=False)) == [answer]  # another worker, meanwhile
    assert claim(county, "b", paced=False) == []
    with county.database.write() as session:
        settle_sent(session, [Handed(urgent, "r", county.clock.now())], gateway="sms", worker="a")
    assert ids(claim(county, "b", paced=False)) == [bulk]


def test_urgent_words_of_unknown_outcome_hold_nothing_up(sqlite_county: County) -> None:
    urgent = sqlite_county.promise(priority=Priority.URGENT)
    claim(sqlite_county, "a", paced=False)
    bulk = sqlite_county.promise(priority=Priority.BULK)
    with sqlite_county.database.write() as session:
        fault = Refused(urgent, "unreachable", sqlite_county.clock.now(), retryable=True, unknown=True)
        settle_failed(session, [fault], gateway="sms", worker="a")
    assert sqlite_county.delivery(urgent).state is DeliveryState.SENDING
    assert ids(claim(sqlite_county, "b", paced=False)) == [bulk]


def test_a_worker_that_dies_again_and_again_kills_no_message(sqlite_county: County) -> None:
    """R-15: each death costs a few messages a try, never the whole claim."""
    promised = [sqlite_county.promise() for _ in range(120)]
    assert len(claim(sqlite_county, "dead", paced=False)) == 120
    for _ in range(4):
        sqlite_county.wait(seconds=61)
        assert len(claim(sqlite_county, "dead", paced=False)) == 50
    tries = [sqlite_county.delivery(one).attempts for one in promised]
    assert sorted(tries) == [1] * 70 + [5] * 50


def test_a_paused_workers_results_change_nothing(county: County) -> None:
    """R-16: its lease ended, another has the message by now: the name of the claim fences it."""
    promised = county.promise()
    claim(county, "paused")
    county.wait(seconds=61)
    assert ids(claim(county, "heir")) == [promised]
    now = county.clock.now()
    with county.database.write() as session:
        assert settle_sent(session, [Handed(promised, "mine", now)], gateway="sms", worker="paused") == 0
        refused = [Refused(promised, "bad_address", now)]
        assert settle_failed(session, refused, gateway="sms", worker="paused") == 0
    row = county.delivery(promised)
    assert (row.state, row.claimed_by, row.provider_ref) == (DeliveryState.SENDING, "heir", None)
    with county.database.write() as session:
        assert settle_sent(session, [Handed(promised, "its", now)], gateway="sms", worker="heir") == 1


def test_what_is_given_back_gives_its_share_of_the_rate_back(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        session.get_one(GatewayRow, "sms").rate = 10
    for _ in range(10):
        sqlite_county.promise(priority=Priority.BULK)
    claims = claim(sqlite_county)
    assert len(claims) == 10
    urgent = sqlite_county.promise(priority=Priority.URGENT)
    assert claim(sqlite_county) == []  # the second is spent
    now = sqlite_county.clock.now()
    with sqlite_county.database.write() as session:
        ledger.release(session, claims[2:], gateway="sms", worker="w", now=now)
        ledger.release(session, claims[2:], gateway="sms", worker="w", now=now)  # once
    sqlite_county.wait(milliseconds=200)
    assert ids(claim(sqlite_county)) == [urgent]


def test_bulk_waits_while_an_urgent_alert_is_being_written(sqlite_bureau: Bureau) -> None:
    bureau, county = sqlite_bureau, sqlite_bureau.county
    for number in range(3):
        bureau.person(f"杨{number}")
    alert = bureau.draft()
    bureau.submit(alert)
    bureau.sign(alert)
    bulk = county.promise(priority=Priority.BULK)
    alert = bureau.get(alert)
    with county.database.write() as session:
        alert_fanout.write(session, alert.id, settings=bureau.settings, now=bureau.now, limit=1)
    claims = claim(county, paced=False)
    assert len(claims) == 1 and claims[0].urgent
    with county.database.write() as session:
        handed = [Handed(one, one, bureau.now) for one in ids(claims)]
        settle_sent(session, handed, gateway="sms", worker="w")
    assert claim(county, paced=False) == []
    county.wait(minutes=11)  # what cannot be written holds nobody up for ever
    assert ids(claim(county, paced=False)) == [bulk]
