"""How subscribers are found and told: by ranges of one index, in batches, by many workers, each once."""

from __future__ import annotations

from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import event, select

from farmerline.domain import watch_texts, watching
from farmerline.models import Account, Delivery, DeliveryState, Subscription, WatchNotice
from jobs.watch import loops, spread, watch
from tests.jobs.carrier import County
from tests.jobs.watched import pass_by, person, release, subscriber, texts


@pytest.mark.parametrize("household", [False, True])
def test_a_second_worker_waits_for_the_first_and_tells_nobody_again(county: County, household: bool) -> None:
    """Two of one phone, taken up by two workers, are one household still."""
    first = subscriber(county)
    second = subscriber(county, "罗一", phone=first.phone) if household else first
    release(county, person(county))
    spread(county.context)
    county.wait(seconds=11)
    told: list[int] = []

    def tell(who: Account) -> None:
        with county.database.write() as session:
            told.append(
                watch_texts.tell(session, [who.id], settings=county.context.settings, now=county.clock.now())
            )

    late = Thread(target=tell, args=(second,))
    with county.database.write() as session:
        told.append(
            watch_texts.tell(session, [first.id], settings=county.context.settings, now=county.clock.now())
        )
        late.start()
        late.join(timeout=0.5)
        assert late.is_alive()  # it waits
    late.join()
    assert told == [1, 0]
    assert len(texts(county)) == 1


def test_two_workers_at_once_tell_each_once(county: County) -> None:
    buyers = [subscriber(county, f"李{number}") for number in range(24)]
    seller = person(county)
    for number in (1001, 1002):
        release(county, seller, number)
    county.wait(seconds=11)
    start = Event()

    def work() -> None:
        start.wait()
        for _ in range(3):
            watch(county.context)

    workers = [Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    start.set()
    for worker in workers:
        worker.join()
    pass_by(county)
    assert sorted(len(texts(county, buyer)) for buyer in buyers) == [1] * 24
    with county.database.read() as session:
        told = session.scalars(select(WatchNotice.delivery_id)).all()
    assert len(told) == 48
    assert None not in told


def test_a_person_is_found_behind_the_cursor_of_a_batch(county: County) -> None:
    buyers = [subscriber(county, f"李{number}", wants=[{}, {"form": ""}]) for number in range(7)]
    release(county, person(county))
    steps = 0
    while True:
        with county.database.write() as session:
            if watching.spread(session, now=county.clock.now(), limit=2) is None:
                break
        steps += 1
    assert steps == 7 + 1
    with county.database.read() as session:
        assert set(session.scalars(select(WatchNotice.account_id))) == {one.id for one in buyers}


def test_the_loop_tells_within_seconds_and_ends_when_told(county: County) -> None:
    subscriber(county)
    (loop,) = loops(county.context)
    stop = Event()
    thread = Thread(target=loop, args=(stop,))
    thread.start()
    try:
        release(county, person(county))
        for _ in range(100):
            if spread_done(county):
                break
            stop.wait(0.05)
        county.wait(seconds=11)
        for _ in range(100):
            if texts(county):
                break
            stop.wait(0.05)
    finally:
        stop.set()
        thread.join()
    assert len(texts(county)) == 1


def spread_done(county: County) -> bool:
    with county.database.read() as session:
        return session.scalar(select(WatchNotice.id).limit(1)) is not None


def test_what_was_told_long_ago_is_forgotten(sqlite_county: County) -> None:
    subscriber(sqlite_county)
    release(sqlite_county, person(sqlite_county))
    pass_by(sqlite_county)
    with sqlite_county.database.write() as session:
        assert watching.forget_old(session, now=sqlite_county.clock.now() + timedelta(days=59)) == 0
        assert watching.forget_old(session, now=sqlite_county.clock.now() + timedelta(days=61)) == 1
        assert session.scalars(select(Subscription)).one().ended_at is None
        assert session.scalars(select(Delivery)).one().state is DeliveryState.QUEUED


def test_subscribers_are_found_by_one_range_of_the_index_from_the_cursor_on(sqlite_county: County) -> None:
    post = release(sqlite_county, person(sqlite_county))
    where = watching.ranges(post)[0]
    with sqlite_county.database.read() as session:
        asked: list[tuple[str, Any]] = []
        event.listen(session.connection(), "before_cursor_execute", lambda *seen: asked.append(seen[2:4]))
        watching.read_range(session, where, after=("a", "b"))
        ((statement, values),) = asked
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    wanted = "SEARCH subscription USING INDEX ix_subscription_key"
    columns = "(key=? AND form=? AND area_code=? AND (account_id,id)>(?,?))"
    assert [line[3] for line in plan] == [f"{wanted} {columns}"]
