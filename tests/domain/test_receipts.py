"""Receipts: late, twice, out of order, before our own answer; a delivery never goes backwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from farmerline.domain import ledger
from farmerline.domain.receipts import Handed, report, settle_sent
from farmerline.messages import Receipt, ReceiptState
from farmerline.models import DeliveryState, ReceiptRow
from jobs.deliver import drain
from tests.factories import NOW
from tests.jobs.carrier import County, open_county

S, D = ReceiptState, DeliveryState
_refs = count(1)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """One county for many generated histories."""
    home: Path = tmp_path_factory.mktemp("county")
    url = f"sqlite:///{home / 'farmerline.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_cluster").make_database()
    with open_county(url, home) as county:
        yield county


def say(county: County, ref: str, state: ReceiptState, minute: int = 1, **values: object) -> bool:
    with county.database.write() as session:
        at = NOW + timedelta(minutes=minute)
        return report(session, Receipt(gateway="sms", ref=ref, state=state, at=at, **values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "wanted", "reason"),
    [
        ([S.SENT], D.SENT, ""),
        ([S.QUEUED, S.SENT, S.DELIVERED], D.DELIVERED, ""),
        ([S.DELIVERED, S.SENT, S.QUEUED], D.DELIVERED, ""),
        ([S.DELIVERED, S.DELIVERED], D.DELIVERED, ""),
        ([S.SENT, S.FAILED], D.FAILED, "busy"),
        ([S.FAILED, S.DELIVERED], D.DELIVERED, ""),
        ([S.DELIVERED, S.FAILED], D.DELIVERED, ""),
        ([S.RINGING, S.ANSWERED], D.SENT, ""),
    ],
)
def test_a_delivery_is_as_far_as_the_furthest_report(
    sqlite_county: County, told: list[ReceiptState], wanted: DeliveryState, reason: str
) -> None:
    promised = sqlite_county.promise()
    drain(sqlite_county.context)
    for state in told:
        say(sqlite_county, f"ref-{promised}", state, reason="busy" if state is S.FAILED else None)
    row = sqlite_county.delivery(promised)
    assert (row.state, row.reason) == (wanted, reason)


def test_a_repeated_report_changes_nothing(county: County) -> None:
    promised = county.promise()
    drain(county.context)
    assert say(county, f"ref-{promised}", S.DELIVERED, minute=1)
    assert not say(county, f"ref-{promised}", S.DELIVERED, minute=9)
    assert county.delivery(promised).settled_at == NOW + timedelta(minutes=1)
    with county.database.read() as session:
        assert len(session.scalars(select(ReceiptRow)).all()) == 1


@pytest.mark.parametrize("names_us", [True, False])
def test_a_receipt_that_overtakes_the_carriers_answer_finds_its_delivery(
    county: County, names_us: bool
) -> None:
    promised = county.promise()
    with county.database.write() as session:
        ledger.claim(session, gateway="sms", worker="w", settings=county.context.settings, now=NOW)
    say(county, "early", S.DELIVERED, delivery_id=promised if names_us else None)
    assert county.delivery(promised).state is (D.DELIVERED if names_us else D.SENDING)
    with county.database.write() as session:
        assert settle_sent(session, [Handed(promised, "early", NOW)], gateway="sms", worker="w") == 1
    row = county.delivery(promised)
    assert (row.state, row.provider_ref, row.claimed_by) == (D.DELIVERED, "early", None)


@pytest.mark.parametrize(
    ("told", "settled_after", "wanted"),
    [
        ([("a", S.DELIVERED), ("b", S.DELIVERED)], 0, D.SENT),
        ([("c", S.DELIVERED), ("a", S.DELIVERED), ("b", S.DELIVERED)], 1, D.DELIVERED),
        ([("c", S.DELIVERED), ("a", S.SENT), ("a", S.DELIVERED), ("b", S.DELIVERED)], 9, D.DELIVERED),
        ([("a", S.DELIVERED), ("b", S.FAILED), ("c", S.DELIVERED)], 2, D.FAILED),
        ([("b", S.FAILED), ("a", S.DELIVERED), ("b", S.DELIVERED), ("c", S.DELIVERED)], 1, D.DELIVERED),
    ],
)
def test_a_long_text_has_arrived_when_each_of_its_pieces_has(
    county: County, told: list[tuple[str, ReceiptState]], settled_after: int, wanted: DeliveryState
) -> None:
    promised = county.promise("很长的话" * 40)
    with county.database.write() as session:
        ledger.claim(session, gateway="sms", worker="w", settings=county.context.settings, now=NOW)
    for step in range(max(len(told), settled_after) + 1):
        if step == settled_after:
            with county.database.write() as session:
                settle_sent(session, [Handed(promised, "a\nb\nc", NOW)], gateway="sms", worker="w")
        if step < len(told):
            say(county, *told[step], minute=step, reason="busy" if told[step][1] is S.FAILED else None)
    row = county.delivery(promised)
    assert (row.state, row.provider_ref) == (wanted, "a")


def test_a_receipt_for_nothing_we_know_is_kept(county: County) -> None:
    assert say(county, "SM-of-nobody", S.DELIVERED, delivery_id="f" * 32)
    with county.database.read() as session:
        assert session.scalars(select(ReceiptRow.delivery_id)).all() == [None]


def test_a_receipt_settles_what_a_dead_worker_left_open(sqlite_county: County) -> None:
    promised = sqlite_county.promise()
    with sqlite_county.database.write() as session:
        ledger.claim(session, gateway="sms", worker="dead", settings=sqlite_county.context.settings, now=NOW)
    say(sqlite_county, "SM1", S.SENT, delivery_id=promised)
    sqlite_county.wait(minutes=5)
    assert drain(sqlite_county.context) == 0
    assert sqlite_county.delivery(promised).state is D.SENT
    assert sqlite_county.carrier.asked == []


def test_the_seconds_a_call_was_heard_are_kept(sqlite_county: County) -> None:
    promised = sqlite_county.promise()
    drain(sqlite_county.context)
    say(sqlite_county, f"ref-{promised}", S.DELIVERED, seconds=17)
    assert sqlite_county.delivery(promised).heard_seconds == 17


RANK = {S.QUEUED: 1, S.SENT: 1, S.RINGING: 1, S.ANSWERED: 1, S.FAILED: 2, S.DELIVERED: 3}
MEANS = {0: D.SENDING, 1: D.SENT, 2: D.FAILED, 3: D.DELIVERED}


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    told=st.lists(st.sampled_from(list(ReceiptState)), max_size=8),
    settled_after=st.integers(min_value=0, max_value=8),
    names_us=st.booleans(),
)
def test_any_history_in_any_order_ends_where_the_model_does(
    shared: County, told: list[ReceiptState], settled_after: int, names_us: bool
) -> None:
    """R-11: Reports repeated and shuffled, our own settling anywhere among them."""
    ref = f"SM{next(_refs)}"
    promised = shared.promise()
    with shared.database.write() as session:
        ledger.claim(
            session, gateway="sms", worker=ref, settings=shared.context.settings, now=NOW, paced=False
        )
    best, settled = 0, False
    for step in range(len(told) + 1):
        if step == min(settled_after, len(told)):
            with shared.database.write() as session:
                settle_sent(session, [Handed(promised, ref, NOW)], gateway="sms", worker=ref)
            settled = True
        if step < len(told):
            say(shared, ref, told[step], minute=step, delivery_id=promised if names_us else None)
            best = max(best, RANK[told[step]])
        known = best if settled or names_us else 0
        assert shared.delivery(promised).state is MEANS[max(known, 1 if settled else 0)]
