"""R-05: the disk that holds the database fills up ten times while people text. As root a small disk in memory is filled;
otherwise the serving process may write no longer file than there is (RLIMIT_FSIZE). Before that, a disk that fills up is told of
at 80 and at 90 percent."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import select

from bench.chaos.outcome import Outcome
from bench.rig.carrier import Carrier, Line, settings
from bench.rig.county import Place, fill
from bench.rig.oracle import is_sound
from bench.rig.processes import Command, free_port, until
from farmerline.domain.disk import ACT, percent
from farmerline.models import AuditRow, Inbound

TIMES, MEGABYTES = 10, 24
_AT_MOST = 600
_WORDS = "我家大棚今年种了葡萄，想问问行情。" * 20
_RESUME = 10.0
_LOOKED = 2.0
"""Seconds in which the service has looked at its disk for certain."""
FULL = 99


class Disk(Protocol):
    """A disk that can be filled and emptied."""

    kind: str

    def fill(self) -> None: ...
    def free(self) -> None: ...


def make(home: Path, dice: random.Random, outcome: Outcome) -> None:
    port = free_port()
    with _mounted(home / "disk") as is_mounted:
        place = Place(home / "disk", f"sqlite:///{home / 'disk' / 'farmerline.db'}", changes=settings(port))
        place.write([Line()])
        fill(place, 30)
        web = Command(place, ("serve",))
        web.said = home / "said.log"
        web.start()
        disk: Disk = Ballast(home / "disk" / "ballast") if is_mounted else Fence(web.pid, home / "disk")
        carrier = Carrier(port)
        try:
            until(lambda: web.must_live() and carrier.page() == 200, within=60, what="pages")
            alarms = _slowly(place, disk) if isinstance(disk, Ballast) else []
            rounds = [_fill_once(carrier, disk, dice, number) for number in range(TIMES)]
            told = _told(place)[len(alarms) :]
            outcome.claim("the process lived", web.is_running)
        finally:
            disk.free()
            web.kill()
            carrier.close()
        _judge(place, rounds, outcome)
        if isinstance(disk, Ballast):
            outcome.figures |= {"told_of_at": alarms, "told_of_full": told.count(FULL)}
            outcome.claim("told of at 80 and at 90 percent", alarms == [80, 90])
            outcome.claim("each full disk is one row of the audit", told == [FULL] * TIMES)
    outcome.figures |= {"times": TIMES, "disk": disk.kind}


class Round:
    """What was answered around one full disk."""

    def __init__(self) -> None:
        self.answers: dict[str, list[int]] = {}
        self.full: Counter[int] = Counter()
        self.pages: list[int] = []
        self.resumed = 0.0


def _fill_once(carrier: Carrier, disk: Disk, dice: random.Random, number: int) -> Round:
    """Text until the disk is full and a little longer, free it, and send again what was not taken."""
    found = Round()

    def text(ref: str) -> int:
        status = carrier.text(ref, f"+86139{number:08d}", _WORDS)
        found.answers.setdefault(ref, []).append(status)
        return status

    for step in range(dice.randrange(5)):
        text(f"SM{number}a{step}")
    disk.fill()
    for step in range(_AT_MOST):
        found.full[text(f"SM{number}b{step}")] += 1
        if sum(count for status, count in found.full.items() if status != 200) >= 5:
            break
    time.sleep(_LOOKED)
    found.pages = [carrier.page(target) for target in ("/", "/daily", "/signin")]
    disk.free()
    began = time.monotonic()
    until(lambda: text(f"SM{number}c") == 200, within=60, what="texts taken again")
    found.resumed = time.monotonic() - began
    for ref in [ref for ref, statuses in found.answers.items() if 200 not in statuses]:
        text(ref)
    time.sleep(_LOOKED)
    return found


def _slowly(place: Place, disk: Ballast) -> list[int]:
    """Fill the disk to a little over each alarm, then empty it; what was told."""
    for step in (80, 90):
        disk.fill(step + 2)
        time.sleep(_LOOKED)
    disk.free()
    time.sleep(_LOOKED)
    return _told(place)


def _told(place: Place) -> list[int]:
    """What the audit says of the disk, the oldest first."""
    mine = select(AuditRow.detail).where(AuditRow.act == ACT).order_by(AuditRow.number)
    with place.open() as runtime, runtime.database.read() as session:
        return [detail["percent"] for detail in session.scalars(mine)]


def _judge(place: Place, rounds: list[Round], outcome: Outcome) -> None:
    with place.open() as runtime, runtime.database.read() as session:
        stored = Counter(session.scalars(select(Inbound.ref)))
        sound = is_sound(runtime.database)
    acknowledged = {ref for one in rounds for ref, statuses in one.answers.items() if 200 in statuses}
    while_full = sum((one.full for one in rounds), Counter())
    pages = Counter(status for one in rounds for status in one.pages)
    outcome.figures |= {
        "acknowledged": len(acknowledged), "lost": len(acknowledged - stored.keys()),
        "stored_twice": sum(count > 1 for count in stored.values()), "answers_while_full": _named(while_full),
        "pages_while_full": _named(pages), "taken_again_max_s": round(max(one.resumed for one in rounds), 2),
    }  # fmt: skip
    outcome.claim("every full disk was met", all(sum(one.full.values()) > one.full[200] for one in rounds))
    outcome.claim("no text that was acknowledged is lost", acknowledged <= stored.keys())
    outcome.claim("none is stored twice", max(stored.values()) == 1)
    outcome.claim("what could not be stored was answered with 503", set(while_full) <= {200, 503})
    outcome.claim("pages were read meanwhile", set(pages) == {200})
    outcome.claim("texts taken again within ten seconds", max(one.resumed for one in rounds) <= _RESUME)
    outcome.claim("the file is sound", sound)


def _named(counts: Counter[int]) -> dict[str, int]:
    return {str(status): count for status, count in sorted(counts.items())}


class Ballast:
    """Fills a disk with a file."""

    def __init__(self, file: Path) -> None:
        self.kind = f"tmpfs of {MEGABYTES} MB"
        self._file = file

    def fill(self, wanted: float = 101.0) -> None:
        """Up to so many percent; over 100 means to the last byte."""
        block = b"\0" * 65536
        file = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        while block and percent(self._file.parent) < wanted:
            try:
                os.write(file, block)
            except OSError:
                block = block[: len(block) // 2]
        os.close(file)

    def free(self) -> None:
        self._file.unlink(missing_ok=True)


class Fence:
    """Lets a process write no file longer than the longest it has."""

    def __init__(self, pid: int, folder: Path) -> None:
        self.kind = "file size limit"
        self._pid, self._folder = pid, folder

    def fill(self) -> None:
        longest = max(file.stat().st_size for file in self._folder.glob("farmerline.db-wal"))
        self._limit(longest)

    def free(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        _, hard = resource.prlimit(self._pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, (size, hard))


@contextmanager
def _mounted(folder: Path) -> Iterator[bool]:
    """A small disk in memory, where we may make one."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=700", "none", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=False)
