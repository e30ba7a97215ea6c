"""``python -m bench match-robust``: whether the reader answers whatever arrives, how soon, how large it is and how quickly it loads.

Texts are made by chance, the same in every run: any signs of all planes, words of the vocabulary and of trade in any order, and the
judged posts with signs taken out, put in and doubled, from 1 to 1,600 characters. Times are of one reading, by the wall; `cpu_*` is the work
of the reading thread alone, which a busy machine stretches far less.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.machine import machine
from matching import Matcher

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "matching" / "golden"
_TEXTS = 100_000
_LONGEST = 1600
_PLANES = 0x110000
_TRADE = "收 卖 求购 要 不要 不是 三千 一斤 块八 元 每 / 半 公5母 1 １ A12 村 老杨 慈溪 ， 、 ? 亩地 租 1.5 0 亿 帮我割 \x00 🌹 \u202e 繁體雞".split(
    " "
)
_LOADED = """
import json, time
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 2**20
before, start = resident(), time.perf_counter()
from matching import Matcher
matcher = Matcher.default()
loaded = time.perf_counter() - start
for text in ("卖葡萄苗两百株", "葡桃苗有卖", "叶子发黄"):
    matcher.read(text)
print(json.dumps({"load_ms": round(loaded * 1000, 1), "resident_mb": round(resident() - before, 1)}))
"""


def main(arguments: list[str]) -> int:
    """Run it and print the figures; 1 where a text was not read."""
    parser = argparse.ArgumentParser(prog="python -m bench match-robust", description=__doc__)
    parser.add_argument("--texts", type=int, default=_TEXTS, help="how many texts are made")
    parser.add_argument("--seed", type=int, default=1, help="other texts with another number")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    wanted = parser.parse_args(arguments)
    report = run(wanted.texts, wanted.seed)
    if wanted.json:
        print(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        for name, figure in report.items():
            print(f"{name:16}{figure}")
    return 1 if report["exceptions"] else 0


def run(texts: int, seed: int = 1) -> dict[str, object]:
    """The figures: how many texts raised, milliseconds of a reading, of loading, MiB resident, microseconds of a real post."""
    report: dict[str, object] = {"machine": machine(), "texts": texts, **_load()}
    matcher = Matcher.default()
    posts = _posts()
    for post in posts:
        matcher.read(post)
    report["read_p50_us"] = round(_share(sorted(_seconds(matcher, post) for post in posts * 3), 0.5) * 1e6, 1)
    times: list[float] = []
    work: list[float] = []
    raised: list[str] = []
    for text in made_texts(random.Random(seed), texts, posts, matcher):
        try:
            began = time.thread_time()
            times.append(_seconds(matcher, text))
            work.append(time.thread_time() - began)
        except Exception as error:  # any at all is what this looks for
            raised.append(f"{type(error).__name__}: {text[:80]!r}")
    times.sort()
    work.sort()
    report["exceptions"] = len(raised)
    report["raised"] = raised[:10]
    for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99), ("max_ms", 1.0)):
        report[name] = round(_share(times, share) * 1000, 3)
        report[f"cpu_{name}"] = round(_share(work, share) * 1000, 3)
    return report


def made_texts(chance: random.Random, count: int, posts: list[str], matcher: Matcher) -> Iterator[str]:
    """Texts of three makes in turn: any signs, known words in any order, posts that were changed."""
    words = [*sorted(matcher.lexicon.senses), *_TRADE * 200]
    makes = (
        lambda length: "".join(chr(chance.randrange(_PLANES)) for _ in range(length)),
        lambda length: "".join(chance.choice(words) for _ in range(length // 2 + 1)),
        lambda length: _changed(chance, posts, length),
    )
    for number in range(count):
        length = int(
            _LONGEST ** chance.random()
        )  # as many short texts as long ones by the order of their length
        yield makes[number % len(makes)](length)[:_LONGEST]


def _changed(chance: random.Random, posts: list[str], length: int) -> str:
    """Posts one behind the other up to a length, with one sign of twelve gone, doubled or strange."""
    text = chance.choice(posts)
    while len(text) < length:
        text += chance.choice(("", " ", "，", "\n")) + chance.choice(posts)
    signs = list(text)
    for _ in range(1 + len(signs) // 12):
        place = chance.randrange(len(signs))
        signs[place] = chance.choice(
            ("", signs[place] * 2, chr(chance.randrange(_PLANES)), chance.choice(_TRADE))
        )
    return "".join(signs)


def _posts() -> list[str]:
    lines = (
        line for file in sorted(GOLDEN.glob("posts*.jsonl")) for line in file.read_text("utf-8").splitlines()
    )
    return [text for line in lines if (text := json.loads(line).get("text"))]


def _seconds(matcher: Matcher, text: str) -> float:
    start = time.perf_counter()
    matcher.read(text)
    return time.perf_counter() - start


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _load() -> dict[str, float]:
    """Loading and what it takes of memory, in a process of its own: the best of three."""
    runs = [
        json.loads(
            subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True).stdout
        )
        for _ in range(3)
    ]
    return min(runs, key=lambda run: float(run["load_ms"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
