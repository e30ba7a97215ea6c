"""``python -m bench match-quality``: how well posts find each other, beside search engines, and what each part brings.

The same judged posts and the same measure for all. Every way searches the posts of the other side, as our reader tells the
sides: an engine has none of its own. Engines get all jieba words of a text without stop words; they answer whatever is
nearest, so they answer posts too that nothing fits.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from bench import cuts
from bench.match import install
from bench.peers import PEERS, Missing, Peer
from bench.records import Post
from matching import Offer
from matching.evaluate import Judged, Read, load, measure, pooled, read_all, search
from matching.messages import evaluate_messages
from matching.messages import load as load_messages

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "matching" / "golden"
_SHOWN = ("ndcg10", "p1", "recall10", "no_answer_answered")
_KEYWORDS = 5

Find = Callable[[Judged], list[str]]


def main(arguments: list[str]) -> int:
    """Run it and print the table or the object."""
    parser = argparse.ArgumentParser(prog="python -m bench match-quality", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="judged sets; without: the project's own")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--no-install", action="store_true", help="do not install bench/requirements.txt")
    wanted = parser.parse_args(arguments)
    if not wanted.no_install:
        install()
    files = wanted.files or sorted(GOLDEN.glob("posts*.jsonl"))
    with Progress(console=Console(stderr=True)) as progress:
        report = run(files, progress)
    if wanted.json:
        print(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        for part in ("systems", "ablations"):
            print(part)
            for name, figures in report[part].items():
                print(f"  {name:28}", *(f"{key} {figures[key]:.3f}" for key in _SHOWN if key in figures))
    return 0


def run(files: Iterable[Path], progress: Progress) -> dict[str, Any]:
    """Every way over every set; figures are means over all queries of all sets."""
    sets = [load(path) for path in files]
    names = [*PEERS, "TF-IDF", *_ABLATIONS]
    task = progress.add_task("judged sets", total=len(sets) * (len(names) + 1))
    found: dict[str, list[dict[str, Any]]] = {}
    skipped: dict[str, str] = {}
    for posts in sets:
        read = read_all(posts)
        ways: dict[str, Callable[[], Find]] = {
            "ours": partial(_ours, read, lambda offer: offer),
            **{name: partial(_ours, read, change) for name, change in _ABLATIONS.items() if change},
            "plain jieba keywords": partial(_keywords, posts, read),
            "TF-IDF": partial(_tf_idf, posts, read),
        }
        for name, way in ways.items():
            found.setdefault(name, []).append(measure(posts, way()))
            progress.advance(task)
        for name, peer in PEERS.items():
            if name in skipped:
                continue
            try:
                found.setdefault(name, []).append(_with_engine(peer, posts, read))
            except Missing as missing:
                skipped[name] = str(missing)
                found.pop(name, None)
                print(f"{name} is left out: {missing}", file=sys.stderr)
            progress.advance(task)
    means = {name: _mean(parts) for name, parts in found.items()}
    ablated = {name: means.pop(name) for name in (*_ABLATIONS,) if name in means}
    return {
        "systems": means,
        "ablations": {"ours": means["ours"], **ablated},
        "messages": _messages(),
        "skipped": skipped,
    }


def _ours(read: dict[str, Read], change: Callable[[Offer], Offer]) -> Find:
    changed = {name: replace(one, offers=tuple(map(change, one.offers))) for name, one in read.items()}
    pool = pooled(changed)
    return lambda post: search(list(changed[post.id].offers), pool, post.id)


_ABLATIONS: dict[str, Callable[[Offer], Offer] | None] = {
    "without concept": lambda offer: replace(offer, concept=""),
    "without form": lambda offer: replace(offer, form=""),
    "without variety": lambda offer: replace(offer, variety=None),
    "without area": lambda offer: replace(offer, area=""),
    "without freshness": lambda offer: replace(offer, day=None),
    "plain jieba keywords": None,
}
"""Our own search with one part of what was read taken away; and with the five keywords of jieba in place of the reading."""


def _others(posts: list[Judged], read: dict[str, Read]) -> dict[str, list[Judged]]:
    """The posts that a side searches, by the side that asks."""
    sides: dict[str, list[Judged]] = {"supply": [], "demand": [], "none": []}
    for post in posts:
        side = read[post.id].reading.direction
        if side != "none":
            sides["demand" if side == "supply" else "supply"].append(post)
    return sides


def _by_overlap(posts: list[Judged], read: dict[str, Read], weights: dict[str, dict[str, float]]) -> Find:
    sides = _others(posts, read)

    def find(post: Judged) -> list[str]:
        own = weights[post.id]
        scored = [
            (sum(own[word] * other[word] for word in own.keys() & other.keys()), one.id)
            for one in sides[read[post.id].reading.direction]
            if (other := weights[one.id]) is not own
        ]
        return [name for value, name in sorted(scored, key=lambda pair: (-pair[0], pair[1])) if value > 0]

    return find


def _keywords(posts: list[Judged], read: dict[str, Read]) -> Find:
    cuts.cut("")
    import jieba.analyse

    words = {post.id: jieba.analyse.extract_tags(post.text, topK=_KEYWORDS) for post in posts}
    return _by_overlap(posts, read, {name: dict.fromkeys(found, 1.0) for name, found in words.items()})


def _tf_idf(posts: list[Judged], read: dict[str, Read]) -> Find:
    words = {post.id: cuts.cut(post.text) for post in posts}
    seen = Counter(word for found in words.values() for word in found)
    weights = {}
    for name, found in words.items():
        raw = {word: math.log(len(posts) / seen[word]) + 1 for word in found}
        size = math.sqrt(sum(value * value for value in raw.values())) or 1.0
        weights[name] = {word: value / size for word, value in raw.items()}
    return _by_overlap(posts, read, weights)


def _with_engine(kind: type[Peer], posts: list[Judged], read: dict[str, Read]) -> dict[str, Any]:
    """An engine over the posts of each side."""
    engines: dict[str, Peer] = {}
    with tempfile.TemporaryDirectory() as home:
        for side, others in _others(posts, read).items():
            if not others:
                continue
            folder = Path(home) / side
            folder.mkdir()
            engine = engines[side] = kind(folder)
            engine.build((_row(number, post) for number, post in enumerate(others)), lambda _done: None)
            engine.open()
        sides = _others(posts, read)

        def find(post: Judged) -> list[str]:
            side = read[post.id].reading.direction
            if side not in engines:
                return []
            found = engines[side].search(_row(0, post))
            return [sides[side][_number(row)].id for row in found]

        try:
            return measure(posts, find)
        finally:
            for engine in engines.values():
                engine.close()


def _number(row: Any) -> int:
    return int(row[0] if isinstance(row, tuple) else row)


def _row(number: int, post: Judged) -> Post:
    return Post(
        number, post.text, post.direction, "", "", "", "", "", None, None, None, None, "", "", "", 0,
        " ".join(cuts.cut(post.text)),
    )  # fmt: skip


def _mean(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The mean over all queries of several sets, each weighed by its queries."""
    queries = sum(part["queries"] for part in parts)
    return {"queries": queries} | {
        key: round(sum(part[key] * part["queries"] for part in parts) / max(1, queries), 4) for key in _SHOWN
    }


def _messages() -> dict[str, Any]:
    return {
        path.stem: evaluate_messages(load_messages(path)) for path in sorted(GOLDEN.glob("messages*.jsonl"))
    }
