"""Keeping the ledger's promises: claim, hand over, settle. Nothing is sent while a transaction is open.

Kill it at any moment: what was claimed is claimed again when its lease ends, and is looked up at the carrier before
it is sent again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Event

from channels.contract import Gateway, Reason, SendError
from farmerline.domain import ledger
from farmerline.domain.ledger import Claimed
from farmerline.domain.receipts import Handed, Refused, settle_failed, settle_sent
from farmerline.ids import new_id
from jobs.context import Context

_log = logging.getLogger(__name__)
_FLUSH_EACH, _FLUSH_SECONDS = 20, 1.0
_IDLE_SECONDS = 0.25
_LOOK_SECONDS = 1.0
_SILENCES = 3
_PAUSES = {
    Reason.THROTTLED: 2.0,
    Reason.QUEUE_FULL: 5.0,
    Reason.UNAVAILABLE: 15.0,
    Reason.MISCONFIGURED: 60.0,
}
"""Faults of the connection, not of one message: how many seconds it rests, where the carrier does not say."""


def drain(context: Context, *, limit: int = 100_000) -> int:
    """Hand over everything that is due now, by every connection, until nothing is. Returns how many were handed over.

    For commands, stories and the demo's clock: the rate is left out. At most ``limit`` messages.
    """
    handed = 0
    while handed < limit and (ready := _ready(context)):
        for gateway in ready:
            handed += _one_batch(context, gateway, paced=False).handed
    return handed


def loops(context: Context) -> list[Callable[[Event], None]]:
    """One loop for each connection."""
    return [partial(work, context, gateway) for gateway in context.gateways]


def work(context: Context, gateway: Gateway, stop: Event) -> None:
    """Serve one connection until ``stop`` is set: at its rate, without end. An error is logged and waited out."""
    ear = context.bell.ear("deliver")
    while not stop.is_set():
        try:
            handed = 0
            if gateway in _ready(context):
                handed = _one_batch(context, gateway, paced=True, stop=stop).handed
            if not handed:
                ear.rest(_IDLE_SECONDS)
        except Exception as error:  # the database is away, say: the next round tries again
            _log.error("deliver.failed gateway=%s error=%s", gateway.name, type(error).__name__)
            stop.wait(1.0)


@dataclass(slots=True)
class Batch:
    """One claim and what became of it. Results are put down after 20 messages or a second.

    ``worker`` is this batch's own name: another batch, even of this process, cannot settle its rows.
    """

    context: Context
    gateway: Gateway
    worker: str
    handed: int = 0
    refused: int = 0
    silences: int = 0
    resting: bool = False
    _sent: list[Handed] = field(default_factory=list)
    _failed: list[Refused] = field(default_factory=list)
    _flushed_at: float = field(default_factory=time.monotonic)

    def hand_over(self, claimed: Claimed) -> None:
        """Look up where needed and possible, else send; note what happened.

        A carrier that cannot be asked gets a message again whose claim was lost: once for each claim.
        """
        unknown = asks = claimed.look_up and self.gateway.can_find
        try:
            ref = self._look_up(claimed) if asks else None
            unknown = False
            if ref is None and claimed.may_send:
                ref = self.gateway.sender.send(claimed.outgoing)
        except SendError as error:
            self._refuse(claimed, error.reason, error, unknown=unknown or error.reason.outcome_unknown)
        except (
            Exception
        ) as error:  # a fault of ours must not stop the others; the carrier may have the message
            _log.error("send.failed delivery=%s error=%s", claimed.outgoing.id, type(error).__name__)
            self._refuse(claimed, "error", fault=type(error).__name__, unknown=True)
        else:
            if ref is None:
                self._refuse(claimed, "unresolved")
            else:
                self.handed += 1
                self.silences = 0
                self._sent.append(Handed(claimed.outgoing.id, ref, self.context.now()))
        if (
            len(self._sent) + len(self._failed) >= _FLUSH_EACH
            or time.monotonic() - self._flushed_at > _FLUSH_SECONDS
        ):
            self.flush()

    def flush(self) -> None:
        """Put the results down."""
        if self._sent or self._failed:
            with self.context.database.write() as session:
                if self._sent:
                    settle_sent(session, self._sent, gateway=self.gateway.name, worker=self.worker)
                if self._failed:
                    settle_failed(session, self._failed, gateway=self.gateway.name, worker=self.worker)
        self._sent.clear()
        self._failed.clear()
        self._flushed_at = time.monotonic()

    def _look_up(self, claimed: Claimed) -> str | None:
        """The carrier's id of an earlier try, unless it belongs to another message with the same words."""
        ref = self.gateway.sender.find(claimed.outgoing, claimed.since)
        if ref is None:
            return None
        self.flush()
        with self.context.database.read() as session:
            owner = ledger.owner_of(session, gateway=self.gateway.name, ref=ref)
        return ref if owner in (None, claimed.outgoing.id) else None

    def _refuse(
        self,
        claimed: Claimed,
        reason: str,
        error: SendError | None = None,
        *,
        unknown: bool = False,
        fault: str = "",
    ) -> None:
        pause = _PAUSES.get(error.reason, 0.0) if error else 0.0
        if error and error.reason is Reason.UNREACHABLE:
            self.silences += 1
            pause = _PAUSES[Reason.UNAVAILABLE] if self.silences >= _SILENCES else 0.0
        if error and error.retry_after and pause:
            pause = error.retry_after
        self.resting = self.resting or pause > 0
        self.refused += 1
        refused = Refused(
            claimed.outgoing.id,
            reason,
            self.context.now(),
            code=error.code if error else fault,
            retryable=error.reason.retryable if error else False,
            unknown=unknown,
            outage=pause > 0,
            pause=pause,
            blind=not self.gateway.can_find,
        )
        self._failed.append(refused)


def _ready(context: Context) -> list[Gateway]:
    """The connections with something to do."""
    with context.database.read() as session:
        names = ledger.ready(session, now=context.now())
    return [gateway for gateway in context.gateways if gateway.name in names]


def _one_batch(context: Context, gateway: Gateway, *, paced: bool, stop: Event | None = None) -> Batch:
    with context.turn():
        batch = Batch(context, gateway, worker=new_id())
        started, held_from = time.monotonic(), context.steady()
        with context.database.write() as session:
            claims = ledger.claim(
                session,
                gateway=gateway.name,
                worker=batch.worker,
                settings=context.settings,
                now=context.now(),
                lease=context.lease,
                paced=paced,
            )
        _send_all(batch, claims, started, held_from, paced=paced, stop=stop)
        return batch


def _send_all(
    batch: Batch, claims: list[Claimed], started: float, held_from: float, *, paced: bool, stop: Event | None
) -> None:
    """Hand the claimed messages over at the connection's rate; give back what there is no time for."""
    rate, burst, steady = batch.gateway.rate, 0.1, batch.context.steady
    last_moment = held_from + batch.context.lease.total_seconds() * 0.5
    spent = 0
    left = list(claims)
    looked_at = started
    try:
        while left and not batch.resting and not (stop and stop.is_set()) and steady() < last_moment:
            ahead = spent / rate - (time.monotonic() - started) - burst
            if paced and ahead > 0 and stop is not None and stop.wait(ahead):
                break
            if time.monotonic() - looked_at > _LOOK_SECONDS:
                looked_at = time.monotonic()
                left = _drop_unwanted(batch, left)
                if not left:
                    break
            claimed = left.pop(0)
            spent += claimed.parts
            batch.hand_over(claimed)
    finally:
        batch.flush()
    if left and steady() < last_moment:
        with batch.context.database.write() as session:
            ledger.release(session, left, worker=batch.worker, now=batch.context.now())


def _drop_unwanted(batch: Batch, left: list[Claimed]) -> list[Claimed]:
    """Give back what belongs to a broadcast that was stopped or paused while the batch is on its way."""
    context = batch.context
    with context.database.read() as session:
        unwanted = ledger.unwanted(session, [claimed.outgoing.id for claimed in left])
    dropped = [claimed for claimed in left if claimed.outgoing.id in unwanted]
    if dropped:
        with context.database.write() as session:
            ledger.release(session, dropped, worker=batch.worker, now=context.now())
    return [claimed for claimed in left if claimed.outgoing.id not in unwanted]
