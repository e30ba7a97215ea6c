"""``python -m bench reach --json``: who learns of a red alert in a simulated county, and how soon. (A-10)

20,000 people in 300 villages, three in ten phones off. The service is the real one with a moved clock; the carrier, the
people and the contact points are simulated, by parameters that stand in the output with their sources, in three settings.
The figures at the top are the usual setting's. They are never added up: who was heard may have confirmed as well.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.machine import machine
from bench.progress import progress
from bench.reach_county import found, issue
from bench.reach_settings import SETTINGS, SOURCES, Behaviour, as_json
from bench.reach_world import World
from channels.contract import Gateway
from farmerline import vault
from farmerline.clock import FixedClock
from farmerline.config import make_settings
from farmerline.db import Database
from farmerline.domain import ledger
from farmerline.domain.reach import CONFIRMED
from farmerline.messages import Channel, Outgoing
from farmerline.migrations import upgrade
from farmerline.models import Alert, Reach, Settled
from farmerline.vault import Vault
from jobs.context import Context

MORNING = datetime(2026, 7, 6, 1, tzinfo=UTC)  # a Monday, nine in China
MINUTES = 240
_KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
_BY_CALL, _SOON, _LISTED, _TOLD = 30, 0.95, 15, 0.90
_ANSWERED = frozenset({Settled.REPLY, Settled.PAGE, Settled.KEY})
_ON_RECORD = "heard", "confirmed", "listed", "told", "uncounted", "minutes"


class InMemory:
    """Never asked: the world takes what is claimed."""

    def send(self, message: Outgoing) -> str:
        raise AssertionError(message.id)

    def find(self, message: Outgoing, since: datetime) -> str | None:
        raise AssertionError(message.id)


def main(arguments: list[str]) -> int:
    """Run it; exit 1 when the usual setting misses its goals."""
    parser = argparse.ArgumentParser(prog="python -m bench reach", description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--villages", type=int, default=300)
    parser.add_argument("--minutes", type=int, default=MINUTES, help="simulated minutes")
    parser.add_argument(
        "--setting", choices=[*SETTINGS], action="append", help="only this setting; again for more"
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="print JSON (it always does)")
    wanted = parser.parse_args(arguments)
    names = wanted.setting or [*SETTINGS]
    began = time.perf_counter()
    results: dict[str, dict[str, Any]] = {}
    with progress("settings", len(names)) as advance, ProcessPoolExecutor(min(2, len(names))) as pool:
        waiting = {
            name: pool.submit(measure, name, wanted.people, wanted.villages, wanted.minutes, wanted.seed)
            for name in sorted(names, key=lambda name: SETTINGS[name].calls_per_s)
        }
        for name, result in waiting.items():
            results[name] = result.result()
            advance(1)
    shown = results.get("usual") or next(iter(results.values()))
    command = f"python -m bench reach --people {wanted.people} --villages {wanted.villages} --json"
    told = {
        "bench": "reach", "command": command, **{name: shown[name] for name in _ON_RECORD},
        "settings": {name: results[name] for name in names}, "sources": SOURCES, "seed": wanted.seed,
        "took_s": round(time.perf_counter() - began), "machine": machine(),
    }  # fmt: skip
    print(json.dumps(told, ensure_ascii=False, indent=2))
    return int("usual" in results and not all(results["usual"]["held"].values()))


def measure(name: str, people: int, villages: int, minutes: int, seed: int) -> dict[str, Any]:
    """One setting's figures."""
    behaviour, chance = SETTINGS[name], random.Random(seed)
    began, worked = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory(prefix="farmerline-bench-") as home:
        world = build(behaviour, people, villages, chance, Path(home))
        built = time.perf_counter() - began
        world.run(minutes, lambda minute: None)
        figures = count(world)
        world.context.database.close()
    return {
        **figures, "parameters": as_json(name), "peak_lines": world.peak_lines, "handed_over": dict(world.handed),
        "built_s": round(built, 1), "cpu_s": round(time.process_time() - worked, 1),
    }  # fmt: skip


def build(behaviour: Behaviour, people: int, villages: int, chance: random.Random, home: Path) -> World:
    """The county with its alert on its way."""
    vault.install(Vault({"b": bytes(32)}, "b", bytes(32)))
    database = Database(f"sqlite:///{home / 'bench.db'}")
    upgrade(database)
    settings = make_settings(
        {
            "mode": "demo", "gateway": "simulator", "database_url": str(database.url), "home": home, "county": "330282",
            "service_name": "bench", "line_number": "12316", "vault_keys": f"b:{_KEY}", "index_key": _KEY, "web_key": "b" * 32,
        }
    )  # fmt: skip
    sender, clock = InMemory(), FixedClock(MORNING)
    gateways = (
        Gateway("sms", Channel.SMS, sender, behaviour.texts_per_s, "慈溪农业"),
        Gateway("voice", Channel.VOICE, sender, behaviour.calls_per_s),
        Gateway("mailbox", Channel.MAILBOX, sender, 1e9),
    )
    county = found(database, people, villages, behaviour, chance, MORNING)
    with database.write() as session:
        ledger.ensure_gateways(session, gateways, MORNING)
    alert_id = issue(database, county, settings, MORNING)
    world = World(Context(database, clock, gateways, settings), clock, county, behaviour, chance)
    world.alert_id = alert_id
    return world


def count(world: World) -> dict[str, Any]:
    """What became of each person of the list, told in people, shares and minutes since the alert began."""
    with world.context.database.read() as session:
        alert = session.get_one(Alert, world.alert_id)
        rows = list(session.scalars(select(Reach).where(Reach.alert_id == alert.id)))
        missing = set(world.county.homes) - {row.account_id for row in rows}
        began = alert.issued_at or MORNING
    on = [row for row in rows if world.county.is_on(row.account_id)]
    knows = [row for row in on if _knew(row, began, _BY_CALL)]
    rest = [row for row in rows if not row.excluded and not _knew(row, began, _BY_CALL)]
    in_time = [row for row in rest if _listed_in_time(row)]
    visited = [row for row in rest if not _knew(row, began, MINUTES)]
    told = [row for row in visited if row.settled is Settled.TOLD]
    lost = [row for row in rows if row.settled is Settled.OPEN and not row.excluded and row.listed_at is None]
    soon = sorted(_minutes(row.settled_at, began) for row in on if row.settled in CONFIRMED)
    needed = math.ceil(_SOON * len(on))
    first_listed = [_minutes(row.listed_at, began) for row in rows if row.listed_at]
    figures = {
        "heard": sum(row.heard_at is not None for row in rows),
        "confirmed": sum(row.settled in _ANSWERED for row in rows),
        "listed": len(first_listed),
        "told": sum(row.settled is Settled.TOLD for row in rows),
        "uncounted": len(missing) + len(lost),
        "minutes": round(soon[needed - 1], 1) if len(soon) >= needed else None,
        "people": len(rows), "phones_on_people": len(on), "excluded": sum(bool(row.excluded) for row in rows),
        "on_heard_or_confirmed_30min": _share(len(knows), len(on)),
        "rest_people": len(rest),
        "rest_listed_within_15min_of_first_call": _share(len(in_time), len(rest)),
        "last_listed_min": round(max(first_listed, default=0.0), 1),
        "rest_told_in_person_4h": _share(len(told), len(visited)),
        "still_open": sum(row.settled is Settled.OPEN and not row.excluded for row in rows),
    }  # fmt: skip
    figures["held"] = {
        "on_30min": figures["on_heard_or_confirmed_30min"] >= _SOON,
        "rest_listed": len(in_time) == len(rest),
        "told_4h": figures["rest_told_in_person_4h"] >= _TOLD,
        "uncounted": figures["uncounted"] == 0,
    }
    return figures


def _knew(row: Reach, began: datetime, minutes: int) -> bool:
    """Whether this person had heard it or confirmed it by then; told in person is not this."""
    return row.settled in CONFIRMED and _minutes(row.settled_at, began) <= minutes


def _listed_in_time(row: Reach) -> bool:
    if row.listed_at is None:  # the phone answered before the list came
        return row.settled in CONFIRMED
    began = row.first_ring_at or row.listed_at
    return row.listed_at - began <= timedelta(minutes=_LISTED, seconds=30)


def _minutes(moment: datetime | None, began: datetime) -> float:
    return (moment - began).total_seconds() / 60 if moment else float("inf")


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
