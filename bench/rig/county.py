"""A county on disk as an administrator would have it: a settings file, a gateways file, a database full of people."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import insert

from farmerline import vault
from farmerline.config import Settings, make_settings
from farmerline.domain import access, areas, campaigns, consent, ledger
from farmerline.domain.init_county import ensure_reference_data
from farmerline.migrations import upgrade
from farmerline.models import Account, AccountState, Consent, Role
from farmerline.places import place_row
from farmerline.runtime import Runtime, open_runtime
from tests import postgres

TOWN, VILLAGE = "330282123", "330282123222"
TEXT = "明天夜里降温到零下三度，大棚今晚盖好。"
_KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
_STEP = 5000
_A_DAY = timedelta(days=1)
_TABLE = """
[[gateway]]
name = "{name}"
kind = "http"
rate = {rate}
read_seconds = {read_seconds}
{more}
[gateway.send]
url = "http://127.0.0.1:{port}/messages"
headers = {{ "Idempotency-Key" = "{{id}}" }}
json = {{ ref = "{{id}}", to = "{{to}}", text = "{{text}}" }}
id = "id"
"""
_FIND = """
[gateway.find]
url = "http://127.0.0.1:{port}/messages?ref={{id}}"
id = "id"
absent_status = [404]
"""


class Words(Protocol):
    """A table of the gateways file."""

    def words(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Table:
    """One HTTP gateway of the gateways file; ``more`` holds further lines of its table."""

    port: int
    name: str = "loopback"
    rate: float = 10_000.0
    lookup: bool = True
    read_seconds: float = 10.0
    more: str = ""

    def words(self) -> str:
        values = {
            "name": self.name, "rate": self.rate, "port": self.port, "read_seconds": self.read_seconds, "more": self.more,
        }  # fmt: skip
        return _TABLE.format(**values) + (_FIND.format(port=self.port) if self.lookup else "")


@dataclass
class Place:
    """A county's folder and database. ``factor`` is how many times as fast its clock runs: leases, pauses and waits
    are that much shorter; 1 is a plain production county."""

    home: Path
    url: str
    factor: float = 1.0
    changes: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """Its settings file."""
        return self.home / "settings.env"

    @property
    def gateways(self) -> Path:
        return self.home / "gateways.toml"

    @property
    def clock(self) -> Path:
        return self.home / "clock.json"

    def write(self, tables: Sequence[Words]) -> None:
        """Write its files, as an administrator would."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.gateways.write_text("".join(table.words() for table in tables))
        if self.factor != 1 and not self.clock.exists():
            self.set_clock(0)
        lines = [f"FARMERLINE_{name.upper()}={value}" for name, value in self.values().items()]
        self.file.touch(mode=0o600)
        self.file.write_text("\n".join(lines) + "\n")

    def set_clock(self, offset: float) -> None:
        """Make its clock jump; only where ``factor`` is not 1."""
        began = json.loads(self.clock.read_text())["began"] if self.clock.exists() else time.time()
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(json.dumps({"began": began, "rate": self.factor, "offset": offset}))
        fresh.replace(self.clock)

    def values(self) -> dict[str, str]:
        """Its settings. No hour is quiet, so that the proof runs at any."""
        proof = {"mode": "proof", "clock_file": str(self.clock)} if self.factor != 1 else {}
        return {
            "database_url": self.url, "home": str(self.home), "county": "330282", "service_name": "proof",
            "line_number": "12316", "vault_keys": f"k1:{_KEY}", "index_key": _KEY, "web_key": "w" * 40,
            "gateways": str(self.gateways), "modules": "mailbox,alerts", "quiet_from": "0", "quiet_to": "0",
            "sms_signature": "慈溪农业", "tips_in_7_days": "100", **proof, **self.changes,
        }  # fmt: skip

    def settings(self) -> Settings:
        return make_settings(self.values())

    @contextmanager
    def open(self) -> Iterator[Runtime]:
        """Its runtime in this process."""
        runtime = open_runtime(self.settings())
        try:
            yield runtime
        finally:
            runtime.database.close()


def fill(place: Place, people: int, advance: Callable[[int], None] = lambda _count: None) -> str:
    """Make the county's tables and people, and start a broadcast to all; returns its id. Nothing is sent."""
    with place.open() as runtime:
        database, now = runtime.database, runtime.now()
        upgrade(database)
        with database.write() as session:
            areas.load(session, [place_row(code, "地方") for code in ("33", "3302", "330282", TOWN, VILLAGE)])
            ensure_reference_data(session)
            ledger.ensure_gateways(session, runtime.gateways, now)
            publisher = person(0, now)
            session.add(publisher)
            session.flush()
            access.grant_role(session, publisher, role=Role.PUBLISHER, area_code=TOWN, by=None, now=now)
            actor = access.actor_of(session, publisher)
        for start in range(0, people, _STEP):
            with database.write() as session:
                group = [person(number + 1, now) for number in range(start, min(start + _STEP, people))]
                session.execute(insert(Account), [columns(one) for one in group])
                session.execute(insert(Consent), [columns(yes(one, now)) for one in group])
            advance(len(group))
        return broadcast(runtime, actor)


def broadcast(runtime: Runtime, actor: access.Actor, text: str = TEXT) -> str:
    """Start a broadcast to everybody; returns its id."""
    with runtime.database.write() as session:
        campaign = campaigns.plan(session, actor=actor, text=text, area_code=TOWN, now=runtime.now())
        campaigns.start(session, campaign, actor=actor, now=runtime.now())
        return campaign.id


def person(number: int, now: datetime) -> Account:
    """A person with a number of their own, on the books since yesterday."""
    phone = f"+86139{number:08d}"
    return Account(
        name=f"人{number}", phone=phone, phone_index=vault.phone_index(phone), area_code=VILLAGE, origin="proof",
        state=AccountState.VERIFIED, created_at=now - _A_DAY, verified_at=now - _A_DAY,
    )  # fmt: skip


def yes(one: Account, now: datetime) -> Consent:
    """Their yes to tips."""
    return Consent(
        account_id=one.id, purpose=consent.UNASKED[0], channel="", granted=True, at=now - _A_DAY, proof="proof"
    )  # fmt: skip


def columns(row: Any) -> dict[str, Any]:
    """A row that is not in a session yet, as values for an insert of many."""
    return {name: value for name, value in vars(row).items() if not name.startswith("_sa")}


@dataclass
class Databases:
    """Where counties' databases come from: files, or a PostgreSQL of its own, on which acknowledged means on disk."""

    kind: str
    home: Path
    cluster: postgres.Cluster | None = None

    def make(self, name: str) -> str:
        """The address of an empty database."""
        if self.cluster is None:
            return f"sqlite:///{self.home / name / 'farmerline.db'}"
        return self.cluster.make_database()

    def copy(self, url: str, name: str) -> str:
        """The address of a copy of a database that nobody is using."""
        if self.cluster is not None:
            return self.cluster.copy_database(url)
        source, target = Path(url.removeprefix("sqlite:///")), self.home / name / "farmerline.db"
        target.parent.mkdir(parents=True, exist_ok=True)
        for end in ("", "-wal"):
            if (file := source.with_name(source.name + end)).exists():
                shutil.copyfile(file, target.with_name(target.name + end))
        os.chmod(target, 0o600)  # noqa: PTH101 - beside copyfile
        return f"sqlite:///{target}"


@contextmanager
def databases(kind: str, home: Path) -> Iterator[Databases]:
    """The databases of one proof, gone afterwards; raises ``RuntimeError`` where there is no PostgreSQL."""
    if kind == "sqlite":
        yield Databases(kind, home)
        return
    found = postgres.find()
    if found is None:
        raise RuntimeError(postgres.MISSING)
    cluster = postgres.Cluster(found, durable=True)
    try:
        yield Databases(kind, home, cluster)
    finally:
        cluster.stop()
