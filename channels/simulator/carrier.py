"""A carrier in a box: texts and receipts. It knows telephone numbers, not people, and talks to the service as Twilio does:
signed webhooks one way, a REST façade the other way. Time is handed in, so that a demo clock moves it too."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from channels.dialect.facade import Refused, segments
from channels.dialect.numbers import API_VERSION, new_sid
from channels.dialect.rows import stamp
from channels.dialect.webhooks import Webhooks
from channels.simulator.store import Step, Store
from channels.transport import Transport

_LATER = timedelta(seconds=30)
_SLOW = timedelta(seconds=5)
_OVERTAKEN = timedelta(seconds=60)
_ROUNDS = 10_000


class Fault(StrEnum):
    """What can be wrong with a handset."""

    OFF = "off"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DROP = "drop"  # texts vanish on the way, both ways, and no receipt comes
    DELAY = "delay"  # half a minute late
    DUPLICATE = "duplicate"  # texts and receipts come twice
    REORDER = "reorder"  # receipts come the wrong way round, a text is overtaken by the next
    MACHINE = "machine"  # an answering machine takes the calls
    PICKS_UP = "picks_up"  # not a fault: somebody there answers when a call is put through


_FAULTS = frozenset(fault.value for fault in Fault)


class Trouble(StrEnum):
    """What can be wrong with the carrier."""

    DOWN = "down"
    SLOW = "slow"
    REORDER = "reorder"
    REFUSE_TENTH = "refuse_tenth"


class PhoneSilent(Exception):
    """The handset cannot do this now; ``why`` is ``off`` or ``in_call``."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(slots=True)
class Carrier:
    """Numbers, handsets and texts. ``line`` is the service's own number; ``transport`` reaches its webhooks."""

    store: Store
    transport: Transport
    account_sid: str
    auth_token: str = field(repr=False)
    line: str
    public_url: str
    now: Callable[[], datetime]
    doers: dict[str, Callable[[Step], None]] = field(default_factory=dict)
    hooks: Webhooks = field(init=False)

    def __post_init__(self) -> None:
        self.hooks = Webhooks(self.transport, self.auth_token, self.public_url, self._note)
        self.doers |= {"inbound": self._deliver_inbound, "message": self._progress, "receipt": self._report}

    # Handsets

    def handset(self, number: str, name: str = "") -> sqlite3.Row:
        """The handset of a number, made on demand."""
        known = self.store.row("SELECT * FROM handset WHERE number = ?", number)
        if known is not None and not name:
            return known
        with self.store.change() as db:
            db.execute("INSERT OR IGNORE INTO handset (number) VALUES (?)", (number,))
            if name:
                db.execute("UPDATE handset SET name = ? WHERE number = ?", (name, number))
            row: sqlite3.Row = db.execute("SELECT * FROM handset WHERE number = ?", (number,)).fetchone()
        return row

    def take_out(self, number: str, name: str = "") -> None:
        """Put a handset into the row that the browser shows."""
        self.handset(number, name)
        newest = self.store.number("SELECT MAX(opened) FROM handset")
        self.store.run("UPDATE handset SET opened = ? WHERE number = ?", newest + 1, number)

    def put_away(self, number: str) -> None:
        self.store.run("UPDATE handset SET opened = 0 WHERE number = ?", number)

    def faults(self, number: str) -> frozenset[str]:
        return frozenset(self.handset(number)["faults"].split())

    def set_faults(self, number: str, faults: frozenset[str] | set[str], blocked: bool = False) -> None:
        """``blocked``: the person told the carrier to keep this service away (error 21610)."""
        self.handset(number)
        known = " ".join(sorted(fault for fault in faults if fault in _FAULTS))
        self.store.run(
            "UPDATE handset SET faults = ?, blocked = ? WHERE number = ?", known, int(blocked), number
        )

    def habit(self, number: str) -> str | None:
        """The script that this handset follows when it rings; None where a hand has to pick it up."""
        row = self.store.row("SELECT keys FROM habit WHERE number = ?", number)
        return str(row["keys"]) if row is not None else None

    def answers_alone(self, number: str) -> bool:
        """Whether something there takes a call without a hand: a habit, or a machine."""
        return self.habit(number) is not None or Fault.MACHINE in self.faults(number)

    def thread(self, number: str, after: int = 0) -> list[sqlite3.Row]:
        """The texts of a handset as its owner sees them: those it sent, and those that reached it."""
        return self.store.rows(
            "SELECT * FROM message WHERE number = ? AND seq > ? AND (outbound = 0 OR shown_at IS NOT NULL)"
            " ORDER BY COALESCE(shown_at, made_at), seq",
            number,
            after,
        )

    # Texts

    def text_in(self, number: str, body: str) -> str:
        """A person sends a text to the service; its webhook follows at the next ``pump``. Raises ``PhoneSilent``."""
        faults, now = self.faults(number), self.now()
        if Fault.OFF in faults:
            raise PhoneSilent("off")
        sid = new_sid("SM")
        self.store.run(
            "INSERT INTO message (sid, outbound, number, line, body, status, made_at) VALUES (?, 0, ?, ?, ?, 'received', ?)",
            sid,
            number,
            self.line,
            body,
            stamp(now),
        )
        if Fault.DROP in faults:
            return sid
        due = now + self._lateness(faults)
        if Fault.REORDER in faults and not self._let_overtake(number, now):
            due += _OVERTAKEN
        for _ in range(2 if Fault.DUPLICATE in faults else 1):
            self.store.plan("inbound", sid, due)
        return sid

    def take_text(self, number: str, body: str, callback: str) -> str:
        """The service hands over a text; it and its receipts follow at the next ``pump``."""
        if self.handset(number)["blocked"]:
            raise Refused(21610, "Attempt to send to unsubscribed recipient")
        faults, sid, now = self.faults(number), new_sid("SM"), self.now()
        self.store.run(
            "INSERT INTO message (sid, outbound, number, line, body, status, callback, made_at)"
            " VALUES (?, 1, ?, ?, ?, 'queued', ?, ?)",
            sid,
            number,
            self.line,
            body,
            callback,
            stamp(now),
        )
        due = now + self._lateness(faults)
        lost = Fault.DROP in faults
        last, code = ("undelivered", 30003) if Fault.OFF in faults else ("delivered", None)
        self.store.plan("message", sid, due, status="sent", code=None)
        if not lost:
            self.store.plan("message", sid, due, status=last, code=code)
        if callback:
            receipts = [("sent", None)] if lost else [("sent", None), (last, code)]
            if Fault.REORDER in faults or self.store.network().get(Trouble.REORDER):
                receipts.reverse()
            for status, problem in receipts:
                for _ in range(2 if Fault.DUPLICATE in faults else 1):
                    self.store.plan("receipt", sid, due, status=status, code=problem)
        return sid

    def _lateness(self, faults: frozenset[str]) -> timedelta:
        late = _LATER if Fault.DELAY in faults else timedelta()
        return late + (_SLOW if self.store.network().get(Trouble.SLOW) else timedelta())

    def _let_overtake(self, number: str, now: datetime) -> bool:
        """Bring a text that lags behind just after the one now sent; False when none lags."""
        just_after = stamp(now + timedelta(milliseconds=1))
        return bool(
            self.store.run(
                "UPDATE step SET due_at = ? WHERE kind = 'inbound' AND due_at > ?"
                " AND sid IN (SELECT sid FROM message WHERE number = ?)",
                just_after,
                just_after,
                number,
            )
        )

    # The carrier's diary

    def pump(self, now: datetime | None = None) -> int:
        """Do everything that is due, in order, and what that makes due; how many things were done."""
        done = 0
        while done < _ROUNDS and (step := self.store.take((now or self.now()) + timedelta(milliseconds=2))):
            self.doers[step.kind](step)
            done += 1
        return done

    def _deliver_inbound(self, step: Step) -> None:
        row = self.store.row("SELECT * FROM message WHERE sid = ?", step.sid)
        url = f"{self.public_url}/hooks/twilio/sms"
        if row is not None and self.hooks.post(url, self._message_fields(row), step.sid) is None:
            # the number's fallback address is asked once, at once; after that the carrier never tries again
            fields = self._message_fields(row) | {"ErrorCode": "11200", "ErrorUrl": url}
            self.hooks.post(f"{url}/fallback", fields, step.sid)

    def _progress(self, step: Step) -> None:
        at = stamp(step.due_at)
        shown = at if step.detail["status"] == "delivered" else None
        self.store.run(
            "UPDATE message SET status = ?, code = ?, sent_at = COALESCE(sent_at, ?), shown_at = ? WHERE sid = ?",
            step.detail["status"],
            step.detail["code"],
            at,
            shown,
            step.sid,
        )

    def _report(self, step: Step) -> None:
        row = self.store.row("SELECT * FROM message WHERE sid = ?", step.sid)
        if row is None:
            return
        fields = {"MessageSid": row["sid"], "SmsSid": row["sid"], "AccountSid": self.account_sid}
        fields |= {"From": row["line"], "To": row["number"], "ApiVersion": API_VERSION}
        fields |= {"MessageStatus": step.detail["status"], "SmsStatus": step.detail["status"]}
        if step.detail["code"]:
            fields["ErrorCode"] = str(step.detail["code"])
        self.hooks.post(row["callback"], fields, step.sid)

    def _note(self, sid: str, what: str) -> None:
        self.store.note_trouble(self.now(), sid, 11200, what)

    def _message_fields(self, row: sqlite3.Row) -> dict[str, str]:
        sid = str(row["sid"])
        fields = {"MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": self.account_sid}
        fields |= {"From": row["number"], "To": row["line"], "Body": row["body"], "ApiVersion": API_VERSION}
        return fields | {"NumMedia": "0", "NumSegments": str(segments(row["body"])), "SmsStatus": "received"}
