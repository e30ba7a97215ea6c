"""``python -m bench match-notice``: how soon both sides hear of a match where very many posts are open.

A SQLite file made by the migrations is filled with generated posts. Then people who are not in it yet text what they sell or
look for and answer the read-back with 1; measured is from the arrival of that 1 to the end of the transaction that holds the
messages to both sides. Exit 1 when a side was not told, or when one had to wait for more than a second.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import select

import matching
from bench import corpus
from bench.engine import Stub
from bench.machine import machine
from bench.peers import grouped
from bench.records import TODAY, Post, rows
from channels.contract import Gateway
from farmerline import vault
from farmerline.config import Settings, make_settings
from farmerline.db import Database
from farmerline.domain import areas, intake, ledger
from farmerline.domain.init_county import ensure_reference_data
from farmerline.messages import Channel, Incoming
from farmerline.migrations import upgrade
from farmerline.models import Account, AccountState, Delivery, Match, Purpose
from farmerline.models import Post as PostRow
from farmerline.models.search import stored_signs
from farmerline.places import place_row
from farmerline.vault import Vault
from matching.normalize import clean

ROOT = Path(__file__).resolve().parents[1]
GOAL_S = 1.0
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)

_KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
_SELLERS, _FIRST_NUMBER, _DAYS = 5_000, 10_000_000, 90
_FILLED = ("post", "post_item")


def main(arguments: list[str]) -> int:
    """Run it; exit 1 when somebody was told late or not at all."""
    parser = argparse.ArgumentParser(prog="python -m bench match-notice", description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000_000, help="how many posts are open")
    parser.add_argument("--new", type=int, default=200, help="how many people come with a new one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a line")
    parser.add_argument(
        "--cache", type=Path, default=ROOT / "var" / "bench", help="where generated posts are kept"
    )
    wanted = parser.parse_args(arguments)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    home = Path(tempfile.mkdtemp(prefix="farmerline-bench-"))
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            report = run(wanted, home, progress)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if wanted.json:
        print(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        print(
            f"{report['seconds_p50']} s at the middle, {report['seconds_max']} s at most, {report['posts']:,} posts open"
        )
    return int(report["told_on_both_sides"] < report["matched"] or report["seconds_max"] > GOAL_S)


def run(wanted: argparse.Namespace, home: Path, progress: Progress) -> dict[str, Any]:
    """Fill the file, then let people come with new posts."""
    vault.install(Vault({"b": bytes(32)}, "b", bytes(32)))
    path = home / "bench.db"
    database, stub = Database(f"sqlite:///{path}"), Stub()
    upgrade(database)
    with _bar(progress, "posts: making", wanted.posts) as tick:
        stored = corpus.stored(wanted.cache / "match", wanted.posts, wanted.seed, tick)
    with database.write() as session:
        names = matching.Gazetteer.default().names
        areas.load(session, [place_row(code, name) for code, name in names.items()])
        ensure_reference_data(session)
        ledger.ensure_gateways(session, [Gateway("sms", Channel.SMS, stub, 1e9, "慈溪农业")], NOON)
        people = [make_person(session_number, next(iter(names))) for session_number in range(_SELLERS)]
        session.add_all(people)
    with _bar(progress, "posts: storing", wanted.posts) as tick:
        store(path, stored, [person.id for person in people], tick)
    line = Line(database, _settings(home, database))
    waited: list[float] = []
    both = 0
    queries = corpus.queries(wanted.new, wanted.seed)
    with _bar(progress, "new posts", len(queries)) as tick:
        for number, query in enumerate(queries):
            seconds, told = line.bring(make_person(_SELLERS + number, query.area), query.text)
            if told is not None:
                waited.append(seconds)
                both += told
            tick(1)
    size = sum(file.stat().st_size for file in home.glob("bench.db*"))
    database.close()
    return {
        "bench": "match-notice", "posts": wanted.posts, "seconds_p50": round(median(waited), 4) if waited else None,
        "seconds_max": round(max(waited), 4) if waited else None, "new_posts": len(queries), "matched": len(waited),
        "told_on_both_sides": both, "db_mb": round(size / 1e6), "machine": machine(),
    }  # fmt: skip


@dataclass
class Line:
    """Takes texts as the service does: on record in one transaction, acted on in the next."""

    database: Database
    settings: Settings
    texts: int = 0

    def bring(self, person: Account, text: str) -> tuple[float, bool | None]:
        """A person's post and their yes: how long the yes took, and whether both sides were told (None: nothing fits)."""
        with self.database.write() as session:
            session.add(person)
        drafted = self._say(person, text)
        if drafted.question_code is None:
            return 0.0, None
        began = time.perf_counter()
        self._say(person, f"1{drafted.question_code}")
        seconds = time.perf_counter() - began
        return seconds, self._told(person)

    def _say(self, person: Account, text: str) -> Any:
        self.texts += 1
        now = NOON + timedelta(seconds=self.texts)
        incoming = Incoming(
            channel=Channel.SMS, gateway="sms", ref=f"b{self.texts}", sender=str(person.phone), text=text,
            received_at=now, raw=text,
        )  # fmt: skip
        with self.database.write() as session:
            inbound_id, _ = intake.store(session, incoming)
        with self.database.write() as session:
            return intake.handle(
                session, inbound_id=inbound_id, understand=_understand, settings=self.settings, now=now
            )

    def _told(self, person: Account) -> bool | None:
        with self.database.read() as session:
            posts = select(PostRow.id).where(PostRow.account_id == person.id)
            mine = Match.supply_post_id.in_(posts) | Match.demand_post_id.in_(posts)
            matches = session.scalars(select(Match).where(mine)).all()
            if not matches:
                return None
            sides = {post.account_id for match in matches for post in (match.supply_post, match.demand_post)}
            told = select(Delivery.account_id).where(
                Delivery.account_id.in_(sides), Delivery.purpose == Purpose.MATCH
            )
            return set(session.scalars(told)) == sides


def make_person(number: int, area: str) -> Account:
    """Somebody known, with a number of their own."""
    phone = f"+86139{number:08d}"
    return Account(
        name=f"人{number}", phone=phone, phone_index=vault.phone_index(phone), area_code=area, origin="bench",
        reviewed=True, state=AccountState.VERIFIED, created_at=NOON, verified_at=NOON,
    )  # fmt: skip


def store(path: Path, posts: Path, people: list[str], tick: Callable[[int], None]) -> None:
    """Put generated posts, their items and their words in, past the session; the indexes are made at the end."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    marks = ", ".join("?" * len(_FILLED))
    indexes = connection.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})",
        _FILLED,
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    for group in grouped(rows(posts)):
        _insert(connection, "post", [_post(post, people[post.number % len(people)]) for post in group])
        _insert(connection, "post_item", [_item(post) for post in group])
        _insert(connection, "post_search", [_words(post) for post in group])
        tick(len(group))
    for _, statement in indexes:
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _insert(connection: sqlite3.Connection, table: str, found: list[dict[str, object]]) -> None:
    names = list(found[0])
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    connection.executemany(statement, (tuple(row.values()) for row in found))


def _post(post: Post, owner: str) -> dict[str, object]:
    day = NOON - timedelta(days=TODAY - post.day)
    return {
        "id": f"{post.number:032x}", "number": _FIRST_NUMBER + post.number, "kind": post.direction, "account_id": owner,
        "area_code": post.area, "channel": "sms", "text": post.text, "state": "open", "held_reason": "", "share_phone": 0,
        "created_at": _moment(day), "published_at": _moment(day), "expires_at": _moment(NOON + timedelta(days=_DAYS)), "text_mark": "",
    }  # fmt: skip


def _item(post: Post) -> dict[str, object]:
    return {
        "id": f"{post.number:032x}", "post_id": f"{post.number:032x}", "position": 0,
        "key": matching.key(post.concept, post.form, post.direction), "direction": post.direction, "concept": post.concept,
        "form": post.form, "category": post.category, "variety": post.variety, "name": post.name, "qty": post.qty,
        "qty_left": post.qty, "unit": post.unit, "unit_price": post.unit_price, "price_unit": post.price_unit,
        "said_qty": post.said_qty, "said_price": post.said_price, "area_code": post.area, "province": post.area[:2],
        "city": post.area[:4], "day": date.fromordinal(post.day).isoformat(), "live": 1,
    }  # fmt: skip


def _words(post: Post) -> dict[str, object]:
    number = _FIRST_NUMBER + post.number
    return {
        "rowid": number,
        "number": number,
        "signs": stored_signs(clean(f"{post.text}\n{post.name}"), postgresql=False),
    }


def _moment(moment: datetime) -> str:
    """As the session stores it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _understand(text: str, open_kinds: frozenset[str] = frozenset()) -> matching.Understood:
    return matching.understand(text, open_kinds)


def _settings(home: Path, database: Database) -> Settings:
    return make_settings(
        {
            "mode": "demo", "gateway": "simulator", "database_url": str(database.url), "home": home, "county": "330282",
            "service_name": "bench", "line_number": "12316", "vault_keys": f"b:{_KEY}", "index_key": _KEY, "web_key": "b" * 32,
            "simulator_path": home / "carrier.db",
        }
    )  # fmt: skip


@contextmanager
def _bar(progress: Progress, title: str, total: int) -> Iterator[Callable[[int], None]]:
    task = progress.add_task(title, total=total)
    yield lambda count: progress.advance(task, count)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
