"""What is offered and wanted now: categories, products and their forms, each with how many open posts name it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from farmerline.models import PostItem
from matching import Lexicon

ITEM_LIVE = text("post_item.live")
"""In these words the database uses the indexes of live items."""

SEPARATOR = "·"
_MOST_ADDED = 100


@dataclass(frozen=True, slots=True)
class Product:
    """A product in one form, with how many open posts name it. ``keys`` are what its items are stored under."""

    concept: str
    form: str
    category: str
    count: int
    keys: tuple[str, ...]

    @property
    def name(self) -> str:
        """What people call it: 葡萄苗."""
        return Lexicon.default().label(self.concept, self.form)

    @property
    def value(self) -> str:
        return f"{self.concept}{SEPARATOR}{self.form}"


def products(session: Session) -> list[Product]:
    """What open posts name now, the most frequent first."""
    counting = (
        select(PostItem.key, func.count(PostItem.post_id.distinct())).where(ITEM_LIVE).group_by(PostItem.key)
    )
    found: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for key, count in session.execute(counting).tuples():
        concept, _dot, rest = key.partition(SEPARATOR)
        found.setdefault((concept, rest.partition(SEPARATOR)[0]), []).append((key, count))
    words = Lexicon.default()
    strange = {concept: rows[0][0] for (concept, _form), rows in found.items() if not words.category(concept)}
    added = {concept: _category(session, key) for concept, key in islice(strange.items(), _MOST_ADDED)}
    made = [
        Product(
            concept=concept,
            form=form,
            category=words.category(concept) or added.get(concept) or "other",
            count=sum(count for _key, count in rows),
            keys=tuple(sorted(key for key, _count in rows)),
        )
        for (concept, form), rows in found.items()
    ]
    return sorted(made, key=lambda product: (-product.count, product.value))


def chosen(tree: Iterable[Product], product: str, form: str = "") -> list[Product]:
    """The products that a choice means: a category, a concept, ``concept·form``, ``concept·form·variety``; and a form of
    them, "" for any."""
    concept, _dot, rest = product.partition(SEPARATOR)
    wanted = rest.partition(SEPARATOR)[0] or form
    return [
        one
        for one in tree
        if (not concept or concept in (one.concept, one.category)) and (not wanted or one.form == wanted)
    ]


def variety(product: str) -> str:
    """The variety in ``concept·form·variety``; "" where none is chosen."""
    return (*product.split(SEPARATOR, 2), "", "")[2]


def name(tree: Sequence[Product], product: str) -> str:
    """What people call a choice: 葡萄, 葡萄苗, 巨峰葡萄苗; a category's own code."""
    concept, _dot, rest = product.partition(SEPARATOR)
    form = rest.partition(SEPARATOR)[0]
    if not form:
        return concept
    return Lexicon.default().label(concept, form, variety(product) or None)


def _category(session: Session, key: str) -> str:
    """Of a product that an editor added: the category that an item of it was given."""
    item = select(PostItem.category).where(ITEM_LIVE, PostItem.key == key).limit(1)
    return session.scalar(item) or ""
