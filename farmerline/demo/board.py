"""What the made-up people of the demo county wrote in the last thirty days: posts for the board, letters
between them.

The texts are our own, in ``posts.tsv`` (who, product, text) and ``letters.tsv`` (from, to, line answered,
days ago, subject, body). Nothing here sells vine seedlings or trellises, 翠冠 pears or cabbage: those belong
to the stories.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from farmerline.demo.people import CAST, Person, people
from farmerline.places import read_vendored, short_name

DAYS = 30
RESERVED = ("葡萄苗", "葡萄架", "巨峰", "翠冠", "包菜", "甘蓝", "卷心菜")
_FOLDER = Path(__file__).parent
_SEED = 20


@dataclass(frozen=True, slots=True)
class BoardPost:
    """A farmer's words. ``author`` is the place of the writer in ``people()``.

    Written ``days`` (1 to 30) days before the present, at ``minute`` of that day (local time, 6:00 to 20:00),
    by ``channel`` (sms, web, voice, contact).
    """

    author: int
    days: int
    minute: int
    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter; ``sender`` and ``reader`` are places in ``people()``, ``answers`` a place in
    ``letters()`` or None.
    """

    sender: int
    reader: int
    answers: int | None
    days: int
    subject: str
    body: str


@cache
def posts() -> tuple[BoardPost, ...]:
    """About 200 posts, the oldest first; the same on every run."""
    chance = random.Random(_SEED)
    lines = _lines("posts.tsv")
    chance.shuffle(lines)
    villages = {row.code: short_name(row.name) for row in read_vendored("330282")}
    written: dict[int, int] = {}
    found: list[BoardPost] = []
    for place, (who, product, text) in enumerate(lines):
        author = _author(who, product, text, written, chance)
        written[author] = written.get(author, 0) + 1
        writer = people()[author]
        found.append(
            BoardPost(
                author,
                DAYS - place * DAYS // len(lines),
                chance.randint(6 * 60, 20 * 60),
                _channel(writer, chance),
                text.format(village=villages[writer.place]) if "{village}" in text else text,
            )
        )
    return tuple(sorted(found, key=lambda post: (-post.days, post.minute)))


@cache
def letters() -> tuple[Letter, ...]:
    """The letters in the order they were written."""
    place_of = {person.key: place for place, person in enumerate(people())}
    return tuple(
        Letter(
            place_of[sender],
            place_of[reader],
            int(answers) - 1 if answers else None,
            int(days),
            subject,
            body,
        )
        for sender, reader, answers, days, subject, body in _lines("letters.tsv")
    )


def _author(who: str, product: str, text: str, written: dict[int, int], chance: random.Random) -> int:
    """Somebody who would write this, preferably one who has written least; never one of the cast."""
    able = [place for place, person in enumerate(people()) if _may_write(person, who, product, text)]
    least = min(written.get(place, 0) for place in able)
    return chance.choice([place for place in able if written.get(place, 0) == least])


def _may_write(person: Person, who: str, product: str, text: str) -> bool:
    if person.state != "verified" or person.role != "farmer":
        return False
    if text.startswith("上海"):
        return person.key == "shanghai-buyer"
    if text.startswith("广东"):
        return person.key == "guangdong-buyer"
    if person in CAST or person.household or (len(person.place) != 12 and who != "buyer"):
        return False
    if who == "farmer":
        return "farmer" in person.kinds
    wanted = "buyer" if who == "buyer" else "farmer"
    return wanted in person.kinds and product in person.crops


def _channel(writer: Person, chance: random.Random) -> str:
    """Mostly the phone; a voice user's words were written down, and contact points write for a few others."""
    if writer.channel == "mailbox":
        return "web"
    return chance.choices((writer.channel, "contact"), (85, 15))[0]


def _lines(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines() if line]
