"""One claim on its way to the carrier: handed over by several lanes, results put down in small groups."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from threading import Event, Lock

from channels.contract import Gateway, Reason, SendError
from farmerline.domain import backlog, ledger
from farmerline.domain.ledger import Claimed
from farmerline.domain.receipts import Handed, Refused, settle_failed, settle_sent
from jobs.context import Context

_log = logging.getLogger(__name__)
_FLUSH_EACH = 100
_REPEATED = 20
"""How many messages a crash may repeat where nobody can be asked: those that left and were not put down yet."""
_FLUSH_SECONDS = 1.0
_LOOK_SECONDS = 0.2
_BURST_SECONDS = 0.1
_IN_A_ROW = 3
"""So many faults with nothing between them are the connection's: it rests. One among many is that message's alone."""
_PAUSES = {
    Reason.THROTTLED: 2.0,
    Reason.QUEUE_FULL: 5.0,
    Reason.UNAVAILABLE: 15.0,
    Reason.MISCONFIGURED: 60.0,
}
"""Faults of the connection, not of one message: how many seconds it rests, where the carrier does not say."""


@dataclass(slots=True)
class Batch:
    """One claim and what became of it.

    ``worker`` is this batch's own name: another batch, even of this process, cannot settle its rows. Only one lane at a
    time waits for its turn to take the next message; only one at a time puts results down, while the others go on.
    """

    context: Context
    gateway: Gateway
    worker: str
    claims: deque[Claimed]
    paced: bool = False
    stop: Event | None = None
    claimed: int = 0
    handed: int = 0
    refused: int = 0
    _in_a_row: int = 0
    _resting: bool = False
    _spent: int = 0
    _results: list[Handed | Refused] = field(default_factory=list)
    _started: float = field(default_factory=time.monotonic)
    _last_moment: float = field(init=False)
    _flushed_at: float = field(default_factory=time.monotonic)
    _looked_at: float = field(default_factory=time.monotonic)
    _noting: Lock = field(default_factory=Lock)
    _taking: Lock = field(default_factory=Lock)
    _putting: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        half = self.context.lease.total_seconds() * 0.5
        self._last_moment = (
            self.context.steady() + half
        )  # the lease still holds while the last one is on its way

    def run(self, lanes: Executor | None = None) -> None:
        """Hand everything over that there is time for; give back the rest. Without ``lanes``, in this thread."""
        try:
            if lanes is None or len(self.claims) == 1:
                self._lane()
            else:
                under_way = [lanes.submit(self._lane) for _ in range(self.gateway.lanes)]
                for lane in under_way:
                    lane.result()
        finally:
            self._flush()
        if self.claims:
            self._release(list(self.claims))

    def _lane(self) -> None:
        while (claimed := self._next()) is not None:
            self._note(self._hand_over(claimed))

    def _next(self) -> Claimed | None:
        """The next message at its moment; None where there is none, or no time for more."""
        with self._taking:
            while self._goes_on():
                ahead = self._ahead() if self.paced else 0.0
                if ahead <= 0:
                    claimed = self.claims.popleft()
                    self._spent += claimed.parts
                    return claimed
                self._wait(min(ahead, _LOOK_SECONDS))
            return None

    def _ahead(self) -> float:
        """How many seconds we are ahead of the connection's rate."""
        return self._spent / self.gateway.rate - (time.monotonic() - self._started) - _BURST_SECONDS

    def _wait(self, seconds: float) -> None:
        if self._results and time.monotonic() - self._flushed_at > _FLUSH_SECONDS:
            self._flush()
        if self.stop is not None:
            self.stop.wait(seconds)
        else:
            time.sleep(seconds)

    def _goes_on(self) -> bool:
        if not self.claims or self._resting or (self.stop is not None and self.stop.is_set()):
            return False
        if self.context.steady() >= self._last_moment:
            return False
        now = time.monotonic()
        if now - self._looked_at > _LOOK_SECONDS:
            self._looked_at = now
            self._give_way()
        return bool(self.claims)

    def _give_way(self) -> None:
        """Give back what belongs to a broadcast that was stopped or paused meanwhile, and everything that urgent words
        overtake."""
        context = self.context
        with context.database.read() as session:
            dropped = ledger.unwanted(session, [claimed.outgoing.id for claimed in self.claims])
            if not all(claimed.urgent for claimed in self.claims) and backlog.urgent_waits(
                session, gateway=self.gateway.name, now=context.now()
            ):
                dropped |= {claimed.outgoing.id for claimed in self.claims if not claimed.urgent}
        if dropped:
            self._release([claimed for claimed in self.claims if claimed.outgoing.id in dropped])

    def _release(self, claims: Sequence[Claimed]) -> None:
        with self.context.database.write() as session:
            ledger.release(
                session,
                claims,
                gateway=self.gateway.name,
                worker=self.worker,
                now=self.context.now(),
                paced=self.paced,
            )
        back = {claimed.outgoing.id for claimed in claims}
        self.claims = deque(claimed for claimed in self.claims if claimed.outgoing.id not in back)
        _log.info("batch.released gateway=%s count=%d", self.gateway.name, len(back))

    def _hand_over(self, claimed: Claimed) -> Handed | Refused:
        """Look up where needed and possible, else send; what happened.

        A carrier that cannot be asked gets a message again whose claim was lost: once for each claim.
        """
        unknown = asks = claimed.look_up and self.gateway.can_find
        try:
            ref = self._look_up(claimed) if asks else None
            unknown = False
            if ref is None and claimed.may_send:
                ref = self.gateway.sender.send(claimed.outgoing)
        except SendError as error:
            return self._refusal(
                claimed, error.reason, error, unknown=unknown or error.reason.outcome_unknown
            )
        except (
            Exception
        ) as error:  # a fault of ours must not stop the others; the carrier may have the message
            _log.error("send.failed delivery=%s error=%s", claimed.outgoing.id, type(error).__name__)
            return self._refusal(claimed, "error", fault=type(error).__name__, unknown=True)
        if ref is None:
            return self._refusal(claimed, "unresolved")
        self._in_a_row = 0
        return Handed(claimed.outgoing.id, ref, self.context.now())

    def _look_up(self, claimed: Claimed) -> str | None:
        """The carrier's id of an earlier try, unless it belongs to another message with the same words."""
        ref = self.gateway.sender.find(claimed.outgoing, claimed.since)
        if ref is None:
            return None
        self._flush()
        with self.context.database.read() as session:
            owner = ledger.owner_of(session, gateway=self.gateway.name, ref=ref)
        return ref if owner in (None, claimed.outgoing.id) else None

    def _refusal(
        self,
        claimed: Claimed,
        reason: str,
        error: SendError | None = None,
        *,
        unknown: bool = False,
        fault: str = "",
    ) -> Refused:
        pause = _PAUSES.get(error.reason, 0.0) if error else 0.0
        outage = pause > 0
        if error and error.reason in (Reason.UNREACHABLE, Reason.UNAVAILABLE):
            self._in_a_row += 1
            pause = _PAUSES[Reason.UNAVAILABLE] if self._in_a_row >= _IN_A_ROW else 0.0
        if error and error.retry_after and outage:
            pause = error.retry_after
        self._resting = self._resting or pause > 0
        return Refused(
            claimed.outgoing.id,
            reason,
            self.context.now(),
            code=error.code if error else fault,
            retryable=error.reason.retryable if error else False,
            unknown=unknown,
            outage=outage or pause > 0,
            pause=pause,
            blind=not self.gateway.can_find,
        )

    def _note(self, result: Handed | Refused) -> None:
        """Keep a result; put the results down when there are enough, or the last time is long ago."""
        with self._noting:
            self._results.append(result)
            waiting = len(self._results)
            if isinstance(result, Handed):
                self.handed += 1
            else:
                self.refused += 1
        if not self.gateway.can_find:
            # one group is being put down, one is waiting, and with each the other lanes' messages of that moment
            each = max(1, _REPEATED // 2 - (self.gateway.lanes - 1))
            if waiting >= each or time.monotonic() - self._flushed_at > _FLUSH_SECONDS:
                self._flush()
        elif waiting >= 2 * _FLUSH_EACH:
            self._flush()
        elif waiting >= _FLUSH_EACH or time.monotonic() - self._flushed_at > _FLUSH_SECONDS:
            self._flush(wait=False)

    def _flush(self, *, wait: bool = True) -> None:
        """Put the results down. ``wait`` is false where another lane that is doing so just now is enough."""
        if not self._putting.acquire(blocking=wait):
            return
        try:
            with self._noting:
                results, self._results = self._results, []
            if results:
                self._settle(results)
            self._flushed_at = time.monotonic()
        finally:
            self._putting.release()

    def _settle(self, results: list[Handed | Refused]) -> None:
        sent = [one for one in results if isinstance(one, Handed)]
        failed = [one for one in results if isinstance(one, Refused)]
        name, worker = self.gateway.name, self.worker
        try:
            with self.context.database.write() as session:
                if sent:
                    settle_sent(session, sent, gateway=name, worker=worker)
                if failed:
                    settle_failed(session, failed, gateway=name, worker=worker)
        except BaseException:
            with self._noting:  # the database is away, say: the last flush tries once more
                self._results = results + self._results
            raise
