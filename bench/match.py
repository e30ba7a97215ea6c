"""``python -m bench match --posts N``: a text in, ten results out; ours and search engines over the same generated posts.

Ours reads the text and looks in the product's own table; the others cut it with jieba and search the words of the texts.
What is built is kept under var/bench. Progress goes to stderr, the figures (``--json``: one object) to stdout.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench import child, corpus, records
from bench.machine import machine
from bench.peers import PEERS

ROOT = Path(__file__).resolve().parents[1]
GOALS = {"p50_ms": 0.4, "p99_ms": 1.5, "insert_p50_ms": 0.2, "growth_p50": 2.0}
"""Ours at a million posts."""

_SAMPLE = 2_000


def main(arguments: list[str]) -> int:
    """Run it; exit 1 when ours could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench match", description=__doc__)
    parser.add_argument(
        "--posts", type=int, default=10_000, help="how many posts are stored (10000, 100000, 1000000)"
    )
    parser.add_argument("--queries", type=int, default=1_000, help="how many texts ask")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument(
        "--only", default="", help=f"of the others only these, by comma: {', '.join(PEERS)}; or none"
    )
    parser.add_argument(
        "--postgres", default="", help="address of a PostgreSQL; else FARMERLINE_BENCH_POSTGRES"
    )
    parser.add_argument(
        "--seconds", type=float, default=300, help="a system asks for at most so long in each pass"
    )
    parser.add_argument("--no-install", action="store_true", help="do not install bench/requirements.txt")
    parser.add_argument(
        "--cache", type=Path, default=ROOT / "var" / "bench", help="where what is built is kept"
    )
    wanted = parser.parse_args(arguments)
    if wanted.postgres:
        os.environ["FARMERLINE_BENCH_POSTGRES"] = wanted.postgres
    peers = [name for name in PEERS if not wanted.only or name in wanted.only.split(",")]
    if not wanted.no_install and {"tantivy", "bm25s"} & set(peers):
        install()
    report = run(wanted, peers)
    if wanted.json:
        print(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        show(report)
    return int("farmerline" not in report["systems"])


def run(wanted: argparse.Namespace, peers: list[str]) -> dict[str, Any]:
    """Build what is not there yet, measure each system, and compare."""
    systems: dict[str, Any] = {}
    skipped: dict[str, str] = {}
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=Console(stderr=True)
    ) as progress:
        bench = _Bench(wanted, progress)
        for name in ("farmerline", *peers):
            figures = bench.measure(name, wanted.posts)
            if isinstance(figures, str):
                skipped[name] = figures
                progress.console.print(f"{name}: skipped: {figures}", highlight=False)
            else:
                systems[name] = figures
        tenth = bench.measure("farmerline", wanted.posts // 10) if wanted.posts >= 10_000 else ""
        sample = bench.agreement()
    return {
        "bench": "match", "command": _command(wanted), "posts": wanted.posts, "queries": wanted.queries,
        "seed": wanted.seed, "lexicon": corpus.lexicon_version(), "systems": systems, "skipped": skipped,
        **compare(systems), **_growth(systems.get("farmerline"), tenth), "read_as_meant": sample,
        "goals_at_1000000": GOALS, "machine": machine(),
    }  # fmt: skip


def compare(systems: dict[str, Any]) -> dict[str, Any]:
    """Ours over the best of the others that searched the same texts: under 1 is faster.

    By the clock, which decides; and by the work of the asking thread alone, which other work on the machine does not
    lengthen (a server's work is not seen there, so PostgreSQL stays out of it).
    """
    ours = systems.get("farmerline")
    compared: dict[str, Any] = {}
    for figure in ("p50", "p99", "cpu_p50", "cpu_p99"):
        others = {
            name: float(figures[f"{figure}_ms"])
            for name, figures in systems.items()
            if name != "farmerline" and not (figure.startswith("cpu") and name == "postgres-gin")
        }
        best = min(others, key=lambda name: others[name], default=None)
        compared[f"best_peer_{figure}"] = best
        compared[f"ratio_vs_best_peer_{figure}"] = (
            round(ours[f"{figure}_ms"] / others[best], 4) if ours and best else None
        )
    return compared


def _growth(whole: dict[str, Any] | None, tenth: dict[str, Any] | str) -> dict[str, Any]:
    """How much slower ours is than with a tenth of the posts."""
    if not whole or isinstance(tenth, str):
        return {}
    shares = {
        name: round(whole[f"{name}_ms"] / tenth[f"{name}_ms"], 2)
        for name in ("p50", "p99", "cpu_p50", "cpu_p99")
    }
    return {"growth_from_a_tenth": {**shares, "p50_ms": tenth["p50_ms"], "p99_ms": tenth["p99_ms"]}}


class _Bench:
    """The systems of one seed, each built and measured in processes of their own."""

    def __init__(self, wanted: argparse.Namespace, progress: Progress) -> None:
        self._wanted, self._progress = wanted, progress
        self._home: Path = wanted.cache / "match"
        self._bare = int(subprocess.run(
            [sys.executable, "-c", "print(open('/proc/self/statm').read().split()[1])"],
            capture_output=True, text=True, check=True,
        ).stdout) * 4096  # fmt: skip
        self._queries: Path = (
            self._home / f"queries-{corpus.lexicon_version()}-{wanted.seed}-{wanted.queries}.json"
        )

    def measure(self, name: str, posts: int) -> dict[str, Any] | str:
        """The figures of a system with so many posts, or why there are none."""
        built = self._built(name, posts)
        if isinstance(built, str):
            return built
        asked = {
            "queries": str(self._ready_queries()), "seconds": self._wanted.seconds, "bare": self._bare,
            "spawned": time.monotonic(),
        }  # fmt: skip
        passes = 2 if name == "farmerline" else 3
        total = self._wanted.queries * passes + child.COLD + child.INSERTS
        figures = self._child(
            f"{name}, {posts:,}: asking", total, "measure", name, str(built), json.dumps(asked)
        )
        if isinstance(figures, dict):
            figures["build_s"] = json.loads((built / "ready.json").read_text())["build_s"]
        return figures

    def agreement(self) -> dict[str, float]:
        """How a sample of the texts reads."""
        return corpus.agreement(self._corpus(self._wanted.posts), _SAMPLE)

    def _built(self, name: str, posts: int) -> Path | str:
        folder = self._home / f"{corpus.lexicon_version()}-{self._wanted.seed}-{posts}-{name}"
        version, ready = _version(name), folder / "ready.json"
        if ready.exists() and json.loads(ready.read_text())["version"] == version:
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        made = self._child(
            f"{name}, {posts:,}: building", posts, "build", name, str(folder), str(self._corpus(posts))
        )
        if isinstance(made, str):
            shutil.rmtree(folder, ignore_errors=True)
            return made
        ready.write_text(json.dumps({"version": version, **made}))
        return folder

    def _corpus(self, posts: int) -> Path:
        with _bar(self._progress, f"posts, {posts:,}: making", posts) as tick:
            return corpus.stored(self._home, posts, int(self._wanted.seed), tick)

    def _ready_queries(self) -> Path:
        if not self._queries.exists():
            records.write_queries(self._queries, corpus.queries(self._wanted.queries, self._wanted.seed))
        return self._queries

    def _child(self, title: str, total: int, *arguments: str) -> dict[str, Any] | str:
        """What a process of its own tells at the end: figures, or why there are none."""
        command = [sys.executable, "-m", "bench.child", *arguments]
        with (
            _bar(self._progress, title, total) as tick,
            subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process,
        ):
            assert process.stdout is not None
            for line in process.stdout:
                word, _, rest = line.strip().partition(" ")
                if word == "tick":
                    tick(int(rest))
                elif word == "missing":
                    return rest
                elif word == "done":
                    figures: dict[str, Any] = json.loads(rest)
                    return figures
        return f"{' '.join(arguments[:2])} ended with {process.returncode}; what it said stands above"


class _bar:  # noqa: N801 - a context manager used like a function
    """A bar for as long as the block takes."""

    def __init__(self, progress: Progress, title: str, total: int) -> None:
        self._progress, self._task = progress, progress.add_task(title, total=total)

    def __enter__(self) -> Callable[[int], None]:
        return lambda count: self._progress.advance(self._task, count)

    def __exit__(self, *_: object) -> None:
        self._progress.remove_task(self._task)


def _version(name: str) -> str:
    if name == "postgres-gin":  # what was built lies in one server
        address = os.environ.get("FARMERLINE_BENCH_POSTGRES", "")
        return f"{PEERS[name].version} {hashlib.sha256(address.encode()).hexdigest()[:12]}"
    if name != "farmerline":
        return PEERS[name].version
    from bench.ours import Ours

    return Ours.version()


def install() -> None:
    """Get the optional engines, each by itself, so that one that cannot be had keeps none of the others away."""
    file = Path(__file__).with_name("requirements.txt")
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        package = line.partition("==")[0]
        if not line or line.startswith("#") or find_spec(package) is not None:
            continue
        uv = shutil.which("uv")
        installer = [uv, "pip", "install", "--quiet", "--python", sys.executable] if uv and find_spec("pip") is None else [
            sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
        ]  # fmt: skip
        print(f"installing {line} for the comparison", file=sys.stderr)
        subprocess.run([*installer, line], stdout=sys.stderr, check=False)


def show(report: dict[str, Any]) -> None:
    """The figures as a table."""
    table = Table(title=f"{report['posts']:,} posts, {report['queries']:,} questions, milliseconds")
    for column in (
        "system",
        "p50",
        "p99",
        "a second",
        "insert",
        "index MB",
        "memory MB",
        "cold first",
        "product words p50",
    ):
        table.add_column(column, justify="left" if column == "system" else "right")
    for figures in report["systems"].values():
        product = figures.get("product_words", {}).get("p50_ms", "")
        table.add_row(
            figures["name"],
            *(str(figures[name] if figures[name] is not None else "-") for name in (
                "p50_ms", "p99_ms", "queries_per_s", "insert_p50_ms", "index_mb", "resident_mb", "cold_first_ms",
            )),
            str(product),
        )  # fmt: skip
    console = Console()
    console.print(table)
    for name, why in report["skipped"].items():
        console.print(f"{name}: skipped: {why}", highlight=False)
    for name in (
        "ratio_vs_best_peer_p50",
        "ratio_vs_best_peer_p99",
        "growth_from_a_tenth",
        "read_as_meant",
        "machine",
    ):
        if report.get(name) is not None:
            console.print(f"{name}: {report[name]}", highlight=False)


def _command(wanted: argparse.Namespace) -> str:
    said = f"./run bench match --posts {wanted.posts} --queries {wanted.queries} --seed {wanted.seed}"
    return f"{said} --seconds {wanted.seconds:g}{' --only ' + wanted.only if wanted.only else ''} --json"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
