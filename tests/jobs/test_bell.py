"""Who stores something to do wakes the loop that does it; without a ring it looks by itself."""

from __future__ import annotations

import time
from threading import Event, Thread

import pytest

from jobs import deliver
from jobs.bell import Bell
from jobs.schedule import concerned
from tests.jobs.carrier import County


def test_a_ring_wakes_every_loop_of_its_line_and_one_while_busy_is_kept() -> None:
    bell = Bell()
    first, second, other = bell.ear("deliver"), bell.ear("deliver"), bell.ear("watch")
    bell.ring("deliver")
    began = time.monotonic()
    first.rest(5)
    second.rest(5)
    assert time.monotonic() - began < 1
    other.rest(0.05)
    first.rest(0.05)  # a ring counts once
    assert 0.1 <= time.monotonic() - began < 1


def test_only_rows_that_were_kept_are_told(sqlite_county: County) -> None:
    told: list[frozenset[str]] = []
    sqlite_county.database.on_write(told.append)
    with pytest.raises(KeyError), sqlite_county.database.write() as session:
        session.add(sqlite_county.delivery(sqlite_county.promise()))
        session.flush()
        raise KeyError
    assert told == [frozenset({"delivery"})]  # the promise alone
    with sqlite_county.database.write():
        pass
    assert len(told) == 1
    assert concerned(told[0]) == ["deliver"]
    assert concerned(frozenset({"account"})) == []


def test_a_promise_leaves_at_once_however_long_the_loop_would_rest(sqlite_county: County) -> None:
    context, stop = sqlite_county.context, Event()
    context.bell.patience = 20.0
    sqlite_county.database.on_write(lambda tables: [context.bell.ring(name) for name in concerned(tables)])
    loop = Thread(target=deliver.work, args=(context, context.gateways[0], stop))
    loop.start()
    time.sleep(0.1)  # it rests now
    began = time.monotonic()
    promised = sqlite_county.promise()
    while sqlite_county.delivery(promised).state != "sent":
        assert time.monotonic() - began < 5
        time.sleep(0.005)
    stop.set()
    context.bell.ring_all()
    loop.join(5)
    assert not loop.is_alive()
