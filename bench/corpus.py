"""Generated posts: every product and form of the vocabulary, all of China, about 200 shapes of sentence; by seed.

Which product a post is of follows Zipf's law over the whole vocabulary. A name (product, other name or variety, with or
without the word for a form) is used only where `matching.read` understands it by itself; what a post says is known because
it was made so, not because it was read back. `agreement` reads a sample of the texts and says how often that comes out.
"""

from __future__ import annotations

import hashlib
import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path

import matching
from bench import cuts, phrases
from bench.records import COLUMNS, TODAY, Post, rows

VERSION = "2"
"""Raised when generated posts change."""

CHUNK = 5_000
_DAYS = 60
_QUERIES = 1_000_000_000  # chunks of queries are numbered from here: never those of posts

_HEAPED = "kg"
_UNITS = {
    "seedling": ("株", "棵", 3.0), "young": ("只", "只", 120.0), "live": ("只", "只", 400.0), "breed": ("只", "只", 900.0),
    "machine": ("台", "台", 9000.0), "equipment": ("个", "个", 300.0), "part": ("个", "个", 80.0), "land": ("亩", "亩", 700.0),
    "service": ("亩", "亩", 70.0), "labour": ("人", "个", 200.0),
}  # fmt: skip
"""Form → unit of the store, unit as said, a middling price for one."""


@dataclass(frozen=True)
class Surface:
    """A way to say a product in a form, and what it means."""

    said: str
    concept: str
    form: str
    category: str
    variety: str


@dataclass(frozen=True)
class Market:
    """What there is to say: the products with their popularity, and the places."""

    products: tuple[str, ...]
    popularity: tuple[float, ...]
    places: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def lexicon_version() -> str:
    """Changes with the vocabulary, the gazetteer and the generator."""
    digest = hashlib.sha256(VERSION.encode())
    for path in sorted((Path(matching.__file__).parent / "data").glob("*.tsv")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@lru_cache(maxsize=1)
def market() -> Market:
    """All products and places; made once for each process."""
    products = sorted(matching.Lexicon.default().concepts)
    random.Random(12).shuffle(products)
    popularity = tuple(accumulate(1 / (rank + 2) for rank in range(len(products))))
    names = matching.Gazetteer.default()
    places = tuple(
        (code, said)
        for code in sorted(names.names)
        if len(code) == 6
        for place in (names.place(code),)
        for said in (f"{place.province}{place.city}{place.county}", f"{place.city}{place.county}", place.county)
        if said
    )  # fmt: skip
    return Market(tuple(products), popularity, places)


@cache
def _surfaces(product: str) -> tuple[Surface, ...]:
    """The ways to say a product that the reader understands by themselves."""
    lexicon = matching.Lexicon.default()
    concept = lexicon.concepts[product]
    names = dict.fromkeys((product, *concept.synonyms[:4], *list(concept.varieties or {})[:4]))
    behind: dict[str, list[str]] = {}
    for word in lexicon.suffixes:
        form = lexicon.form_by(lexicon.suffixes, word, product)
        if form and form != concept.form and len(behind.setdefault(form, [])) < (1 if form == "land" else 2):
            behind[form].append(word)
    said = [*names, *(product + word for words in behind.values() for word in words)]
    found = [
        (surface, item) for surface in said if (item := _understood(surface)) and item.concept == product
    ]
    return tuple(
        Surface(surface, product, item.form, item.category, item.variety or "") for surface, item in found
    ) or (Surface(product, product, concept.form, concept.category, ""),)


def _understood(surface: str) -> matching.Item | None:
    """What a name alone means to the reader; None where it is unsure, or stumbles."""
    try:
        reading = matching.read(f"出售{surface}")
    except IndexError:
        return None
    sure = reading.direction == "supply" and len(reading.items) == 1 and reading.items[0].confidence == 1
    return reading.items[0] if sure else None


def posts(count: int, seed: int, *, first: int = 0) -> Iterator[Post]:
    """So many posts, always the same for a seed. Chunks of them are made side by side where there are several cores."""
    chunks = [(seed, first + at, min(CHUNK, count - at)) for at in range(0, count, CHUNK)]
    if len(chunks) < 4:
        for chunk in chunks:
            yield from _chunk(chunk)
        return
    with get_context("spawn").Pool(len(os.sched_getaffinity(0))) as pool:
        for made in pool.imap(_chunk, chunks):
            yield from made


def queries(count: int, seed: int) -> list[Post]:
    """Posts that look for others, of the same making but none of the stored ones."""
    return list(posts(count, seed, first=_QUERIES))


def _chunk(wanted: tuple[int, int, int]) -> list[Post]:
    seed, first, count = wanted
    chance = random.Random(f"{seed}/{first}")
    return [_post(first + at, chance) for at in range(count)]


def _post(number: int, chance: random.Random) -> Post:
    sold = market()
    surfaces = _surfaces(chance.choices(sold.products, cum_weights=sold.popularity)[0])
    thing = surfaces[0] if chance.random() < 0.5 else chance.choice(surfaces)
    direction = "supply" if chance.random() < 0.55 else "demand"
    code, place = chance.choice(sold.places)
    qty, unit, qty_said, qty_kept = _amount(thing, chance)
    price, price_unit, price_said, price_kept = _price(thing, chance)
    text = phrases.sentence(
        direction, thing.said, qty_said, price_said, place if chance.random() < 0.85 else "", chance
    )
    return Post(
        number=number, text=text, direction=direction, concept=thing.concept, form=thing.form, category=thing.category,
        variety=thing.variety, name=thing.said, qty=qty, unit=unit, unit_price=price, price_unit=price_unit, said_qty=qty_kept,
        said_price=price_kept, area=code, day=TODAY - int(_DAYS * chance.random() ** 1.5),
        tokens=" ".join(cuts.cut(text)),
    )  # fmt: skip


def _amount(thing: Surface, chance: random.Random) -> tuple[float | None, str | None, str, str]:
    """The amount for the store, its unit, as said in the text, as kept for reading back; nothing in one of five."""
    if chance.random() < 0.2:
        return None, None, "", ""
    figure = chance.randint(1, 9) * 10 ** chance.randint(1, 4)
    if thing.form in _UNITS:
        unit, said, _ = _UNITS[thing.form]
        figure = max(1, figure // 100) if thing.form in {"machine", "land", "breed", "labour"} else figure
        return float(figure), unit, phrases.number(figure, chance) + said, f"{figure}{said}"
    if figure >= 20_000 and chance.random() < 0.5:
        return float(figure // 2), _HEAPED, f"{figure // 2000}吨", f"{figure // 2000}吨"
    return figure / 2, _HEAPED, phrases.number(figure, chance) + "斤", f"{figure}斤"


def _price(thing: Surface, chance: random.Random) -> tuple[float | None, str | None, str, str]:
    """The price in yuan for one unit of the store, and as said; nothing in two of five. A product has its own level."""
    if chance.random() < 0.4:
        return None, None, "", ""
    level = sum(map(ord, thing.concept)) % 100 / 10 + 0.6
    if thing.form in _UNITS:
        unit, said, middling = _UNITS[thing.form]
        yuan = max(1, round(middling * level / 5 * chance.uniform(0.7, 1.4)))
        return float(yuan), unit, f"{yuan}元一{said}", f"{yuan}元/{said}"
    tenths = max(3, round(10 * level * chance.uniform(0.7, 1.4)))
    return tenths / 5, _HEAPED, phrases.price(tenths, chance), f"{tenths / 10:g}元/斤"


def stored(folder: Path, count: int, seed: int, tick: Callable[[int], None]) -> Path:
    """The file that holds so many posts, made now unless it is there."""
    path = folder / f"corpus-{lexicon_version()}-{seed}-{count}.db"
    if path.exists():
        tick(count)
        return path
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.unlink(missing_ok=True)
    connection = sqlite3.connect(draft)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute(f"CREATE TABLE post ({COLUMNS.replace('number', 'number INTEGER PRIMARY KEY')})")
    insert = f"INSERT INTO post ({COLUMNS}) VALUES ({', '.join('?' * len(Post._fields))})"
    group: list[Post] = []
    for post in posts(count, seed):
        group.append(post)
        if len(group) == CHUNK:
            connection.executemany(insert, group)
            tick(len(group))
            group = []
    connection.executemany(insert, group)
    tick(len(group))
    connection.commit()
    connection.close()
    draft.replace(path)
    return path


def agreement(path: Path, sample: int) -> dict[str, float]:
    """Of the first so many texts: the share that `matching.read` reads as they were meant."""
    right = {"direction": 0, "product_and_form": 0, "amount": 0, "price": 0}
    read = 0
    for post in rows(path):
        if read == sample:
            break
        read += 1
        reading = matching.read(post.text)
        item = reading.items[0] if reading.items else None
        right["direction"] += reading.direction == post.direction
        right["product_and_form"] += item is not None and (item.concept, item.form) == (
            post.concept,
            post.form,
        )
        right["amount"] += item is not None and item.qty == post.qty
        right["price"] += item is not None and _same(item.unit_price, post.unit_price)
    return {"texts": read, **{name: round(count / max(1, read), 3) for name, count in right.items()}}


def _same(one: float | None, other: float | None) -> bool:
    return one == other if one is None or other is None else abs(one - other) < 0.001
