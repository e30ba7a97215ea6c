"""A carrier held in memory, handed to the jobs as the real ones are, and the county it serves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import select

from channels.contract import Gateway, Reason, SendError
from farmerline.clock import FixedClock
from farmerline.db import Database
from farmerline.domain import ledger, outbox
from farmerline.messages import Channel, Outgoing
from farmerline.models import Delivery, Purpose
from jobs.context import Context
from tests.factories import NOW, fill_county, make_database, make_test_settings


@dataclass
class Carrier:
    """Takes messages, remembers them, and fails as told: ``faults`` are used up one a message."""

    taken: list[Outgoing] = field(default_factory=list)
    faults: list[Exception | None] = field(default_factory=list)
    keeps_silent: bool = False  # takes the message, then gives no answer
    can_be_asked: bool = True
    asked: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def send(self, message: Outgoing) -> str:
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        with self._lock:
            self.taken.append(message)
        if self.keeps_silent:
            raise SendError(Reason.UNREACHABLE)
        return f"ref-{message.id}"

    def find(self, message: Outgoing, since: datetime) -> str | None:
        self.asked.append(message.id)
        if not self.can_be_asked:
            raise SendError(Reason.UNREACHABLE)
        return next((f"ref-{one.id}" for one in self.taken if one.id == message.id), None)


@dataclass
class County:
    """A county with carriers: what the tests of the jobs stand on."""

    context: Context
    clock: FixedClock
    carrier: Carrier
    database: Database

    def promise(self, text: str = "您好", **values: Any) -> str:
        """One text to one stranger's phone, by default; returns the delivery's id."""
        with self.database.write() as session:
            wanted = {
                "channel": Channel.SMS, "address": "+8613900009999", "purpose": Purpose.SERVICE, "now": self.clock.now(),
                "text": text, **values,
            }  # fmt: skip
            row = outbox.queue(session, **wanted)
            assert row is not None
            return row.id

    def delivery(self, delivery_id: str) -> Delivery:
        with self.database.read() as session:
            return session.get_one(Delivery, delivery_id)

    def states(self) -> list[str]:
        with self.database.read() as session:
            return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))

    def wait(self, **length: float) -> None:
        self.clock.advance(timedelta(**length))


@contextmanager
def open_county(
    url: str, home: Path, *, rate: float = 1000.0, signature: str = "", **settings: Any
) -> Iterator[County]:
    """A county on an empty database, at ten in the morning."""
    database, carrier, clock = make_database(url, fill_county), Carrier(), FixedClock(NOW)
    gateways = (
        Gateway("sms", Channel.SMS, carrier, rate, signature),
        Gateway("voice", Channel.VOICE, carrier, rate),
        Gateway("mailbox", Channel.MAILBOX, carrier, 1e9),
    )
    with database.write() as session:
        ledger.ensure_gateways(session, gateways, NOW)
    made = make_test_settings(home, **{"database_url": url, **settings})
    yield County(Context(database, clock, gateways, made), clock, carrier, database)
    database.close()
