"""What a job is handed."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from typing import TYPE_CHECKING

from channels.contract import Gateway, Recogniser
from farmerline.clock import Clock
from farmerline.config import Settings
from farmerline.db import Database
from farmerline.domain.ledger import LEASE
from jobs.bell import Bell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from farmerline.domain.reader import Reader
    from farmerline.domain.talk import Understand


@dataclass(frozen=True, slots=True)
class Context:
    """The database, the time, the carriers, the settings, and how words are understood. One for each process.

    ``recogniser`` is the county's own, where it has one. ``reader`` makes matchers with the vocabulary's edits. ``bell``
    wakes loops that rest.

    ``sending`` is held in a demo by whoever hands messages over in this process, one batch at a time: the demo's
    clock moves only between batches, so that no lease ends early. Elsewhere the connections work side by side.
    """

    database: Database
    clock: Clock
    gateways: Sequence[Gateway]
    settings: Settings
    understand: Understand | None = None
    reader: Reader | None = None
    recogniser: Recogniser | None = None
    lease: timedelta = LEASE
    sending: RLock = field(default_factory=RLock, repr=False, compare=False)
    bell: Bell = field(default_factory=Bell, repr=False, compare=False)

    def turn(self) -> AbstractContextManager[object]:
        """What is held while a batch is handed over."""
        return self.sending if self.settings.is_demo else nullcontext()

    def now(self) -> datetime:
        return self.clock.now()

    def steady(self) -> float:
        """Seconds for spans that must not depend on the wall clock: how long a lease still holds, say."""
        return self.clock.steady()
