"""``python -m bench match-window``: does reading few posts find what scoring all of them finds?

For each of many posts that ask, the best three that `farmerline.domain.candidates.nearest` finds are held against the best
three of scoring every open post of the pool with `matching.rank`. For one in five an old lot is put into the pool that lies
near and is well priced: nothing but its age speaks against it. Exit 1 when fewer than 99 % agree.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sqlite3
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

import matching
from bench import corpus
from bench.machine import machine
from bench.ours import Ours
from bench.records import TODAY, Post, rows
from farmerline.domain.candidates import nearest

ROOT = Path(__file__).resolve().parents[1]
GOAL = 0.99

_BEST, _PLANTED_EVERY, _OLD = 3, 5, 75


def main(arguments: list[str]) -> int:
    """Run it; exit 1 when too few agree."""
    parser = argparse.ArgumentParser(prog="python -m bench match-window", description=__doc__)
    parser.add_argument("--posts", type=int, default=200_000, help="how many posts are in the pool")
    parser.add_argument("--queries", type=int, default=500, help="how many posts ask")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a line")
    parser.add_argument(
        "--cache", type=Path, default=ROOT / "var" / "bench", help="where generated posts are kept"
    )
    wanted = parser.parse_args(arguments)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        report = run(wanted, progress)
    if wanted.json:
        print(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        print(f"{report['agree_top3']:.1%} of {report['queries']} agree on the best three")
    return int(report["agree_top3"] < GOAL)


def run(wanted: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Fill a pool, ask both ways, compare."""
    making = progress.add_task(f"posts, {wanted.posts:,}: making", total=wanted.posts)
    stored = corpus.stored(
        wanted.cache / "match", wanted.posts, wanted.seed, lambda count: progress.advance(making, count)
    )
    queries = corpus.queries(wanted.queries, wanted.seed)
    planted = dict(_plant(queries, wanted.posts, random.Random(wanted.seed)))
    folder = Path(tempfile.mkdtemp(prefix="farmerline-bench-"))
    try:
        ours, storing = Ours(folder), progress.add_task("storing", total=wanted.posts)
        ours.build([*rows(stored), *planted.values()], lambda count: progress.advance(storing, count))
        every: dict[str, list[matching.Offer]] = defaultdict(list)
        for post in (*rows(stored), *planted.values()):
            every[post.concept].append(_offer(post))
        asking = progress.add_task("asking", total=len(queries))
        connection = sqlite3.connect(folder / "ours.db")
        agree = found = 0
        for at, query in enumerate(queries):
            ids, scored = _both(connection, every[query.concept], _offer(query))
            agree += ids == scored
            found += at in planted and _id(planted[at]) in ids
            progress.advance(asking)
        connection.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "bench": "match-window", "queries": len(queries), "agree_top3": round(agree / max(1, len(queries)), 4),
        "posts": wanted.posts, "old_near_lots": len(planted), "old_near_lots_found": found, "machine": machine(),
    }  # fmt: skip


def _both(
    connection: sqlite3.Connection, pool: Sequence[matching.Offer], query: matching.Offer
) -> tuple[list[str], list[str]]:
    """The best three by reading few, and by scoring all of the product (posts of another product score nothing)."""
    found = nearest(connection, query, today=TODAY, limit=_BEST)
    ranked = matching.rank(query, pool, limit=_BEST, today=TODAY)
    return [one for _, one in found], [score.offer.id for score in ranked]


def _plant(queries: Sequence[Post], after: int, chance: random.Random) -> Iterator[tuple[int, Post]]:
    """For some of the queries a lot of what they look for, old, in their own county, of enough, at their price."""
    for at in range(0, len(queries), _PLANTED_EVERY):
        asked = queries[at]
        yield at, asked._replace(
            number=after + at, direction="demand" if asked.direction == "supply" else "supply",
            qty=asked.qty, day=TODAY - chance.randint(_OLD - 20, _OLD),
        )  # fmt: skip


def _offer(post: Post) -> matching.Offer:
    return matching.Offer(
        id=_id(post), direction=post.direction, concept=post.concept, form=post.form, variety=post.variety or None,
        qty=post.qty, unit=post.unit, unit_price=post.unit_price, price_unit=post.price_unit, area=post.area, day=post.day,
    )  # fmt: skip


def _id(post: Post) -> str:
    return f"{post.number:032x}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
