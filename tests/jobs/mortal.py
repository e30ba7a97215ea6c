"""A sender that can be killed: ``python -m tests.jobs.mortal DATABASE_URL HOME RECORD`` sends until nothing is left.

Its carrier is a file: each message taken is a line, written in one piece, and can be asked for.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

from sqlalchemy import select

from channels.contract import Gateway
from farmerline import vault
from farmerline.clock import SystemClock
from farmerline.config import make_settings
from farmerline.db import Database
from farmerline.messages import Channel, Outgoing
from farmerline.models import Delivery, DeliveryState
from farmerline.vault import Vault
from jobs.context import Context
from jobs.deliver import work

KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
SETTINGS = {
    "mode": "demo", "gateway": "simulator", "county": "330282", "service_name": "农信通达", "line_number": "12316",
    "vault_keys": f"k1:{KEY}", "index_key": KEY, "web_key": "w" * 40,
}  # fmt: skip


@dataclass(frozen=True)
class Recorder:
    """Takes a message by writing its id to the file; dawdles before and after, so that a kill may fall anywhere."""

    record: Path

    def send(self, message: Outgoing) -> str:
        time.sleep(0.001)
        handle = os.open(self.record, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, f"{message.id}\n".encode())
        os.close(handle)
        time.sleep(0.001)
        return f"r-{message.id}"

    def find(self, message: Outgoing, since: datetime) -> str | None:
        return f"r-{message.id}" if message.id in self.record.read_text() else None


def main(url: str, home: str, record: str) -> None:
    vault.install(
        Vault({"t": bytes(range(32))}, "t", bytes(range(32, 64)))
    )  # as in tests.factories, which loads much
    database = Database(url)
    gateway = Gateway("sms", Channel.SMS, Recorder(Path(record)), 1e9)
    settings = make_settings({**SETTINGS, "database_url": url, "home": Path(home)})
    context = Context(database, SystemClock(), (gateway,), settings, lease=timedelta(seconds=1))
    unsettled = select(Delivery.id).where(Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.SENDING)))

    class UntilDone(Event):
        def is_set(self) -> bool:
            with database.read() as session:
                return session.scalar(unsettled.limit(1)) is None

    work(context, gateway, UntilDone())


if __name__ == "__main__":
    main(*sys.argv[1:])
