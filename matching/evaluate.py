"""Measures the matcher on a judged set: see docs/matching.md for its format."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matching.reading import Matcher
from matching.score import rank
from matching.values import Offer, Reading

_DEPTH = 10
_LEAST_PER_TAG = 10


class BadJudgedSet(ValueError):
    """A judged set that cannot be read; its message is one line for the person who gave it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One line of a judged set."""

    id: str
    direction: str
    text: str
    items: tuple[Mapping[str, Any], ...]
    area: Mapping[str, str]
    tags: tuple[str, ...]
    day: int | None
    grades: Mapping[str, float] = field(default_factory=dict)


def load(path: Path) -> list[Judged]:
    """The lines of a judged set. Raises BadJudgedSet, naming the line, where one is not as described."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadJudgedSet(
            f"cannot read {path}: {getattr(error, 'strerror', None) or 'not UTF-8 text'}"
        ) from error
    posts: list[Judged] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            posts.append(_judged(json.loads(line)))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadJudgedSet(
                f"{path}, line {number}: not a judged post ({type(error).__name__}: {error})"
            ) from error
    if not posts:
        raise BadJudgedSet(f"{path}: no judged posts in it")
    return posts


def _judged(row: Mapping[str, Any]) -> Judged:
    day = row.get("date")
    return Judged(
        id=str(row["id"]),
        direction=str(row["direction"]),
        text=str(row["text"]),
        items=tuple(dict(item) for item in row.get("items") or ()),
        area={name: str(value) for name, value in (row.get("area") or {}).items() if value},
        tags=tuple(row.get("tags") or ()),
        day=dt.date.fromisoformat(day).toordinal() if day else None,
        grades={str(other): float(grade) for other, grade in (row.get("judgements") or {}).items()},
    )


def offers_of(post: Judged, reading: Reading, code: str) -> list[Offer]:
    """The offers our own reading makes of a post."""
    return [
        Offer(
            id=post.id, direction=reading.direction, concept=item.concept, form=item.form, variety=item.variety,
            qty=item.qty, unit=item.unit, unit_price=item.unit_price, price_unit=item.price_unit, area=code, day=post.day,
        )
        for item in reading.items
    ]  # fmt: skip


def search(wanted: list[Offer], pool: Mapping[str, list[Offer]], own: str) -> list[str]:
    """The ids of the posts that answer any of the offers, best first."""
    best: dict[str, float] = {}
    for position, offer in enumerate(wanted):
        candidates = [other for other in pool.get(offer.concept, ()) if other.id != own]
        for found in rank(offer, candidates, limit=50, today=offer.day):
            value = found.value * (1.0 if position == 0 else 0.97)
            if value > best.get(found.offer.id, 0.0):
                best[found.offer.id] = value
    return [name for name, _value in sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))]


def _gain(grades: Iterable[float]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


@dataclass(frozen=True, slots=True)
class Read:
    """A judged post as it was read: what it offers or asks for, and where."""

    reading: Reading
    offers: tuple[Offer, ...]


def read_all(posts: Iterable[Judged], matcher: Matcher | None = None) -> dict[str, Read]:
    """Each post's own reading, by its id: of its text, its day and the place its poster is registered in."""
    words = matcher or Matcher.default()
    read: dict[str, Read] = {}
    for post in posts:
        code = words.gazetteer.code_of(
            **{part: post.area.get(part, "") for part in ("province", "city", "county")}
        )
        area = words.gazetteer.place(code) if code else None
        reading = words.read(post.text, area=area)
        where = code or (reading.place.code if reading.place else "")
        offers = offers_of(post, reading, where) if reading.direction != "none" else []
        read[post.id] = Read(reading, tuple(offers))
    return read


def pooled(read: Mapping[str, Read]) -> dict[str, list[Offer]]:
    """All offers by their product."""
    pool: dict[str, list[Offer]] = {}
    for one in read.values():
        for offer in one.offers:
            pool.setdefault(offer.concept, []).append(offer)
    return pool


def evaluate(posts: list[Judged], matcher: Matcher | None = None) -> dict[str, Any]:
    """The figures of a judged set: each supply or demand post searches all others."""
    words = matcher or Matcher.default()
    read = read_all(posts, words)
    pool = pooled(read)
    figures = measure(posts, lambda post: search(list(read[post.id].offers), pool, post.id))
    offered = [post for post in posts if post.items and post.direction != "none"]
    tags, unanswered = figures.pop("by_tag"), figures.pop("no_answer_answered")
    return figures | {
        "direction_accuracy": _mean(
            [float(read[post.id].reading.direction == post.direction) for post in posts]
        ),
        "item_accuracy": _mean([float(same_item(post, read[post.id].reading, words)) for post in offered]),
        "no_answer_answered": unanswered,
        "by_tag": tags,
    }


def measure(posts: list[Judged], find: Callable[[Judged], list[str]]) -> dict[str, Any]:
    """How well a way of searching ranks: `find` gives the ids of the posts that answer one, best first."""
    ndcg: list[float] = []
    recall: list[float] = []
    first: list[float] = []
    by_tag: dict[str, list[float]] = {}
    unanswerable = answered = 0
    for post in posts:
        found = find(post)
        grades = {other: grade for other, grade in post.grades.items() if grade > 0}
        if post.direction == "none" or not grades:
            unanswerable += 1
            answered += bool(found)
            continue
        gained = [grades.get(other, 0.0) for other in found[:_DEPTH]]
        value = _gain(gained) / _gain(sorted(grades.values(), reverse=True)[:_DEPTH])
        ndcg.append(value)
        recall.append(sum(grade > 0 for grade in gained) / len(grades))
        if max(grades.values()) >= 2:
            first.append(float(bool(gained) and gained[0] >= 2))
        for tag in post.tags:
            by_tag.setdefault(tag, []).append(value)
    return {
        "queries": len(ndcg),
        "ndcg10": _mean(ndcg),
        "p1": _mean(first),
        "recall10": _mean(recall),
        "no_answer_answered": round(answered / unanswerable, 4) if unanswerable else 0.0,
        "by_tag": {
            tag: _mean(values) for tag, values in sorted(by_tag.items()) if len(values) >= _LEAST_PER_TAG
        },
    }


def same_item(post: Judged, reading: Reading, matcher: Matcher) -> bool:
    """Whether the first item's product and form are as judged; the judged name is read through our vocabulary."""
    if not reading.items:
        return False
    gold = post.items[0]
    sense = matcher.lexicon.resolve(str(gold.get("concept", "")))
    if sense is None:
        named = matcher.read(str(gold.get("concept", ""))).items
        concept = named[0].concept if named else gold.get("concept")
    else:
        concept = sense.concept
    item = reading.items[0]
    form = str(gold.get("form"))
    return bool(item.concept == matcher.lexicon.canonical(str(concept), form) and item.form == form)


def _mean(values: list[float]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0
