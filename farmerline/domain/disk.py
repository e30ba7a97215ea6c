"""How full the disk is that holds the county: told of in steps, before texts must be refused."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from farmerline.domain import audit

STEPS = (80, 90, 99)
"""Percent of the disk at which it is told of. At 99 little or nothing can be written any more."""
ACT = "disk.filling"
_SLACK = 5


def percent(folder: Path) -> float:
    """How much of the disk with this folder is used, as far as we may use it: 100 where nothing is left for us."""
    found = os.statvfs(folder)
    used = found.f_blocks - found.f_bfree
    return 100 * used / max(1, used + found.f_bavail)


@dataclass(slots=True)
class Gauge:
    """What was told of the disk. Each step is told of once, until the disk is well below it again; what could not be put
    down while it was full is told of afterwards."""

    told: int = 0
    reached: int = 0

    def see(self, used: float) -> int:
        """The step that is to be told of now; 0 for none."""
        if self.told and self.reached == self.told and used < self.told - _SLACK:
            self.told = self.reached = _step(used)
        self.reached = max(self.reached, _step(used))
        return self.reached if self.reached > self.told else 0


def note(session: Session, step: int, *, now: datetime) -> None:
    """Put down that this machine's disk has reached a step."""
    audit.record(
        session, actor_id="system", act=ACT, subject=f"machine:{socket.gethostname()[:48]}", detail={"percent": step}, now=now
    )  # fmt: skip


def _step(used: float) -> int:
    return max((step for step in STEPS if used >= step), default=0)
