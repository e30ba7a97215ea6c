"""``./run bench broadcast --recipients N``: a broadcast from the list of people to the gateway, and what overtakes it.

The gateway is a process of its own on the loopback, spoken to by the product's HTTP gateway as a county would set it
up; lost and repeated are counted from its own record. While the bulk goes out, an alert to a hundredth of the people
(1,000 at most) is let go: ``urgent_p95_s`` is from that moment to the hand-over. With ``--gateway-rate`` there is no
alert. ``stub_rate_per_s`` is the same ledger with a sender in memory, ``twilio_rate_per_s`` the Twilio adapter's own
requests, one after the other.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import celery_way
from bench.machine import machine
from bench.progress import progress
from bench.rig.county import Databases, Place, Table, databases, fill
from bench.rig.oracle import Verdict, compare, states
from bench.rig.processes import ROOT, Loopback, cpu_of
from bench.urgent import Urgent, let_go
from farmerline.db import Database

_STUB_PEOPLE, _CELERY_PEOPLE, _TWILIO_MESSAGES = 20_000, 10_000, 500
_PATIENCE = 3600.0
_NO_QUIET = {"alert_quiet_from": "0", "alert_quiet_to": "0"}
_UNLIMITED = 1_000_000.0
"""A rate that is no limit: see the gateways file."""


@dataclass(frozen=True)
class Wanted:
    """What to run; ``rate`` is parts a second, 0 for as fast as it goes."""

    recipients: int
    db: str = "sqlite"
    rate: float = 0.0
    workers: int = 1
    vs_celery: bool = False


class Engine:
    """A process of the product."""

    def __init__(self, place: Place, *options: str) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "bench.engine", str(place.file), *options],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.hear()

    @property
    def cpu(self) -> float:
        """Seconds of a processor that it has used so far."""
        return cpu_of(self._child.pid)

    def tell(self, word: str) -> dict[str, Any]:
        assert self._child.stdin is not None
        self._child.stdin.write(word + "\n")
        self._child.stdin.flush()
        return self.hear()

    def hear(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError("the engine ended by itself; see above")
        found: dict[str, Any] = json.loads(line)
        return found

    def end(self) -> dict[str, Any]:
        figures = self.tell("stop")
        self._child.wait()
        return figures

    def close(self) -> None:
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()


def main(arguments: list[str]) -> int:
    """Run it; exit 1 when a message was lost or repeated, or bulk was claimed before an alert's end."""
    parser = argparse.ArgumentParser(prog="./run bench broadcast", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--recipients", type=int, default=10_000)
    parser.add_argument("--db", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--gateway-rate", type=float, default=0.0, help="parts a second; 0: unlimited")
    parser.add_argument("--workers", type=int, default=1, help="processes that hand over (PostgreSQL)")
    parser.add_argument("--vs-celery", action="store_true", help="the same through Celery and Redis as well")
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    said = parser.parse_args(arguments)
    wanted = Wanted(said.recipients, said.db, said.gateway_rate, said.workers, said.vs_celery)
    if wanted.db == "sqlite" and wanted.workers != 1:
        parser.error("SQLite is served by one process")
    with tempfile.TemporaryDirectory(prefix="farmerline-bench-") as home:
        figures = measure(wanted, Path(home))
    print(json.dumps(figures, ensure_ascii=False, indent=None if said.json else 2))
    return int(bool(figures["lost"] or figures["repeated"] or figures["bulk_claimed_meanwhile"]))


def measure(wanted: Wanted, home: Path) -> dict[str, Any]:
    """All figures."""
    with databases(wanted.db, home) as made:
        figures = broadcast(wanted, made, home)
        figures["stub_rate_per_s"] = stub_rate(min(wanted.recipients, _STUB_PEOPLE), made, home)
        if wanted.vs_celery:
            figures |= beside_celery(
                min(wanted.recipients, _CELERY_PEOPLE), made, home, figures["rate_per_s"]
            )
    figures["twilio_rate_per_s"] = twilio_rate(_TWILIO_MESSAGES)
    return {"bench": "broadcast", **vars(wanted), **figures, "machine": machine()}


def broadcast(wanted: Wanted, made: Databases, home: Path) -> dict[str, Any]:
    """Planned, handed over by so many processes, with an alert in the middle."""
    with gateway(home) as line:
        place = Place(home / "county", made.make("county"), changes=_NO_QUIET)
        place.write([Table(line.port, rate=wanted.rate or _UNLIMITED, more="connections = 16\n")])
        with progress("people", wanted.recipients) as advance:
            campaign = fill(place, wanted.recipients, advance)
        engines = [Engine(place) for _ in range(wanted.workers)]
        try:
            begun = worked(engines, line, made)
            planned = engines[0].tell("plan")
            written = worked(engines, line, made)
            seconds, urgent = hand_over(engines, place, line, wanted)
            over = worked(engines, line, made)
            ended = [engine.end() for engine in engines]
        finally:
            for engine in engines:
                engine.close()
        verdict = compare(place, campaign, line.accepted())
        told = urgent.outcome(place, line.accepted(), ended) if urgent else {}
        parts = parts_of(place)
        return {
            "planned_s": planned["planned_s"],
            "handed_over_s": round(seconds, 2),
            "rate_per_s": round(line.taken / seconds),
            "parts_per_s": round(parts / seconds, 1),
            "parts": parts,
            "lost": verdict.lost + told.get("lost", 0),
            "repeated": verdict.repeated + told.get("repeated", 0),
            "urgent": told.get("people"),
            "urgent_p95_s": told.get("p95_s"),
            "bulk_claimed_meanwhile": told.get("bulk_claimed", 0),
            "rss_mb": max(one["rss_mb"] for one in ended),
            "rss_growth_mb": max(one["rss_growth_mb"] for one in ended),
            "plan_cpu_us": each(begun, written, wanted.recipients),
            "hand_over_cpu_us": each(written, over, line.taken),
            "db_mb": size_of(place),
        }


def worked(engines: list[Engine], line: Loopback, made: Databases) -> dict[str, float]:
    """Seconds of a processor so far: the product's processes, the gateway's, PostgreSQL's."""
    server = cpu_of(made.cluster.pid) if made.cluster else 0.0
    return {"engine": sum(one.cpu for one in engines), "gateway": line.cpu, "database": server}


def each(before: dict[str, float], after: dict[str, float], messages: int) -> dict[str, int]:
    """Millionths of a second of a processor for each message."""
    return {name: round((after[name] - seconds) / messages * 1e6) for name, seconds in before.items()}


def hand_over(
    engines: list[Engine], place: Place, line: Loopback, wanted: Wanted
) -> tuple[float, Urgent | None]:
    """Seconds until the gateway has everything; with an alert at a third of the way, where nothing holds the rate."""
    people = wanted.recipients
    urgent = None if wanted.rate else Urgent(max(1, min(1000, people // 100)))
    total = people + (urgent.people if urgent else 0)
    began = min(engine.tell("send")["began"] for engine in engines)
    with progress("handed over", total) as advance:
        seen = 0
        while line.taken < total:
            if time.time() - began > _PATIENCE:
                raise TimeoutError("the gateway did not get everything within the hour")
            if urgent and not urgent.queued_at and line.taken >= people // 3:
                let_go(place, urgent)
            taken = line.taken
            advance(taken - seen)
            seen = taken
            time.sleep(0.005)
    seconds = time.time() - began
    settle(place)
    return seconds, urgent


def settle(place: Place) -> None:
    """Wait until the ledger has put everything down."""
    with place.open() as runtime:
        end = time.monotonic() + 60
        while time.monotonic() < end and is_busy(runtime.database):
            time.sleep(0.05)


def is_busy(database: Database) -> bool:
    from sqlalchemy import select

    from farmerline.models import Delivery, DeliveryState

    with database.read() as session:
        open_ = Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.SENDING))
        return session.scalar(select(Delivery.id).where(open_).limit(1)) is not None


def parts_of(place: Place) -> int:
    """Parts that were handed over, as the day's own row has them."""
    from farmerline.domain import spending

    with place.open() as runtime, runtime.database.read() as session:
        return sum(one.parts for one in spending.of_day(session, runtime.now()))


def size_of(place: Place) -> float:
    """MB of the database."""
    from sqlalchemy import text

    with place.open() as runtime:
        if runtime.database.is_sqlite:
            return round(sum(file.stat().st_size for file in place.home.glob("farmerline.db*")) / 1e6, 1)
        with runtime.database.read() as session:
            return round(session.scalar(text("SELECT pg_database_size(current_database())")) / 1e6, 1)


def stub_rate(people: int, made: Databases, home: Path) -> int:
    """Messages a second through the ledger alone: its sender takes them in memory."""
    place = Place(home / "stub", made.make("stub"))
    place.write([Table(9, rate=_UNLIMITED)])
    campaign = fill(place, people)
    engine = Engine(place, "stub")
    try:
        engine.tell("plan")
        began = engine.tell("send")["began"]
        with place.open() as runtime:
            while is_busy(runtime.database):
                time.sleep(0.02)
            seconds = time.time() - began
            assert states(runtime.database, campaign) == {"sent": people}
        engine.end()
    finally:
        engine.close()
    return round(people / seconds)


def beside_celery(people: int, made: Databases, home: Path, ours: float) -> dict[str, float]:
    """The rate of the usual way with the same rows, database and gateway, and ours beside it."""
    (home / "celery").mkdir()
    with gateway(home / "celery") as line:
        place = Place(home / "celery" / "county", made.make("celery"))
        place.write([Table(line.port, rate=_UNLIMITED)])
        fill(place, people)
        theirs = celery_way.rate(place, line)
    if theirs is None:
        return {}
    return {"celery_rate_per_s": round(theirs), "ratio_vs_celery": round(ours / theirs, 2)}


def twilio_rate(messages: int) -> int:
    """Requests a second of the Twilio adapter, one after the other, to a process on the loopback."""
    from bench.twilio_way import rate

    return round(rate(messages))


@contextmanager
def gateway(home: Path) -> Iterator[Loopback]:
    """The gateway's process."""
    with closing(_Leash(Loopback(home / "taken.log"))) as leash:
        yield leash.line


@dataclass
class _Leash:
    line: Loopback

    def close(self) -> None:
        self.line.stop()


__all__ = ["Verdict", "Wanted", "measure"]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
