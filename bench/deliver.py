"""``python -m bench deliver --people N``: a broadcast through the ledger on SQLite, with a sender in memory.

Counts planned rows and handed-over messages a second; the truth for lost and repeated is the sender's own list.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bench.machine import machine
from channels.contract import Gateway
from farmerline import vault
from farmerline.clock import FixedClock
from farmerline.config import make_settings
from farmerline.db import Database
from farmerline.domain import access, areas, campaigns, consent, ledger
from farmerline.domain.init_county import ensure_reference_data
from farmerline.messages import Channel, Outgoing
from farmerline.migrations import upgrade
from farmerline.models import Account, AccountState, Role
from farmerline.places import place_row
from farmerline.vault import Vault
from jobs.context import Context
from jobs.deliver import drain
from jobs.fanout import fan_out

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
TOWN, VILLAGE = "330282123", "330282123222"
_KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="


@dataclass
class Stub:
    """Takes every message at once."""

    taken: Counter[str] = field(default_factory=Counter)

    def send(self, message: Outgoing) -> str:
        self.taken[message.id] += 1
        return message.id

    def find(self, message: Outgoing, since: datetime) -> str | None:
        return message.id if message.id in self.taken else None


def main(arguments: list[str]) -> int:
    """Run it; exit 1 when a message was lost or repeated."""
    parser = argparse.ArgumentParser(prog="python -m bench deliver", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000, help="how many people want the tip")
    wanted = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="farmerline-bench-") as home:
        figures = measure(wanted.people, Path(home))
    command = f"python -m bench deliver --people {wanted.people}"
    print(
        json.dumps(
            {"bench": "deliver", "command": command, **figures, "machine": machine()},
            ensure_ascii=False,
            indent=2,
        )
    )
    return int(figures["lost"] != 0 or figures["repeated"] != 0)


def measure(people: int, home: Path) -> dict[str, float]:
    """The figures of one broadcast to so many people."""
    vault.install(Vault({"b": bytes(32)}, "b", bytes(32)))
    database, stub = Database(f"sqlite:///{home / 'bench.db'}"), Stub()
    upgrade(database)
    settings = make_settings(
        {
            "mode": "demo", "gateway": "simulator", "database_url": str(database.url), "home": home, "county": "330282",
            "service_name": "bench", "line_number": "12316", "vault_keys": f"b:{_KEY}", "index_key": _KEY, "web_key": "b" * 32,
        }
    )  # fmt: skip
    gateway = Gateway("sms", Channel.SMS, stub, 1e9, "慈溪农业")
    context = Context(database, FixedClock(NOON), (gateway,), settings)
    with progress("people", people) as advance:
        actor = fill(database, gateway, people, advance)
    with database.write() as session:
        campaign = campaigns.plan(
            session, actor=actor, text="明天夜里降温到零下三度，大棚今晚盖好。", area_code=TOWN, now=NOON
        )
        campaigns.start(session, campaign, actor=actor, now=NOON)
    planned_s = timed(lambda: fan_out(context))
    handed_s = timed(lambda: drain(context))
    size = sum(path.stat().st_size for path in home.glob("bench.db*"))
    database.close()
    return {
        "people": people,
        "planned_s": round(planned_s, 2),
        "planned_per_s": round(people / planned_s),
        "handed_over_s": round(handed_s, 2),
        "rate_per_s": round(people / handed_s),
        "lost": people - len(stub.taken),
        "repeated": sum(count - 1 for count in stub.taken.values()),
        "db_mb": round(size / 1e6, 1),
    }


def fill(database: Database, gateway: Gateway, people: int, advance: Callable[[int], None]) -> access.Actor:
    """A village of people who want tips, and its publisher."""
    with database.write() as session:
        areas.load(session, [place_row(code, "地方") for code in ("33", "3302", "330282", TOWN, VILLAGE)])
        ensure_reference_data(session)
        ledger.ensure_gateways(session, [gateway], NOON)
        publisher = make_person(0)
        session.add(publisher)
        session.flush()
        access.grant_role(session, publisher, role=Role.PUBLISHER, area_code=TOWN, by=None, now=NOON)
        actor = access.actor_of(session, publisher)
    for start in range(0, people, 2000):
        with database.write() as session:
            group = [make_person(number + 1) for number in range(start, min(start + 2000, people))]
            session.add_all(group)
            session.flush()
            for person in group:
                consent.grant(session, person, purposes=consent.UNASKED, proof="bench", now=NOON)
        advance(len(group))
    return actor


def make_person(number: int) -> Account:
    """A person with a number of their own."""
    phone = f"+86139{number:08d}"
    return Account(
        name=f"人{number}", phone=phone, phone_index=vault.phone_index(phone), area_code=VILLAGE, origin="bench",
        state=AccountState.VERIFIED, created_at=NOON, verified_at=NOON,
    )  # fmt: skip


def timed(act: Callable[[], object]) -> float:
    """Seconds that an act takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(title, total=total)
        yield lambda count: progress.update(task, advance=count)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
