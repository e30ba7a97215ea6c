"""Calls of the simulated carrier: dialled by a handset, or placed by the service and answered by one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import InitVar, dataclass, field
from datetime import timedelta
from itertools import count
from threading import Lock, RLock
from typing import Any

from channels.dialect.callbook import CallBook, Ring
from channels.dialect.facade import Refused
from channels.dialect.rows import Rows
from channels.simulator.carrier import Carrier, Fault, PhoneSilent, Trouble
from channels.simulator.sounds import Silent, Sounds
from channels.simulator.store import Step
from channels.transport import Answer, Transport
from channels.voice.program import Connect, Joined, Over, Sound
from channels.voice.runner import Awaits, Runner
from channels.voice.sound import Voice

_KEPT = 60
_TALK = 30
_TAKES = "1"
_RINGS = timedelta(seconds=2)  # until a handset that answers by itself does


@dataclass(slots=True)
class Live:
    """A call that a handset is in, or was in."""

    sid: str
    number: str
    runner: Runner
    lock: RLock = field(default_factory=RLock)

    @contextmanager
    def holding(self) -> Iterator[Runner]:
        """The call, for one act at a time."""
        with self.lock:
            yield self.runner


@dataclass(slots=True)
class Exchange:
    """Puts calls through. Their runners live in this process: a call ends with it."""

    carrier: Carrier
    voice: InitVar[Voice | None] = None
    live: dict[str, Live] = field(default_factory=dict)
    sounds: Sounds = field(init=False)
    book: CallBook = field(init=False)
    attend: Callable[[Live, str], None] = lambda live, keys: None
    """Lets a handset that was picked up follow a script of keys."""
    _lock: Lock = field(default_factory=Lock)
    _dialling: set[str] = field(default_factory=set)
    _asked: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self, voice: Voice | None) -> None:
        carrier = self.carrier
        self.sounds = Sounds(voice or Silent(), carrier.hooks.sound)
        self.book = CallBook(carrier.store, carrier.hooks, carrier.account_sid, carrier.line, carrier.now)
        self.carrier.doers |= {"ring": self._ring, "unanswered": self._unanswered}

    # What the REST door asks for

    @property
    def rows(self) -> Rows:
        return self.carrier.store

    @property
    def account(self) -> tuple[str, str]:
        return self.carrier.account_sid, self.carrier.auth_token

    @property
    def line(self) -> str:
        return self.carrier.line

    def admit(self, method: str) -> None:
        if (
            method == "POST"
            and self.carrier.store.network().get(Trouble.REFUSE_TENTH)
            and next(self._asked) % 10 == 0
        ):
            raise Refused(20429)

    def take_text(self, number: str, body: str, callback: str) -> str:
        return self.carrier.take_text(number, body, callback)

    def hang_up(self, sid: str) -> None:
        """End a call, or take it back before it is answered."""
        live = self.live.get(sid)
        if live is not None:
            with live.holding() as runner:
                runner.hang_up()
        elif self.book.move(sid, "queued", "canceled") or self.book.move(sid, "ringing", "canceled"):
            self.book.finish(sid, "canceled")

    # Dialled by a handset

    def dial(self, number: str, to: str = "") -> Live:
        """A person rings the service, or another number of its line. Raises ``PhoneSilent``."""
        if Fault.OFF in self.carrier.faults(number):
            raise PhoneSilent("off")
        with self._lock:
            if number in self._dialling or self.in_call(number):
                raise PhoneSilent("in_call")
            self._dialling.add(number)
        try:
            return self._dial(number, to)
        finally:
            self._dialling.discard(number)

    def _dial(self, number: str, to: str) -> Live:
        self.carrier.handset(number)
        return self._connect(self.book.open_inbound(number, to), number)

    # Placed by the service

    def place(self, ring: Ring) -> str:
        """The service wants a number rung: it is, at the next ``pump``."""
        self.carrier.handset(ring.number)
        sid = self.book.open_outbound(ring)
        self.carrier.store.plan("ring", sid, self.carrier.now())
        return sid

    def ringing(self, number: str) -> sqlite3.Row | None:
        """The call that rings at this handset, if any."""
        return self.carrier.store.row(
            "SELECT * FROM call WHERE number = ? AND status = 'ringing' ORDER BY seq DESC LIMIT 1", number
        )

    def answer(self, number: str) -> Live:
        """Pick up the ringing handset. Raises ``PhoneSilent`` when it does not ring."""
        row = self.ringing(number)
        if row is None or not self.book.move(row["sid"], "ringing", "in-progress"):
            raise PhoneSilent("not_ringing")
        self.book.answered(row["sid"])
        self.book.report(row["sid"], "answered", "in-progress")
        machine = Fault.MACHINE in self.carrier.faults(number)
        self.book.tell_listener(row["sid"], "machine_start" if machine else "human")
        return self._connect(row["sid"], number)

    def decline(self, number: str) -> None:
        row = self.ringing(number)
        if row is not None and self.book.move(row["sid"], "ringing", "busy"):
            self.book.finish(row["sid"], "busy")

    def in_call(self, number: str) -> Live | None:
        """The call a handset is in now."""
        calls = [live for live in list(self.live.values()) if live.number == number]
        return next((live for live in calls if live.runner.awaits is not Awaits.NOTHING), None)

    def last_call(self, number: str) -> Live | None:
        calls = [live for live in list(self.live.values()) if live.number == number]
        return calls[-1] if calls else None

    def end_lost(self) -> None:
        """Calls that a former process took with it are over."""
        self.book.end_lost(lambda sid: sid in self.live)

    # What the network adds to a call

    def join(self, command: Connect) -> Joined:
        """Ring a handset for a caller. It answers where somebody is there (then key 1 takes the call), or by its habit."""
        number = command.number
        faults, habit = self.carrier.faults(number), self.carrier.habit(number)
        if Fault.BUSY in faults or self.in_call(number):
            return Joined("busy", bridged=False)
        keys = habit if habit is not None else _TAKES if Fault.PICKS_UP in faults else None
        if keys is None or faults & {Fault.OFF, Fault.NO_ANSWER}:
            return Joined("no-answer", bridged=False)
        if not command.screen:
            return Joined("completed", _TALK)
        self.carrier.handset(number)
        sid = self.book.open_child(number, command.screen)
        live = self._connect(sid, number)
        self.attend(live, keys)
        bridged = live.runner.over is Over.RAN_OUT
        return Joined("completed", _TALK if bridged else max(1, round(live.runner.seconds)), bridged)

    def _connect(self, sid: str, number: str) -> Live:
        row = self.book.row(sid)
        runner = Runner(
            fetch=lambda method, url, fields: self.book.fetch(sid, method, url, fields),
            url=row["url"],
            media=_Media(self, sid),
            fallback=row["fallback"],
            ended=lambda: self._hung_up(sid, runner),
        )
        live = self.live[sid] = Live(sid, number, runner)
        for old in list(self.live.values())[:-_KEPT]:
            if old.runner.is_over:
                self.live.pop(old.sid, None)  # another call's thread may have been quicker
        runner.start()
        return live

    def _hung_up(self, sid: str, runner: Runner) -> None:
        status = {"busy": "busy", "rejected": "no-answer"}.get(runner.refused, "completed")
        if self.book.move(sid, "in-progress", status):
            self.book.finish(sid, status, max(1, round(runner.seconds)))

    # States

    def _ring(self, step: Step) -> None:
        row = self.book.row(step.sid)
        if row["status"] != "queued":  # taken back
            return
        self.book.report(step.sid, "initiated", "initiated")
        faults = self.carrier.faults(row["number"])
        if Fault.OFF in faults:
            self.book.finish(step.sid, "failed", sip="480")
        elif Fault.BUSY in faults or self.in_call(row["number"]) or self.ringing(row["number"]):
            self.book.finish(step.sid, "busy", sip="486")
        else:
            self.book.move(step.sid, "queued", "ringing")
            self.book.report(step.sid, "ringing", "ringing")
            wait = timedelta(seconds=row["wait_seconds"])
            self.carrier.store.plan("unanswered", step.sid, step.due_at + wait)
            if Fault.NO_ANSWER not in faults and self.carrier.answers_alone(row["number"]):
                self.carrier.store.plan("pick_up", step.sid, step.due_at + min(_RINGS, wait))

    def _unanswered(self, step: Step) -> None:
        if self.book.move(step.sid, "ringing", "no-answer"):
            self.book.finish(step.sid, "no-answer")


@dataclass(frozen=True, slots=True)
class _Media:
    """One call's share of the exchange."""

    exchange: Exchange
    sid: str

    def sound(self, sound: Sound) -> tuple[float, str]:
        return self.exchange.sounds.make(sound)

    def join(self, command: Connect) -> Joined:
        return self.exchange.join(command)

    def keep(self, wav: bytes, seconds: int) -> tuple[str, str]:
        return self.exchange.book.keep_recording(self.sid, wav, seconds)


@dataclass(slots=True)
class CarrierLink:
    """The way to the simulated carrier, which may be cut."""

    exchange: Exchange
    inner: Transport

    def send(self, method: str, url: str, **rest: Any) -> Answer:
        if self.exchange.carrier.store.network().get(Trouble.DOWN):
            raise ConnectionError("the carrier's line is cut")
        return self.inner.send(method, url, **rest)
