"""A teller of subscribers that can be killed: ``python -m tests.jobs.mortal_watch DATABASE_URL HOME`` works until all are told.

It takes a few people at a time and dawdles inside its transactions, so that a kill may fall anywhere.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from farmerline import vault
from farmerline.config import make_settings
from farmerline.db import Database
from farmerline.domain import watch_texts, watching
from farmerline.vault import Vault
from tests.jobs.mortal import SETTINGS

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
_FEW, _DAWDLE = 5, 0.002


def main(url: str, home: str) -> None:
    vault.install(Vault({"t": bytes(range(32))}, "t", bytes(range(32, 64))))
    database = Database(url)
    settings = make_settings(
        {**SETTINGS, "database_url": url, "home": Path(home), "notice_gather_seconds": 0}
    )
    written: int | None = 0
    while written is not None:
        with database.write() as session:
            written = watching.spread(session, now=NOON, limit=_FEW)
            time.sleep(_DAWDLE)
    people = ["?"]
    while people:
        with database.read() as session:
            people, _go_on = watching.due(session, settings=settings, now=NOON, limit=_FEW)
        with database.write() as session:
            watch_texts.tell(session, people, settings=settings, now=NOON)
            time.sleep(_DAWDLE)


if __name__ == "__main__":
    main(*sys.argv[1:])
