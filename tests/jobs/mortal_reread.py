"""A reading again that can be killed: ``python -m tests.jobs.mortal_reread DATABASE_URL HOME`` works until all posts are read.

It dawdles inside its transactions, so that a kill may fall anywhere.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.clock import FixedClock
from farmerline.config import make_settings
from farmerline.db import Database
from farmerline.domain.reader import Reader
from farmerline.vault import Vault
from jobs import reread
from jobs.context import Context
from matching import Matcher
from tests.jobs.mortal import SETTINGS
from tests.jobs.mortal_watch import NOON

_DAWDLE = 0.004


class Slow(Database):
    """A database whose writers take their time."""

    @contextmanager
    def write(self) -> Iterator[Session]:
        with super().write() as session:
            yield session
            time.sleep(_DAWDLE)


def main(url: str, home: str) -> None:
    vault.install(Vault({"t": bytes(range(32))}, "t", bytes(range(32, 64))))
    database = Slow(url)
    settings = make_settings({**SETTINGS, "database_url": url, "home": Path(home)})
    reader = Reader(database.read, Matcher.default)
    reread.reread_posts(Context(database, FixedClock(NOON), (), settings, reader=reader))


if __name__ == "__main__":
    main(*sys.argv[1:])
