"""One system in a process of its own: ``python -m bench.child build|measure SYSTEM FOLDER ...``; told line by line.

``tick N`` is progress, ``done {...}`` the figures, ``missing WHY`` that the system cannot be had here.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.peers import PEERS, Missing, Peer
from bench.records import Post, read_queries, rows

COLD, INSERTS = 100, 200


def main(arguments: list[str]) -> int:
    """Do one thing with one system."""
    act, system, folder, *rest = arguments
    try:
        made = make(system, Path(folder))
        figures = build(made, Path(rest[0])) if act == "build" else measure(made, json.loads(rest[0]))
    except Missing as missing:
        print("missing", missing, flush=True)
        return 0
    print("done", json.dumps(figures, ensure_ascii=False), flush=True)
    return 0


def make(system: str, folder: Path) -> Any:
    """A system by its name."""
    if system == "farmerline":
        from bench.ours import Ours

        return Ours(folder)
    return PEERS[system](folder)


def build(made: Any, corpus: Path) -> dict[str, Any]:
    """Put all posts in."""
    began = time.perf_counter()
    made.build(rows(corpus), _tick)
    return {"build_s": round(time.perf_counter() - began, 1)}


def measure(made: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    """All figures of a system that was built before."""
    posts = read_queries(Path(wanted["queries"]))
    made.open()
    made.search(posts[0])
    first = (time.monotonic() - wanted["spawned"]) * 1000
    cold = _ask(made.search, posts[1 : COLD + 1], wanted["seconds"]).wall
    _ask(
        made.search, posts, wanted["seconds"]
    )  # unmeasured: from here on everything is warm, ours and the others
    asked = _ask(made.search, posts, wanted["seconds"])
    warm = asked.wall
    figures: dict[str, Any] = {
        "name": made.name, "p50_ms": _at(warm, 0.5), "p99_ms": _at(warm, 0.99), "queries": len(warm),
        "queries_per_s": round(len(warm) / (sum(warm) / 1000), 1), "answered": round(asked.answered / len(warm), 3),
        "cpu_p50_ms": _at(asked.cpu, 0.5), "cpu_p99_ms": _at(asked.cpu, 0.99),
        "cold_first_ms": round(first, 1), "cold_p50_ms": _at(cold, 0.5), "cold_p99_ms": _at(cold, 0.99),
        "yardstick_ms": yardstick(), "resident_mb": round(max(0, resident() - wanted["bare"]) / 1e6, 1), "note": made.note,
    }  # fmt: skip
    figures["extraction_p50_ms"] = _at(_ask(made.extract, posts, wanted["seconds"]).wall, 0.5)
    if isinstance(made, Peer):
        product = _ask(made.search_product, posts, wanted["seconds"]).wall
        figures["product_words"] = {"p50_ms": _at(product, 0.5), "p99_ms": _at(product, 0.99)}
    made.close()
    figures["index_mb"] = round(_bytes(made.folder) / 1e6, 1)
    figures["insert_p50_ms"], figures["insert_with_commit_p50_ms"] = None, None
    if made.appends:
        figures.update(_insert(made, posts))
    return figures


def _insert(made: Any, posts: list[Post]) -> dict[str, float]:
    """Put posts in, into a copy where that can be: what it takes beside the post's own transaction, and with its commit."""
    posts = posts[:INSERTS]
    if isinstance(made, Peer) and made.in_place:
        made.open()
        told = _put(made, posts)
        made.forget(posts)
        made.close()
        return told
    copy = made.folder.with_name(made.folder.name + "-copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(made.folder, copy)
    scratch = type(made)(copy)
    try:
        scratch.open()
        told = _put(scratch, posts)
        scratch.close()
    finally:
        shutil.rmtree(copy, ignore_errors=True)
    return told


def _put(scratch: Any, posts: list[Post]) -> dict[str, float]:
    alone: list[float] = []
    whole: list[float] = []
    bare: list[float] = []
    for post in posts:
        scratch.begin()
        began = time.perf_counter()
        scratch.insert(post)
        put = time.perf_counter()
        scratch.commit()
        whole.append((time.perf_counter() - began) * 1000)
        alone.append((put - began) * 1000)
        _tick(1)
        if hasattr(scratch, "insert_statement"):
            scratch.begin()
            began = time.perf_counter()
            scratch.insert_statement(post)
            bare.append((time.perf_counter() - began) * 1000)
            scratch.commit()
    told = {"insert_p50_ms": _at(alone, 0.5), "insert_with_commit_p50_ms": _at(whole, 0.5)}
    return told | ({"insert_statement_p50_ms": _at(bare, 0.5)} if bare else {})


@dataclass
class Asked:
    """Milliseconds of each question by the clock and of this thread's own work; how many were answered."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    answered: int = 0


def _ask(search: Callable[[Post], Any], posts: list[Post], seconds: float) -> Asked:
    """Questions one after the other; stops after so many seconds."""
    asked, end = Asked(), time.monotonic() + seconds
    for post in posts:
        worked, began = time.thread_time(), time.perf_counter()
        found = search(post)
        asked.wall.append((time.perf_counter() - began) * 1000)
        asked.cpu.append((time.thread_time() - worked) * 1000)
        asked.answered += bool(found)
        if len(asked.wall) % 25 == 0:
            _tick(25)
        if time.monotonic() > end:
            break
    return asked


def yardstick() -> float:
    """What a fixed piece of plain Python takes just now: two runs compare where this is the same."""
    times = []
    for _ in range(21):
        began = time.thread_time()
        sum(number * number for number in range(20_000))
        times.append((time.thread_time() - began) * 1000)
    return _at(times, 0.5)


def resident() -> int:
    """Bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def _at(times: list[float], share: float) -> float:
    return round(sorted(times)[min(len(times) - 1, int(len(times) * share))], 4)


def _bytes(folder: Path) -> int:
    """The size of a system's files; PostgreSQL told its own."""
    told = folder / "bytes"
    if told.exists():
        return int(told.read_text())
    return sum(
        path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != "ready.json"
    )


def _tick(count: int) -> None:
    print("tick", count, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
