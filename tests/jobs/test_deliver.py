"""Sending: claim, hand over, settle; what fails is tried again or dies with its reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier, Event, Thread

import pytest

from channels.contract import Reason, SendError
from farmerline.domain import consent, ledger
from farmerline.domain.receipts import ATTEMPTS, Handed, settle_sent
from farmerline.messages import Channel
from farmerline.models import Delivery, DeliveryState, GatewayRow, Priority, Purpose
from jobs.context import Context
from jobs.deliver import drain, work
from tests.factories import make_account
from tests.jobs.carrier import County


def claim(county: County, worker: str = "w1", **values: object) -> list[ledger.Claimed]:
    with county.database.write() as session:
        wanted = {
            "gateway": "sms",
            "worker": worker,
            "settings": county.context.settings,
            "now": county.clock.now(),
        }
        return ledger.claim(session, **{**wanted, **values})  # type: ignore[arg-type]


def test_what_is_promised_is_handed_over_and_settled(county: County) -> None:
    ids = [county.promise(f"第{number}条") for number in range(7)]
    assert drain(county.context) == 7
    assert sorted(message.id for message in county.carrier.taken) == sorted(ids)
    row = county.delivery(ids[0])
    assert (row.state, row.provider_ref, row.claimed_by, row.sent_at) == (
        DeliveryState.SENT, f"ref-{ids[0]}", None, county.clock.now(),
    )  # fmt: skip
    assert drain(county.context) == 0


def test_urgent_words_overtake_everything_and_older_ones_go_first(county: County) -> None:
    bulk = county.promise(priority=Priority.BULK)
    county.wait(seconds=1)
    late = county.promise()
    county.wait(seconds=1)
    urgent = county.promise(priority=Priority.URGENT)
    early = county.promise(due_at=county.clock.now() - timedelta(hours=1))
    drain(county.context)
    assert [message.id for message in county.carrier.taken] == [urgent, early, late, bulk]


def test_what_is_due_later_waits(sqlite_county: County) -> None:
    sqlite_county.promise(due_at=sqlite_county.clock.now() + timedelta(minutes=5))
    assert drain(sqlite_county.context) == 0
    sqlite_county.wait(minutes=5)
    assert drain(sqlite_county.context) == 1


def test_a_letter_in_the_box_is_delivered_once_it_is_stored(sqlite_county: County) -> None:
    letter = sqlite_county.promise(channel=Channel.MAILBOX, address="an account")
    drain(sqlite_county.context)
    assert sqlite_county.delivery(letter).state is DeliveryState.DELIVERED


def test_a_stop_is_effective_before_the_next_send(county: County) -> None:
    with county.database.write() as session:
        farmer = make_account(session, tips=True)
    tip = county.promise(account=farmer, address=farmer.phone, purpose=Purpose.TIPS)
    answer = county.promise(account=farmer, address=farmer.phone)
    with county.database.write() as session:
        consent.stop(
            session, accounts=[farmer], purposes=[Purpose.TIPS], proof="inbound:x", now=county.clock.now()
        )
    assert drain(county.context) == 1
    assert [message.id for message in county.carrier.taken] == [answer]
    row = county.delivery(tip)
    assert (row.state, row.reason) == (DeliveryState.CANCELLED, "consent")


def test_two_workers_never_take_the_same_message(county: County) -> None:
    ids = {county.promise() for _ in range(40)}
    taken: dict[str, list[str]] = {"a": [], "b": []}
    start = Barrier(2)

    def take(worker: str) -> None:
        start.wait()
        while found := claim(county, worker, limit=3, paced=False):
            taken[worker] += [one.outgoing.id for one in found]

    threads = [Thread(target=take, args=(worker,)) for worker in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken["a"] + taken["b"]) == sorted(ids)


def test_a_worker_that_lost_its_lease_settles_nothing(county: County) -> None:
    promised = county.promise()
    claim(county, "slow")
    county.wait(seconds=61)
    assert [one.look_up for one in claim(county, "quick")] == [True]
    with county.database.write() as session:
        assert (
            settle_sent(session, [Handed(promised, "ref", county.clock.now())], gateway="sms", worker="slow")
            == 0
        )
        assert (
            settle_sent(session, [Handed(promised, "ref", county.clock.now())], gateway="sms", worker="quick")
            == 1
        )


@pytest.mark.parametrize("was_taken", [True, False])
def test_what_a_dead_worker_held_is_looked_up_before_it_is_sent_again(
    county: County, was_taken: bool
) -> None:
    promised = county.promise()
    (held,) = claim(county, "dead")
    if was_taken:
        county.carrier.send(held.outgoing)
    assert drain(county.context) == 0  # the lease still holds
    county.wait(seconds=61)
    assert drain(county.context) == 1
    assert county.carrier.asked == [promised]
    assert [message.id for message in county.carrier.taken] == [promised]
    assert county.delivery(promised).state is DeliveryState.SENT


def test_silence_from_the_carrier_is_looked_up_not_repeated(sqlite_county: County) -> None:
    promised = sqlite_county.promise()
    sqlite_county.carrier.keeps_silent = True
    assert drain(sqlite_county.context) == 0
    assert (sqlite_county.delivery(promised).state, sqlite_county.delivery(promised).attempts) == (
        DeliveryState.SENDING,
        1,
    )
    sqlite_county.wait(minutes=1)
    assert drain(sqlite_county.context) == 1
    assert len(sqlite_county.carrier.taken) == 1


def test_the_same_words_sent_before_are_not_taken_for_this_message(sqlite_county: County) -> None:
    """A carrier that knows messages only by number and words finds the older one."""
    older = sqlite_county.promise("收到")
    drain(sqlite_county.context)
    newer = sqlite_county.promise("收到")
    sqlite_county.carrier.faults = [SendError(Reason.UNREACHABLE)]
    drain(sqlite_county.context)
    sqlite_county.carrier.find = lambda message, since: f"ref-{older}"  # type: ignore[method-assign]
    sqlite_county.wait(minutes=1)
    assert drain(sqlite_county.context) == 1
    assert [message.id for message in sqlite_county.carrier.taken] == [older, newer]


def test_a_carrier_that_cannot_tell_is_asked_a_few_times_and_nothing_is_repeated(
    sqlite_county: County,
) -> None:
    promised = sqlite_county.promise()
    sqlite_county.carrier.keeps_silent, sqlite_county.carrier.can_be_asked = True, False
    for _ in range(12):
        drain(sqlite_county.context)
        sqlite_county.wait(hours=2)
    assert len(sqlite_county.carrier.taken) == 1
    row = sqlite_county.delivery(promised)
    assert (row.state, row.reason, row.attempts) == (DeliveryState.DEAD, "unreachable", 8)


@pytest.mark.parametrize(
    ("reason", "state", "tries"),
    [
        (Reason.BAD_ADDRESS, DeliveryState.DEAD, 1),
        (Reason.OPTED_OUT, DeliveryState.DEAD, 1),
        (Reason.TOO_LONG, DeliveryState.DEAD, 1),
        (Reason.BUSY, DeliveryState.DEAD, ATTEMPTS),
        (Reason.UNREACHABLE_PHONE, DeliveryState.DEAD, ATTEMPTS),
    ],
)
def test_a_refusal_is_final_or_tried_five_times(
    sqlite_county: County, reason: Reason, state: DeliveryState, tries: int
) -> None:
    refused, other = sqlite_county.promise(), None
    sqlite_county.carrier.faults = [SendError(reason, "21211")] * 10
    for _ in range(ATTEMPTS + 1):
        drain(sqlite_county.context)
        sqlite_county.wait(hours=1, minutes=10)
    row = sqlite_county.delivery(refused)
    assert (row.state, row.attempts, row.reason, row.code) == (state, tries, reason, "21211")
    sqlite_county.carrier.faults = []
    other = sqlite_county.promise()
    drain(sqlite_county.context)
    assert sqlite_county.delivery(other).state is DeliveryState.SENT


def test_tries_are_further_and_further_apart(sqlite_county: County) -> None:
    promised = sqlite_county.promise()
    sqlite_county.carrier.faults = [SendError(Reason.BUSY)] * 4
    waits = []
    for _ in range(4):
        drain(sqlite_county.context)
        waits.append((sqlite_county.delivery(promised).due_at - sqlite_county.clock.now()).total_seconds())
        sqlite_county.wait(seconds=waits[-1])
    assert [round(wait / (30 * 2**number)) for number, wait in enumerate(waits)] == [1, 1, 1, 1]
    assert all(0.89 <= wait / (30 * 2**number) <= 1.11 for number, wait in enumerate(waits))


def test_a_fault_in_one_message_does_not_stop_the_others(sqlite_county: County) -> None:
    poison = sqlite_county.promise()
    others = [sqlite_county.promise() for _ in range(3)]
    sqlite_county.carrier.faults = [ValueError()]
    assert drain(sqlite_county.context) == 3
    assert all(sqlite_county.delivery(other).state is DeliveryState.SENT for other in others)
    assert (sqlite_county.delivery(poison).reason, sqlite_county.delivery(poison).code) == (
        "error",
        "ValueError",
    )


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (SendError(Reason.THROTTLED), 2),
        (SendError(Reason.THROTTLED, retry_after=40), 40),
        (SendError(Reason.UNAVAILABLE), 15),
    ],
)
def test_a_carrier_out_of_order_rests_and_gets_everything_later(
    sqlite_county: County, fault: SendError, seconds: float
) -> None:
    for _ in range(5):
        sqlite_county.promise()
    sqlite_county.carrier.faults = [fault] * (3 if fault.reason is Reason.UNAVAILABLE else 1)
    assert drain(sqlite_county.context) == 0
    sqlite_county.wait(seconds=seconds - 1)
    assert drain(sqlite_county.context) == 0
    sqlite_county.wait(minutes=2)
    assert drain(sqlite_county.context) == 5


def test_a_fault_now_and_then_does_not_stop_the_others(sqlite_county: County) -> None:
    """R-09."""
    for _ in range(6):
        sqlite_county.promise()
    busy = SendError(Reason.UNAVAILABLE)
    sqlite_county.carrier.faults = [busy, busy, None, busy]
    assert drain(sqlite_county.context) == 3
    sqlite_county.wait(minutes=1)
    assert drain(sqlite_county.context) == 3


def test_a_long_outage_kills_no_message(sqlite_county: County) -> None:
    promised = [sqlite_county.promise() for _ in range(3)]
    for _ in range(24):
        sqlite_county.carrier.faults = [SendError(Reason.UNAVAILABLE)] * 3
        drain(sqlite_county.context)
        sqlite_county.wait(hours=1)
    sqlite_county.carrier.faults = []
    drain(sqlite_county.context)
    assert [sqlite_county.delivery(one).state for one in promised] == [DeliveryState.SENT] * 3


def test_a_message_that_alone_upsets_the_carrier_dies_in_the_end(sqlite_county: County) -> None:
    poison = sqlite_county.promise("毒")
    send = sqlite_county.carrier.send

    def choke(message):  # type: ignore[no-untyped-def]
        if message.text == "毒":
            raise SendError(Reason.UNAVAILABLE, "503")
        return send(message)

    sqlite_county.carrier.send = choke  # type: ignore[method-assign]
    for _ in range(20):
        drain(sqlite_county.context)
        sqlite_county.wait(hours=1)
        sqlite_county.promise()
        drain(sqlite_county.context)
        sqlite_county.wait(hours=1)
    assert sqlite_county.delivery(poison).state is DeliveryState.DEAD
    assert len(sqlite_county.carrier.taken) == 20


def test_a_claim_takes_one_second_of_the_rate_in_parts(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        session.get_one(GatewayRow, "sms").rate = 10
    for _ in range(30):
        sqlite_county.promise("好" * 100)  # two parts
    now = sqlite_county.clock.now()
    assert len(claim(sqlite_county)) == 5
    assert claim(sqlite_county) == []
    sqlite_county.wait(milliseconds=500)
    assert claim(sqlite_county) == []
    sqlite_county.wait(milliseconds=600)
    assert len(claim(sqlite_county)) == 5
    sqlite_county.wait(minutes=10)  # rest does not add up
    assert len(claim(sqlite_county, limit=20)) == 5
    assert sqlite_county.clock.now() > now


def test_the_signature_is_sent_and_counted_but_not_stored(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        session.get_one(GatewayRow, "sms").signature = "慈溪农业"
    promised = sqlite_county.promise("好" * 65)
    drain(sqlite_county.context)
    assert sqlite_county.carrier.taken[0].text == "【慈溪农业】" + "好" * 65
    row = sqlite_county.delivery(promised)
    assert (row.text, row.parts) == ("好" * 65, 2)


def test_a_worker_stops_at_once_and_gives_back_what_it_has_not_sent(sqlite_county: County) -> None:
    for _ in range(30):
        sqlite_county.promise()
    context, carrier, stop = sqlite_county.context, sqlite_county.carrier, Event()
    send = carrier.send

    def send_two(message):  # type: ignore[no-untyped-def]
        if len(carrier.taken) == 1:
            stop.set()
        return send(message)

    carrier.send = send_two  # type: ignore[method-assign]
    work(context, context.gateways[0], stop)
    assert sqlite_county.states().count("sent") == 2
    assert sqlite_county.states().count("queued") == 28
    with sqlite_county.database.read() as session:
        assert {row.attempts for row in session.query(Delivery).filter_by(state=DeliveryState.QUEUED)} == {0}


def test_a_worker_keeps_to_the_rate(sqlite_county: County) -> None:
    """Ten parts a second: eleven messages need a second, whatever the clock of the county says."""
    sms = sqlite_county.context.gateways[0]
    slow = type(sms)(sms.name, sms.channel, sms.sender, 10.0)
    with sqlite_county.database.write() as session:
        session.get_one(GatewayRow, "sms").rate = 10
    for _ in range(11):
        sqlite_county.promise()
    context, stop = (
        Context(sqlite_county.database, sqlite_county.clock, (slow,), sqlite_county.context.settings),
        Event(),
    )
    thread = Thread(target=work, args=(context, slow, stop))
    thread.start()
    stop.wait(0.45)
    early = len(sqlite_county.carrier.taken)
    stop.set()
    thread.join()
    assert 2 <= early <= 7


@pytest.mark.parametrize(
    ("china_hour", "goes_at"),
    [(10, 10), (19, 19), (20, 32), (23, 32), (3, 8), (7, 8)],
)
def test_tips_keep_to_the_hours_of_the_day_in_china(
    sqlite_county: County, china_hour: int, goes_at: int
) -> None:
    with sqlite_county.database.write() as session:
        farmer = make_account(session, tips=True)
    midnight = datetime(2026, 11, 19, 16, tzinfo=sqlite_county.clock.now().tzinfo)
    sqlite_county.clock.moment = midnight + timedelta(hours=china_hour)
    tip = sqlite_county.promise(
        account=farmer, address=farmer.phone, purpose=Purpose.TIPS, priority=Priority.BULK
    )
    other = sqlite_county.promise(account=farmer, address=farmer.phone, purpose=Purpose.MATCH)
    drain(sqlite_county.context)
    assert sqlite_county.delivery(other).state is DeliveryState.SENT
    if goes_at == china_hour:
        assert sqlite_county.delivery(tip).state is DeliveryState.SENT
    else:
        assert sqlite_county.delivery(tip).due_at == midnight + timedelta(hours=goes_at)
        sqlite_county.clock.moment = midnight + timedelta(hours=goes_at)
        assert drain(sqlite_county.context) == 1


def test_nobody_gets_more_than_three_tips_in_seven_days(county: County) -> None:
    with county.database.write() as session:
        farmer, neighbour = make_account(session, tips=True), make_account(session, tips=True)
    tips = [county.promise(account=farmer, address=farmer.phone, purpose=Purpose.TIPS) for _ in range(5)]
    county.promise(account=neighbour, address=neighbour.phone, purpose=Purpose.TIPS)
    assert drain(county.context) == 4
    waiting = [county.delivery(tip) for tip in tips if county.delivery(tip).state is DeliveryState.QUEUED]
    assert [row.due_at for row in waiting] == [county.clock.now() + timedelta(days=7)] * 2
    county.wait(days=6)
    assert drain(county.context) == 0
    county.wait(days=1, seconds=1)
    assert drain(county.context) == 2
