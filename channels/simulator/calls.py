"""Calls of the simulated carrier: dialled by a handset, or placed by the service and answered by one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import InitVar, dataclass, field
from datetime import timedelta
from threading import Lock, RLock
from urllib.parse import urlsplit

from channels.simulator.carrier import API_VERSION, Carrier, Fault, PhoneSilent, new_sid
from channels.simulator.sounds import Silent, Sounds, Voice
from channels.simulator.store import Step, stamp
from channels.voice.program import CallError, Connect, Joined, Over, Sound
from channels.voice.runner import Awaits, Runner

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
    attend: Callable[[Live, str], None] = lambda live, keys: None
    """Lets a handset that was picked up follow a script of keys."""
    _lock: Lock = field(default_factory=Lock)
    _dialling: set[str] = field(default_factory=set)

    def __post_init__(self, voice: Voice | None) -> None:
        self.sounds = Sounds(voice or Silent(), self._fetch_sound)
        self.carrier.doers |= {"ring": self._ring, "unanswered": self._unanswered}

    # Dialled by a handset

    def dial(self, number: str) -> Live:
        """A person rings the service. Raises ``PhoneSilent``."""
        if Fault.OFF in self.carrier.faults(number):
            raise PhoneSilent("off")
        with self._lock:
            if number in self._dialling or self.in_call(number):
                raise PhoneSilent("in_call")
            self._dialling.add(number)
        try:
            return self._dial(number)
        finally:
            self._dialling.discard(number)

    def _dial(self, number: str) -> Live:
        sid, base = new_sid("CA"), f"{self.carrier.public_url}/hooks/twilio/voice"
        self._insert(
            sid,
            number,
            outbound=0,
            status="in-progress",
            url=base,
            fallback=f"{base}/fallback",
            callback=f"{base}/status",
            events="completed",
            wait_seconds=0,
        )
        self.carrier.store.run("UPDATE call SET answered_at = made_at WHERE sid = ?", sid)
        return self._connect(sid, number)

    # Placed by the service

    def place(
        self,
        number: str,
        url: str,
        *,
        fallback: str,
        callback: str,
        events: str,
        wait_seconds: int,
        listener: str = "",
    ) -> str:
        """The service wants a number rung: it is, at the next ``pump``. ``listener`` is told whether a machine answers."""
        sid = new_sid("CA")
        self._insert(
            sid,
            number,
            outbound=1,
            status="queued",
            url=url,
            fallback=fallback,
            callback=callback,
            events=events,
            wait_seconds=wait_seconds,
        )
        if listener:
            self.carrier.store.run("INSERT INTO listener VALUES (?, ?)", sid, listener)
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
        if row is None or not self._move(row["sid"], "ringing", "in-progress"):
            raise PhoneSilent("not_ringing")
        self.carrier.store.run(
            "UPDATE call SET answered_at = ? WHERE sid = ?", stamp(self.carrier.now()), row["sid"]
        )
        self._report(row["sid"], "answered", "in-progress")
        self._tell_listener(row["sid"], number)
        return self._connect(row["sid"], number)

    def decline(self, number: str) -> None:
        row = self.ringing(number)
        if row is not None and self._move(row["sid"], "ringing", "busy"):
            self._finish(row["sid"], "busy")

    def in_call(self, number: str) -> Live | None:
        """The call a handset is in now."""
        calls = [live for live in list(self.live.values()) if live.number == number]
        return next((live for live in calls if live.runner.awaits is not Awaits.NOTHING), None)

    def last_call(self, number: str) -> Live | None:
        calls = [live for live in list(self.live.values()) if live.number == number]
        return calls[-1] if calls else None

    def end_lost(self) -> None:
        """Calls that a former process took with it are over."""
        for row in self.carrier.store.rows("SELECT sid FROM call WHERE status = 'in-progress'"):
            if row["sid"] not in self.live:
                self.carrier.store.run(
                    "UPDATE call SET status = 'completed', ended_at = ?, seconds = 0 WHERE sid = ?",
                    stamp(self.carrier.now()),
                    row["sid"],
                )

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
        sid = new_sid("CA")
        self._insert(
            sid, number, outbound=1, status="in-progress", url=command.screen, fallback="", callback="", events="",
            wait_seconds=0,
        )  # fmt: skip
        self.carrier.store.run("UPDATE call SET answered_at = made_at WHERE sid = ?", sid)
        live = self._connect(sid, number)
        self.attend(live, keys)
        bridged = live.runner.over is Over.RAN_OUT
        return Joined("completed", _TALK if bridged else max(1, round(live.runner.seconds)), bridged)

    def _fetch_sound(self, url: str) -> bytes | None:
        answer = self.carrier.post(url, {}, "", method="GET") if self.carrier.owns(url) else None
        return answer.body if answer else None

    def _connect(self, sid: str, number: str) -> Live:
        row = self._row(sid)
        live = Live(
            sid,
            number,
            Runner(
                fetch=lambda method, url, fields: self._fetch(sid, method, url, fields),
                url=row["url"],
                media=_Media(self, sid),
                fallback=row["fallback"],
                ended=lambda: self._hung_up(sid),
            ),
        )
        self.live[sid] = live
        for old in list(self.live)[:-_KEPT]:
            if self.live[old].runner.awaits is Awaits.NOTHING:
                del self.live[old]
        live.runner.start()
        return live

    def _fetch(self, sid: str, method: str, url: str, fields: Mapping[str, str]) -> str:
        if not self.carrier.owns(url):
            raise CallError(11200, f"not the service's own address: {urlsplit(url).netloc}")
        answer = self.carrier.post(url, self._fields(self._row(sid)) | dict(fields), sid, method)
        if answer is None:
            raise CallError(11200, "no good answer")
        if "xml" not in answer.headers.get("Content-Type", ""):
            raise CallError(12300, "not XML")
        return answer.text

    def _hung_up(self, sid: str) -> None:
        runner = self.live[sid].runner
        status = {"busy": "busy", "rejected": "no-answer"}.get(runner.refused, "completed")
        if self._move(sid, "in-progress", status):
            self._finish(sid, status, max(1, round(runner.seconds)))

    # States

    def _ring(self, step: Step) -> None:
        row = self._row(step.sid)
        self._report(step.sid, "initiated", "initiated")
        faults = self.carrier.faults(row["number"])
        if Fault.OFF in faults:
            self._finish(step.sid, "failed", sip="480")
        elif Fault.BUSY in faults or self.in_call(row["number"]) or self.ringing(row["number"]):
            self._finish(step.sid, "busy", sip="486")
        else:
            self._move(step.sid, "queued", "ringing")
            self._report(step.sid, "ringing", "ringing")
            wait = timedelta(seconds=row["wait_seconds"])
            self.carrier.store.plan("unanswered", step.sid, step.due_at + wait)
            if Fault.NO_ANSWER not in faults and self.carrier.answers_alone(row["number"]):
                self.carrier.store.plan("pick_up", step.sid, step.due_at + min(_RINGS, wait))

    def _tell_listener(self, sid: str, number: str) -> None:
        """Whether a machine took the call: the real carrier says so some seconds later."""
        listener = self.carrier.store.row("SELECT url FROM listener WHERE call_sid = ?", sid)
        if listener is not None:
            who = "machine_start" if Fault.MACHINE in self.carrier.faults(number) else "human"
            fields = {"CallSid": sid, "AccountSid": self.carrier.account_sid, "AnsweredBy": who}
            self.carrier.post(listener["url"], fields | {"MachineDetectionDuration": "4000"}, sid)

    def _unanswered(self, step: Step) -> None:
        if self._move(step.sid, "ringing", "no-answer"):
            self._finish(step.sid, "no-answer")

    def _finish(self, sid: str, status: str, seconds: int = 0, sip: str = "") -> None:
        self.carrier.store.run(
            "UPDATE call SET status = ?, ended_at = ?, seconds = ? WHERE sid = ?",
            status,
            stamp(self.carrier.now()),
            seconds,
            sid,
        )
        extra = {"SipResponseCode": sip} if sip else {}
        self._report(sid, "completed", status, {"CallDuration": str(seconds)} | extra)

    def _move(self, sid: str, before: str, after: str) -> bool:
        """Change a call's state if it is still the one before: of two at once, one wins."""
        statement = "UPDATE call SET status = ? WHERE sid = ? AND status = ?"
        return bool(self.carrier.store.run(statement, after, sid, before))

    def _report(self, sid: str, event: str, status: str, extra: Mapping[str, str] | None = None) -> None:
        row = self._row(sid)
        if row["callback"] and event in row["events"].split():
            fields = self._fields(row) | {"CallStatus": status} | dict(extra or {})
            self.carrier.post(row["callback"], fields, sid)

    def _fields(self, row: sqlite3.Row) -> dict[str, str]:
        caller, called = (row["line"], row["number"]) if row["outbound"] else (row["number"], row["line"])
        fields = {"CallSid": row["sid"], "AccountSid": self.carrier.account_sid, "ApiVersion": API_VERSION}
        fields |= {
            "From": caller,
            "To": called,
            "Caller": caller,
            "Called": called,
            "CallStatus": row["status"],
        }
        return fields | {"Direction": "outbound-api" if row["outbound"] else "inbound"}

    def _row(self, sid: str) -> sqlite3.Row:
        row = self.carrier.store.row("SELECT * FROM call WHERE sid = ?", sid)
        if row is None:
            raise KeyError(sid)
        return row

    def _insert(
        self,
        sid: str,
        number: str,
        *,
        outbound: int,
        status: str,
        url: str,
        fallback: str,
        callback: str,
        events: str,
        wait_seconds: int,
    ) -> None:
        self.carrier.handset(number)
        self.carrier.store.run(
            "INSERT INTO call (sid, outbound, number, line, status, url, fallback, callback, events, wait_seconds, made_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            sid,
            outbound,
            number,
            self.carrier.line,
            status,
            url,
            fallback,
            callback,
            events,
            wait_seconds,
            stamp(self.carrier.now()),
        )


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
        carrier, sid = self.exchange.carrier, new_sid("RE")
        carrier.store.run(
            "INSERT INTO recording VALUES (?, ?, ?, ?, ?)", sid, self.sid, seconds, wav, stamp(carrier.now())
        )
        return sid, f"https://api.twilio.com/{API_VERSION}/Accounts/{carrier.account_sid}/Recordings/{sid}"
