"""Keeping the ledger's promises: claim, hand over, settle. Nothing is sent while a transaction is open.

Kill it at any moment: what was claimed is claimed again when its lease ends, and is looked up at the carrier before
it is sent again.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Event

from channels.contract import Gateway
from farmerline.domain import backlog, ledger
from farmerline.ids import new_id
from jobs.batch import Batch
from jobs.context import Context

_log = logging.getLogger(__name__)
_IDLE_SECONDS, _MOMENT_SECONDS = 0.25, 0.01


def drain(context: Context, *, limit: int = 100_000) -> int:
    """Hand over everything that is due now, by every connection, until nothing is. Returns how many were handed over.

    For commands, stories and the demo's clock: the rate is left out. At most ``limit`` messages.
    """
    handed = 0
    while handed < limit and (ready := _ready(context)):
        for gateway in ready if handed < limit else ():
            handed += _one_batch(context, gateway, paced=False, most=max(1, limit - handed)).handed
    return handed


def loops(context: Context) -> list[Callable[[Event], None]]:
    """One loop for each connection."""
    return [partial(work, context, gateway) for gateway in context.gateways]


def work(context: Context, gateway: Gateway, stop: Event) -> None:
    """Serve one connection until ``stop`` is set: at its rate, without end. An error is logged and waited out."""
    ear = context.bell.ear("deliver")
    with _lanes(gateway) as lanes:
        busy = False
        while not stop.is_set():
            try:
                ready = busy or gateway in _ready(context)
                busy = ready and _one_batch(context, gateway, paced=True, lanes=lanes, stop=stop).claimed > 0
                if not busy:
                    ear.rest(_pause(context, gateway) if ready else _IDLE_SECONDS)
            except Exception as error:  # the database is away, say: the next round tries again
                _log.error("deliver.failed gateway=%s error=%s", gateway.name, type(error).__name__)
                busy = False
                stop.wait(1.0)


def _pause(context: Context, gateway: Gateway) -> float:
    """How long to wait where there is something and none of it could be claimed: until the rate allows more."""
    with context.database.read() as session:
        turn = ledger.seconds_to_wait(session, gateway=gateway.name, now=context.now())
    return min(max(turn, _MOMENT_SECONDS), _IDLE_SECONDS)


@contextmanager
def _lanes(gateway: Gateway) -> Iterator[Executor | None]:
    """Threads that hand over side by side, where the connection stands that; they live as long as its loop."""
    if gateway.lanes == 1:
        yield None
        return
    with ThreadPoolExecutor(gateway.lanes, thread_name_prefix=f"lane-{gateway.name}") as pool:
        yield pool


def _ready(context: Context) -> list[Gateway]:
    """The connections with something to do."""
    with context.database.read() as session:
        names = backlog.ready(session, now=context.now())
    return [gateway for gateway in context.gateways if gateway.name in names]


def _one_batch(
    context: Context,
    gateway: Gateway,
    *,
    paced: bool,
    most: int = ledger.BATCH,
    lanes: Executor | None = None,
    stop: Event | None = None,
) -> Batch:
    with context.turn():
        began = time.monotonic()
        batch = Batch(context, gateway, worker=new_id(), claims=deque(), paced=paced, stop=stop)
        with context.database.write() as session:
            batch.claims.extend(
                ledger.claim(
                    session,
                    gateway=gateway.name,
                    worker=batch.worker,
                    settings=context.settings,
                    now=context.now(),
                    limit=min(most, ledger.BATCH),
                    lease=context.lease,
                    paced=paced,
                )
            )
        if batch.claims:
            batch.claimed = len(batch.claims)
            _log.info(
                "batch.claimed gateway=%s count=%d seconds=%.3f urgent=%d",
                gateway.name,
                batch.claimed,
                time.monotonic() - began,
                batch.claims[0].urgent,
            )
            batch.run(lanes)
        return batch
