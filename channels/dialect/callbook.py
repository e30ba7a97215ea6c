"""Calls of a carrier that speaks Twilio's dialect: their rows, their states, and what the service is told of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from channels.dialect.numbers import API_VERSION, new_sid
from channels.dialect.rows import Rows, stamp
from channels.dialect.webhooks import Webhooks

HOOKS = "/hooks/twilio/voice"
"""Where the service takes calls, under its public address: set at the carrier for the number."""


@dataclass(frozen=True, slots=True)
class Ring:
    """A call that is wanted: ``url`` is asked what to say, ``fallback`` where that fails; ``callback`` is told of the
    ``events``, by spaces: initiated, ringing, answered, completed; ``listener`` whether a machine answered."""

    number: str
    url: str
    fallback: str = ""
    callback: str = ""
    events: str = ""
    wait_seconds: int = 0
    listener: str = ""


@dataclass(frozen=True, slots=True)
class CallBook:
    """``line`` is the service's own number."""

    rows: Rows
    hooks: Webhooks
    account_sid: str
    line: str
    now: Callable[[], datetime]

    def open_inbound(self, number: str, to: str = "") -> str:
        """A person rings the service, or another number of its line; the call's id."""
        base = f"{self.hooks.public_url}{HOOKS}"
        ring = Ring(number, base, fallback=f"{base}/fallback", callback=f"{base}/status", events="completed")
        return self._open(ring, outbound=0, status="in-progress", line=to)

    def open_outbound(self, ring: Ring) -> str:
        """The service wants a number rung; the call's id."""
        sid = self._open(ring, outbound=1, status="queued")
        if ring.listener:
            self.rows.run("INSERT INTO listener VALUES (?, ?)", sid, ring.listener)
        return sid

    def open_child(self, number: str, url: str) -> str:
        """The phone that a caller is put through to has answered; the id of its own call, which ``url`` speaks to first."""
        sid = self._open(Ring(number, url), outbound=1, status="in-progress")
        self.answered(sid)
        return sid

    def row(self, sid: str) -> sqlite3.Row:
        """Raises ``KeyError``."""
        row = self.rows.row("SELECT * FROM call WHERE sid = ?", sid)
        if row is None:
            raise KeyError(sid)
        return row

    def move(self, sid: str, before: str, after: str) -> bool:
        """Change a call's state if it is still the one before: of two at once, one wins."""
        return bool(
            self.rows.run("UPDATE call SET status = ? WHERE sid = ? AND status = ?", after, sid, before)
        )

    def answered(self, sid: str) -> None:
        self.rows.run("UPDATE call SET answered_at = ? WHERE sid = ?", stamp(self.now()), sid)

    def finish(self, sid: str, status: str, seconds: int = 0, sip: str = "") -> None:
        """The call is over; the service is told once. ``sip`` is the telephone network's own answer, where it said no."""
        ended = self.rows.run(
            "UPDATE call SET status = ?, ended_at = ?, seconds = ? WHERE sid = ? AND ended_at IS NULL",
            status,
            stamp(self.now()),
            seconds,
            sid,
        )
        if ended:
            extra = {"SipResponseCode": sip} if sip else {}
            self.report(sid, "completed", status, {"CallDuration": str(seconds)} | extra)

    def report(self, sid: str, event: str, status: str, extra: Mapping[str, str] | None = None) -> None:
        """Tell the service, where it asked for this event."""
        row = self.row(sid)
        if row["callback"] and event in row["events"].split():
            fields = self.fields(row) | {"CallStatus": status} | dict(extra or {})
            self.hooks.post(row["callback"], fields, sid)

    def tell_listener(self, sid: str, who: str, after: float = 4.0) -> None:
        """Who took the call, in Twilio's words (human, machine_start, unknown), known ``after`` so many seconds."""
        listener = self.rows.row("SELECT url FROM listener WHERE call_sid = ?", sid)
        if listener is not None:
            fields = {"CallSid": sid, "AccountSid": self.account_sid, "AnsweredBy": who}
            fields["MachineDetectionDuration"] = str(round(after * 1000))
            self.hooks.post(listener["url"], fields, sid)

    def fetch(self, sid: str, method: str, url: str, fields: Mapping[str, str]) -> str:
        """The call's next document. Raises ``CallError``."""
        return self.hooks.document(url, self.fields(self.row(sid)) | dict(fields), sid, method)

    def fields(self, row: sqlite3.Row) -> dict[str, str]:
        """What every webhook of a call says."""
        caller, called = (row["line"], row["number"]) if row["outbound"] else (row["number"], row["line"])
        return {
            "CallSid": row["sid"],
            "AccountSid": self.account_sid,
            "ApiVersion": API_VERSION,
            "From": caller,
            "To": called,
            "Caller": caller,
            "Called": called,
            "CallStatus": row["status"],
            "Direction": "outbound-api" if row["outbound"] else "inbound",
        }

    def keep_recording(self, call_sid: str, wav: bytes, seconds: int) -> tuple[str, str]:
        """A recording's id and address."""
        sid = new_sid("RE")
        self.rows.run(
            "INSERT INTO recording VALUES (?, ?, ?, ?, ?)", sid, call_sid, seconds, wav, stamp(self.now())
        )
        return sid, f"https://api.twilio.com/{API_VERSION}/Accounts/{self.account_sid}/Recordings/{sid}"

    def end_lost(self, still_there: Callable[[str], bool] = lambda sid: False) -> None:
        """Calls that a former process took with it are over."""
        for row in self.rows.rows("SELECT sid FROM call WHERE status = 'in-progress'"):
            if not still_there(row["sid"]):
                self.rows.run(
                    "UPDATE call SET status = 'completed', ended_at = ?, seconds = 0 WHERE sid = ?",
                    stamp(self.now()),
                    row["sid"],
                )

    def _open(self, ring: Ring, *, outbound: int, status: str, line: str = "") -> str:
        sid, made = new_sid("CA"), stamp(self.now())
        self.rows.run(
            "INSERT INTO call (sid, outbound, number, line, status, url, fallback, callback, events, wait_seconds,"
            " made_at, answered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            sid, outbound, ring.number, line or self.line, status, ring.url, ring.fallback, ring.callback, ring.events,
            ring.wait_seconds, made, None if outbound else made,
        )  # fmt: skip
        return sid
