"""``python -m bench opinion``: learns the reader's second opinion anew from judged texts, and says how good it is.

Sides, forms and wishes are learnt by logistic regression over signs and pairs of signs. For each set it is also learnt from all others,
and asked about that one: the share it tells right is what strangers' texts may expect. Takes a minute.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

import matching.opinion
from matching import Item, Matcher
from matching.evaluate import load
from matching.hunch import wish_signs
from matching.intent import bare_of, printed_intent
from matching.messages import load as load_messages
from matching.normalize import clean
from matching.opinion import Opinion, form_signs, side_signs
from matching.values import Direction

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "matching" / "golden"
DATA = Path(matching.opinion.__file__).parent / "data"
TABLES = {"opinion.tsv": ("side", "form"), "wishes.tsv": ("wish",)}
"""Which of what is learnt stands in which file: only messages need the second."""
UNREAD = ("fresh8", "fresh10")
UNREAD_POSTS = (*UNREAD, "fresh9")
"""Sets whose errors nobody has read: they measure, and teach nothing."""
_DIRECTIONS = {"sell": "supply", "buy": "demand", "other": "none", "question": "none", "pest_report": "none"}
_LEAST_SEEN = 3
_PENALTY = {"side": 0.5, "form": 1.0, "wish": 0.5}
_ROUNDS, _STEP = 60, 0.3
_SMALLEST = 0.15
_HEAD = """# Source: learnt from our own judged texts (tests/matching/golden) by ./run bench opinion; Apache-2.0.
# What signs, pairs of signs and facts of a text speak for, in natural logarithms; rows with no sign name what the places mean.
"""

Signs = set[str]
Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One judged text: the set it is of, what speaks in it, and what it was."""

    source: str
    signs: Signs
    meant: str


class _Listener(Opinion):
    """Notes what it is asked about, and has no opinion."""

    def __init__(self) -> None:
        self.heard: Signs = set()
        self.shaped: Signs = set()

    def sides(self, masked: str, items: Sequence[Item], verb: str = "") -> dict[Direction, float]:
        self.heard = side_signs(masked, items, verb)
        return {}

    def forms(self, text: str, item: Item, usual: str) -> dict[str, float]:
        self.shaped = form_signs(text, item, usual)
        return {item.form: 1.0}


def main(arguments: list[str]) -> int:
    """Learn it, write the table, print the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench opinion", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument("--dry", action="store_true", help="only the figures; the table stays")
    wanted = parser.parse_args(arguments)
    lessons = _lessons()
    report = {f"{kind}_unseen": _unseen(taught, _PENALTY[kind]) for kind, taught in lessons.items()}
    if not wanted.dry:
        for name, kinds in TABLES.items():
            rows = [row for kind in kinds for row in _rows(kind, *_learn(lessons[kind], _PENALTY[kind]))]
            (DATA / name).write_text(_HEAD + "".join(rows), encoding="utf-8")
    print(json.dumps(report, ensure_ascii=False, indent=None if wanted.json else 2))
    return 0


def _texts() -> Iterator[tuple[str, str, str, str | None]]:
    """Each judged text that teaches: its set, its words, its direction, the form of its first thing."""
    for path in sorted(GOLDEN.glob("posts_*.jsonl")):
        source = path.stem.removeprefix("posts_")
        if source not in UNREAD_POSTS:
            for post in load(path):
                yield source, post.text, post.direction, str(post.items[0]["form"]) if post.items else None
    for path in sorted(GOLDEN.glob("messages_*.jsonl")):
        source = path.stem.removeprefix("messages_")
        if source not in UNREAD:
            for message in load_messages(path):
                if direction := _DIRECTIONS.get(message.intent):
                    form = message.slots.get("form")
                    yield source, message.text, direction, str(form) if form else None


def _lessons() -> dict[str, list[Lesson]]:
    """What each judged text teaches of sides, and of forms."""
    listener = _Listener()
    words = Matcher(Matcher.default().lexicon, Matcher.default().gazetteer, listener)
    taught: dict[str, list[Lesson]] = {"side": [], "form": []}
    for source, text, direction, form in _texts():
        listener.heard = set()
        if words.read(text).items and listener.heard:
            taught["side"].append(Lesson(source, listener.heard, direction))
            if form and direction != "none":
                taught["form"].append(Lesson(source, listener.shaped, form))
    taught["wish"] = list(_wishes(words))
    return taught


def _wishes(words: Matcher) -> Iterator[Lesson]:
    """What each judged message teaches of wishes."""
    for path in sorted(GOLDEN.glob("*.jsonl")):
        source = path.stem.removeprefix("messages_")
        if source.startswith("posts") or source in UNREAD:
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            signs = wish_signs(bare_of(clean(row["text"])), words.read(row["text"]), words.lexicon)
            yield Lesson(source, signs, printed_intent(row["intent"]))


def _learn(lessons: list[Lesson], penalty: float) -> tuple[list[str], list[str], Weights]:
    """The things that may be meant, the signs, and the weight of each sign for each thing."""
    names = sorted({lesson.meant for lesson in lessons})
    seen = Counter(sign for lesson in lessons for sign in lesson.signs)
    signs = sorted(sign for sign, count in seen.items() if count >= _LEAST_SEEN)
    place = {sign: at for at, sign in enumerate(signs)}
    pairs = [
        (row, place[sign])
        for row, lesson in enumerate(lessons)
        for sign in sorted(lesson.signs)
        if sign in place
    ]
    rows, columns = np.array(pairs).T
    meant = np.eye(len(names))[[names.index(lesson.meant) for lesson in lessons]]
    weights = np.zeros((len(signs), len(names)))
    moved = np.full_like(weights, 1e-6)
    for _ in range(_ROUNDS):
        sums = np.stack([np.bincount(rows, each[columns], len(lessons)) for each in weights.T], 1)
        shares = np.exp(sums - sums.max(1, keepdims=True))
        off = shares / shares.sum(1, keepdims=True) - meant
        drawn = np.stack([np.bincount(columns, each[rows], len(signs)) for each in off.T], 1)
        slope = drawn + penalty * weights
        moved += slope * slope
        weights -= _STEP * slope / np.sqrt(moved)
    return names, signs, np.where(np.abs(weights) < _SMALLEST, 0.0, weights)


def _rows(kind: str, names: list[str], signs: list[str], weights: Weights) -> Iterator[str]:
    yield f"{kind}\t\t{' '.join(names)}\n"
    for sign, row in zip(signs, weights, strict=True):
        if cell := " ".join(f"{at}:{weight:.2f}" for at, weight in enumerate(row) if weight):
            yield f"{kind}\t{sign}\t{cell}\n"


def _unseen(lessons: list[Lesson], penalty: float) -> dict[str, float]:
    """For each set the share told right by what was learnt from the others."""
    told = {}
    for source in sorted({lesson.source for lesson in lessons}):
        names, signs, weights = _learn([lesson for lesson in lessons if lesson.source != source], penalty)
        place = {sign: at for at, sign in enumerate(signs)}
        asked = [lesson for lesson in lessons if lesson.source == source]
        right = [
            names[int(weights[[place[sign] for sign in lesson.signs if sign in place]].sum(0).argmax())]
            == lesson.meant
            for lesson in asked
        ]
        told[source] = round(sum(right) / len(right), 3)
    return told


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
