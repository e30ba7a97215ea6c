"""A batch on its way: several lanes side by side, and giving way to what is urgent."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import count
from threading import Barrier, Event, Thread

import pytest

from farmerline.models import GatewayRow, Priority
from jobs.deliver import drain, work
from tests.jobs.carrier import County


def test_urgent_words_overtake_bulk_that_is_claimed_already(sqlite_county: County) -> None:
    """What is left of the batch is given back within a moment, and no try of it is counted."""
    county, carrier = sqlite_county, sqlite_county.carrier
    bulk = [county.promise(priority=Priority.BULK) for _ in range(40)]
    send, urgent = carrier.send, []

    def dawdle(message):  # type: ignore[no-untyped-def]
        if len(carrier.taken) == 2:
            urgent.append(county.promise(priority=Priority.URGENT))
        time.sleep(0.02)
        return send(message)

    carrier.send = dawdle  # type: ignore[method-assign]
    assert drain(county.context) == 41
    order = [message.id for message in carrier.taken]
    assert 2 < order.index(urgent[0]) < 20
    assert [one for one in order if one not in urgent] == bulk
    assert {county.delivery(one).attempts for one in bulk} == {1}


def work_until_all_are_sent(county: County, *, lanes: int, can_find: bool) -> None:
    """By so many lanes, and as fast as they go."""
    wide = replace(county.context.gateways[0], lanes=lanes, rate=1e9, can_find=can_find)
    with county.database.write() as session:
        session.get_one(GatewayRow, "sms").rate = 1e9
    stop = Event()
    worker = Thread(target=work, args=(replace(county.context, gateways=(wide,)), wide, stop))
    worker.start()
    for _ in range(500):
        if set(county.states()) == {"sent"}:
            break
        time.sleep(0.02)
    stop.set()
    worker.join()


@pytest.mark.parametrize("can_find", [True, False])
def test_several_messages_are_on_their_way_at_once(county: County, can_find: bool) -> None:
    promised = {county.promise() for _ in range(90)}
    send, together, calls = county.carrier.send, Barrier(4), count()

    def meet(message):  # type: ignore[no-untyped-def]
        if next(calls) < 4:
            together.wait(timeout=10)
        return send(message)

    county.carrier.send = meet  # type: ignore[method-assign]
    work_until_all_are_sent(county, lanes=4, can_find=can_find)
    assert len(county.carrier.taken) == 90
    assert {message.id for message in county.carrier.taken} == promised


@pytest.mark.parametrize("lanes", [1, 4, 8])
def test_a_crash_repeats_at_most_twenty_messages_where_nobody_can_be_asked(
    sqlite_county: County, lanes: int
) -> None:
    """At every hand-over, no more than twenty have left and are not put down."""
    county = sqlite_county
    for _ in range(120):
        county.promise()
    send, open_ones = county.carrier.send, []

    def count_open(message):  # type: ignore[no-untyped-def]
        ref = send(message)
        open_ones.append(len(county.carrier.taken) - county.states().count("sent"))
        return ref

    county.carrier.send = count_open  # type: ignore[method-assign]
    work_until_all_are_sent(county, lanes=lanes, can_find=False)
    assert len(county.carrier.taken) == 120
    assert max(open_ones) <= 20
