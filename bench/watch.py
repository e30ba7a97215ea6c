"""``python -m bench subscriptions --subscriptions N``: what a new post costs where a million subscriptions are on record.

SQLite, many products by Zipf popularity, places from the village to anywhere. ``note_ms`` is what a post pays in its own
transaction; ``read_ms_p50`` is the reading of everybody whom one post concerns: one range of the index for each form
and place around it. ``spread_per_s`` is how many subscribers are written down in a second.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from bench.machine import machine
from bench.progress import progress
from bench.rig.county import TOWN, VILLAGE
from farmerline import vault
from farmerline.db import Database
from farmerline.domain import areas, subscriptions, watching
from farmerline.domain.init_county import ensure_reference_data
from farmerline.ids import new_id
from farmerline.messages import Channel
from farmerline.migrations import upgrade
from farmerline.models import (
    Account,
    AccountState,
    Post,
    PostItem,
    PostState,
    Subscription,
    WatchCursor,
    WatchNotice,
)
from farmerline.places import place_row
from farmerline.vault import Vault
from matching import Lexicon

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
PLACES = ("", VILLAGE[:2], VILLAGE[:4], VILLAGE[:6], TOWN, VILLAGE)
_PEOPLE, _POSTS, _ROWS, _EACH = 50_000, 200, 20_000, 20
_UNLIMITED = 10**9


def main(arguments: list[str]) -> int:
    """Run it; exit 1 when a subscriber of the post that was spread is missing or told twice."""
    parser = argparse.ArgumentParser(prog="python -m bench subscriptions", description=__doc__)
    parser.add_argument(
        "--subscriptions", type=int, default=1_000_000, help="how many subscriptions there are"
    )
    parser.add_argument("--posts", type=int, default=_POSTS, help="how many new posts are read for")
    parser.add_argument("--json", action="store_true", help="print JSON (it always does)")
    wanted = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="farmerline-bench-") as home:
        figures = measure(wanted.subscriptions, wanted.posts, Path(home))
    command = f"python -m bench subscriptions --subscriptions {wanted.subscriptions}"
    print(
        json.dumps({"bench": "subscriptions", "command": command, **figures, "machine": machine()}, indent=2)
    )
    return int(figures["missing"] != 0)


def measure(count: int, posts: int, home: Path) -> dict[str, float]:
    """The figures for so many subscriptions and new posts."""
    vault.install(Vault({"b": bytes(32)}, "b", bytes(32)))
    database = Database(f"sqlite:///{home / 'bench.db'}")
    upgrade(database)
    chance = random.Random(7)
    with progress("subscriptions", count) as advance:
        seller = fill(database, count, chance, advance)
    products = _products(chance)
    note, read, hits = [], [], []
    for number in range(posts):
        with database.write() as session:
            post = _post(session, seller, next(products), 1000 + number)
            began = time.perf_counter()
            subscriptions.note_post(session, post, NOON)
            note.append(1000 * (time.perf_counter() - began))
        with database.read() as session:
            session.connection()
            began = time.perf_counter()
            hits.append(_read(session, post))
            read.append(1000 * (time.perf_counter() - began))
    spread_s, written, missing = _spread_all(database)
    size = sum(path.stat().st_size for path in home.glob("bench.db*"))
    ranges = len(watching.ranges(post))
    database.close()
    return {
        "subscriptions": count, "posts": posts, "ranges": ranges, "hits": round(median(hits)), "hits_most": max(hits),
        "read_ms_p50": round(median(read), 3), "read_ms_p99": round(quantiles(read, n=100)[98], 3),
        "read_us_a_hit": round(1000 * sum(read) / max(1, sum(hits)), 2), "note_ms": round(median(note), 3),
        "spread_per_s": round(written / spread_s), "missing": missing, "db_mb": round(size / 1e6, 1),
    }  # fmt: skip


def fill(database: Database, count: int, chance: random.Random, advance: Callable[[int], None]) -> str:
    """People and their subscriptions; returns the seller's id."""
    people = [new_id() for _ in range(min(_PEOPLE, max(1, count // _EACH)))]
    seller = new_id()
    with database.write() as session:
        areas.load(session, [place_row(code, "地方") for code in ("33", "3302", "330282", TOWN, VILLAGE)])
        ensure_reference_data(session)
        sealed = Account(
            name="人", origin="bench", area_code=VILLAGE, state=AccountState.VERIFIED, created_at=NOON
        )
        values = {"name_sealed": sealed.name_sealed, "area_code": VILLAGE, "origin": "bench", "reviewed": True,
                  "state": AccountState.VERIFIED, "language": "zh", "preferred": Channel.SMS, "created_at": NOON}  # fmt: skip
        session.execute(insert(Account), [{"id": one, **values} for one in (seller, *people)])
    products = _products(chance)
    for start in range(0, count, _ROWS):
        rows = [_row(next(products), chance.choice(people), chance) for _ in range(min(_ROWS, count - start))]
        with database.write() as session:
            session.execute(insert(Subscription), rows)
        advance(len(rows))
    with database.write() as session:
        session.execute(text("ANALYZE"))
    return seller


def _row(product: tuple[str, str], person: str, chance: random.Random) -> dict[str, object]:
    concept, form = product
    place = chance.choices(PLACES, (10, 50, 10, 20, 5, 5))[0]
    return {
        "id": new_id(), "account_id": person, "key": subscriptions.key(concept, "supply"), "concept": concept,
        "direction": "supply", "form": form if chance.random() < 0.95 else "", "variety": "", "area_code": place,
        "name": concept, "channel": "sms", "created_at": NOON,
    }  # fmt: skip


def _products(chance: random.Random) -> Iterator[tuple[str, str]]:
    """Products of the vocabulary by Zipf popularity, some of them as seedlings."""
    known = list(Lexicon.default().concepts.values())
    weights = [1 / (rank + 1) for rank in range(len(known))]
    while True:
        for concept in chance.choices(known, weights, k=1000):
            yield concept.name, "seedling" if chance.random() < 0.2 else concept.form


def _post(session: Session, seller: str, product: tuple[str, str], number: int) -> Post:
    concept, form = product
    post = Post(
        number=number, kind="supply", account_id=seller, area_code=VILLAGE, channel=Channel.SMS, text="", created_at=NOON,
        state=PostState.OPEN, expires_at=NOON + timedelta(days=15),
    )  # fmt: skip
    post.items = [
        PostItem(
            key=f"{concept}·{form}·supply", direction="supply", concept=concept, form=form, name=concept, area_code=VILLAGE,
            province=VILLAGE[:2], city=VILLAGE[:4], day=NOON.date(), live=True, variety="",
        )
    ]  # fmt: skip
    session.add(post)
    session.flush()
    return post


def _read(session: Session, post: Post) -> int:
    """Everybody whom a post concerns."""
    return sum(len(watching.read_range(session, where, limit=_UNLIMITED)) for where in watching.ranges(post))


def _spread_all(database: Database, most: float = 20.0) -> tuple[float, int, int]:
    """Write down the subscribers of the posts in turn, for at most so many seconds: seconds, rows, and how many people are
    missing or too many, by a plain search of all subscriptions for the first posts that were finished."""
    began, written, step = time.perf_counter(), 0, 0
    while step is not None and time.perf_counter() - began < most:
        with database.write() as session:
            step = watching.spread(session, now=NOON)
        written += step or 0
    taken = time.perf_counter() - began
    wrong = 0
    with database.read() as session:
        waiting = select(WatchCursor.post_id)
        for post in session.scalars(
            select(Post).where(Post.id.not_in(waiting)).order_by(Post.number).limit(5)
        ):
            told = select(WatchNotice.account_id).where(WatchNotice.post_id == post.id)
            wrong += len(set(session.scalars(told)) ^ _searched(session, post))
    return taken, written, wrong


def _searched(session: Session, post: Post) -> set[str]:
    """Everybody whom a post concerns, without the index's help."""
    (item,), lexicon = post.items, Lexicon.default()
    rows = select(Subscription.account_id, Subscription.form, Subscription.area_code).where(
        Subscription.concept == item.concept, Subscription.direction == item.direction
    )
    return {
        account
        for account, form, area_code in session.execute(rows)
        if item.area_code.startswith(area_code)
        and (not form or lexicon.nearness(form, item.form) >= watching.NEAR)
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
