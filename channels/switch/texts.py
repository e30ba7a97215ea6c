"""Texts by the bureau's own switch: what the service hands to the REST door leaves by the county's SMS gateway; receipts and
people's own texts go to the service as Twilio's webhooks.

What the service must be told is a row first, and goes out until the service has it. The gateway's classes are the service's own.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from channels.contract import Gateway, HandedOver, Ports, Reason, SendError
from channels.dialect.callbook import CallBook
from channels.dialect.facade import Refused, segments
from channels.dialect.numbers import API_VERSION, new_sid
from channels.dialect.rows import TABLES, Rows, moment, stamp
from farmerline.messages import (
    Accepted,
    Channel,
    Incoming,
    Outgoing,
    Receipt,
    ReceiptState,
    SpokenScript,
    Turn,
)

CODES = {
    Reason.BAD_ADDRESS: 21211,
    Reason.OPTED_OUT: 21610,
    Reason.BLOCKED: 30004,
    Reason.UNREACHABLE_PHONE: 30003,
    Reason.FILTERED: 30007,
    Reason.TOO_LONG: 21617,
    Reason.THROTTLED: 20429,
    Reason.QUEUE_FULL: 21611,
    Reason.UNAVAILABLE: 20503,
    Reason.MISCONFIGURED: 21606,
}
"""Twilio's code for each of our reasons; whatever else went wrong is 30008, of unknown cause."""
_log = logging.getLogger(__name__)
_UNKNOWN = 30008
_HOOK = "/hooks/twilio/sms"
_KEPT = timedelta(days=7)
_ASKED = timedelta(days=2)
_AT_ONCE = 200
_TABLES = """
CREATE TABLE IF NOT EXISTS part (
  ref TEXT PRIMARY KEY, sid TEXT NOT NULL DEFAULT '', status TEXT NOT NULL DEFAULT '', code INTEGER, made_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS part_sid ON part (sid);
CREATE TABLE IF NOT EXISTS heard (ref TEXT PRIMARY KEY, sid TEXT NOT NULL, made_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS untold (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, sid TEXT NOT NULL, url TEXT NOT NULL, fields TEXT NOT NULL, made_at TEXT NOT NULL);
"""


class SwitchRows(Rows):
    """What the switch remembers: calls and texts, and what the service has not been told yet."""

    @classmethod
    def tables(cls) -> str:
        return TABLES + _TABLES


@dataclass(slots=True)
class Texts:
    """The county's ``gateway`` for texts, behind the switch's REST door."""

    book: CallBook
    gateway: Gateway
    _telling: Lock = field(default_factory=Lock)

    @property
    def rows(self) -> Rows:
        return self.book.rows

    @property
    def ports(self) -> Ports:
        """The inside as the gateway sees it. It brings texts and receipts, no calls."""
        return Ports(
            accept=self.accept,
            report=self.report,
            turn=_no_turn,
            recording=lambda _id: None,
            now=self.book.now,
        )

    def start(self) -> None:
        if self.gateway.line is not None:
            self.gateway.line.start(self.ports)

    def stop(self) -> None:
        if self.gateway.line is not None:
            self.gateway.line.stop()

    # From the service

    def carry(self, number: str, body: str, callback: str) -> str:
        """Hand a text to the gateway; its id. What became of it is told at ``callback``. Raises ``Refused``.

        Where it is not known whether the gateway took it, it counts as taken: the service would send it twice else.
        """
        sid, made = new_sid("SM"), stamp(self.book.now())
        self.rows.run(
            "INSERT INTO message (sid, outbound, number, line, body, status, callback, made_at) VALUES (?, 1, ?, ?, ?, ?, ?, ?)",
            sid, number, self.book.line, body, "queued", callback, made,
        )  # fmt: skip
        try:
            refs = self.gateway.sender.send(
                Outgoing(id=sid, channel=Channel.SMS, to=number, text=body)
            ).split("\n")
        except SendError as error:
            if error.reason.outcome_unknown:
                _log.warning("switch.text_unknown message=%s", sid)
                return sid
            self.rows.run("DELETE FROM message WHERE sid = ?", sid)
            raise Refused(
                CODES.get(error.reason, _UNKNOWN), f"The gateway refused it: {error.reason}."
            ) from error
        self.rows.run("UPDATE message SET status = 'sent', sent_at = ? WHERE sid = ?", made, sid)
        for ref in refs:  # its receipt may have been quicker
            self.rows.run(
                "INSERT INTO part (ref, sid, made_at) VALUES (?, ?, ?) ON CONFLICT (ref) DO UPDATE SET sid = excluded.sid",
                ref, sid, made,
            )  # fmt: skip
        self._settle(sid)
        return sid

    # From the gateway

    def report(self, receipt: Receipt) -> None:
        """A part was delivered or lost; the service is told once all are there, or one is lost. Late and twice does no harm."""
        final = {ReceiptState.DELIVERED: "delivered", ReceiptState.FAILED: "undelivered"}.get(receipt.state)
        if final is None:
            return
        code = CODES.get(Reason(receipt.reason), _UNKNOWN) if receipt.reason else None
        self.rows.run(
            "INSERT INTO part (ref, status, code, made_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (ref) DO UPDATE SET status = excluded.status, code = excluded.code WHERE part.status = ''",
            receipt.ref, final, code, stamp(self.book.now()),
        )  # fmt: skip
        known = self.rows.row("SELECT sid FROM part WHERE ref = ?", receipt.ref)
        if known is not None and known["sid"]:
            self._settle(known["sid"])
            self.tell()

    def accept(self, incoming: Incoming) -> Accepted:
        """A person's text: on record once, then told."""
        sid, made = new_sid("SM"), stamp(self.book.now())
        with self.rows.change() as db:
            ref = f"{incoming.gateway}:{incoming.ref}"
            fresh = db.execute("INSERT OR IGNORE INTO heard VALUES (?, ?, ?)", (ref, sid, made)).rowcount
            if fresh:
                db.execute(
                    "INSERT INTO message (sid, outbound, number, line, body, status, made_at)"
                    " VALUES (?, 0, ?, ?, ?, 'received', ?)",
                    (sid, incoming.sender, self.book.line, incoming.text, made),
                )
                fields = {
                    "From": incoming.sender,
                    "To": self.book.line,
                    "Body": incoming.text,
                    "NumMedia": "0",
                }
                fields["NumSegments"] = str(segments(incoming.text))
                self._owe(db, sid, f"{self.book.hooks.public_url}{_HOOK}", fields)
        if fresh:
            self.tell()
        return Accepted(inbound_id=sid, repeated=not fresh)

    def look(self) -> None:
        """Ask a gateway that does not call us, tell the service what it missed, forget what is old."""
        polls, now = self.gateway.polls, self.book.now()
        if polls is not None:
            try:
                for receipt in polls.receipts(self._waiting(now)):
                    self.report(receipt)
                for text in polls.texts():
                    self.accept(text)
            except SendError as error:
                _log.warning("switch.gateway_away reason=%s", error.reason)
        self.tell()
        old = stamp(now - _KEPT)
        for table in ("message", "part", "heard", "untold"):
            self.rows.run(f"DELETE FROM {table} WHERE made_at < ?", old)  # noqa: S608 - names of ours

    def tell(self) -> None:
        """Post what the service does not know yet, in its order; the first that it does not take ends this round."""
        with self._telling:
            for owed in self.rows.rows("SELECT * FROM untold ORDER BY seq LIMIT ?", _AT_ONCE):
                if self.book.hooks.post(owed["url"], json.loads(owed["fields"]), owed["sid"]) is None:
                    return
                self.rows.run("DELETE FROM untold WHERE seq = ?", owed["seq"])

    def _settle(self, sid: str) -> None:
        """The text's own end, where its parts have theirs."""
        parts = self.rows.rows("SELECT status, code FROM part WHERE sid = ?", sid)
        lost = next((part for part in parts if part["status"] == "undelivered"), None)
        if lost is None and not all(part["status"] == "delivered" for part in parts):
            return
        status, code = ("undelivered", lost["code"]) if lost is not None else ("delivered", None)
        with self.rows.change() as db:
            ended = db.execute(
                "UPDATE message SET status = ?, code = ?, shown_at = ? WHERE sid = ? AND status = 'sent'",
                (status, code, stamp(self.book.now()) if lost is None else None, sid),
            ).rowcount
            row = db.execute("SELECT * FROM message WHERE sid = ?", (sid,)).fetchone()
            if ended and row["callback"]:
                fields = {
                    "From": row["line"],
                    "To": row["number"],
                    "MessageStatus": status,
                    "SmsStatus": status,
                }
                self._owe(db, sid, row["callback"], fields | ({"ErrorCode": str(code)} if code else {}))

    def _owe(self, db: sqlite3.Connection, sid: str, url: str, fields: Mapping[str, str]) -> None:
        known = {
            "MessageSid": sid,
            "SmsSid": sid,
            "AccountSid": self.book.account_sid,
            "ApiVersion": API_VERSION,
        }
        made = stamp(self.book.now())
        db.execute(
            "INSERT INTO untold (sid, url, fields, made_at) VALUES (?, ?, ?, ?)",
            (sid, url, json.dumps({**known, **fields}, ensure_ascii=False), made),
        )

    def _waiting(self, now: datetime) -> list[HandedOver]:
        rows = self.rows.rows(
            "SELECT m.sid, m.number, m.sent_at, p.ref FROM message m JOIN part p ON p.sid = m.sid"
            " WHERE m.status = 'sent' AND p.status = '' AND m.sent_at > ? ORDER BY m.seq LIMIT ?",
            stamp(now - _ASKED), _AT_ONCE,
        )  # fmt: skip
        return [HandedOver(row["sid"], row["ref"], row["number"], moment(row["sent_at"])) for row in rows]


def _no_turn(_turn: Turn) -> SpokenScript:
    raise NotImplementedError("a gateway for texts has no calls")
