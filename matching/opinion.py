"""A second opinion, learnt from judged texts and knowing no rule: which side a text sounds like, and which form of goods.

Where it and the rules agree, strangers' texts were read wrongly far less often than where they do not; see docs/matching.md.
`./run bench opinion` learns its table anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import exp
from operator import add
from typing import cast

from matching.direction import MASK
from matching.lexicon import read_rows
from matching.values import Direction, Item

_GOODS, _NUMBER = "G", "9"
_PLAIN = str.maketrans(
    {MASK: _GOODS}
    | dict.fromkeys("0123456789.一二两三四五六七八九十百千万半几", _NUMBER)
    | dict.fromkeys(",。;!、:", " ")
)


class Opinion:
    """Two tables of weights, for sides and for forms: how much each sign, pair of signs and fact speaks for what."""

    def __init__(self, rows: Iterable[Sequence[str]]) -> None:
        self._names: dict[str, tuple[str, ...]] = {}
        self._weights: dict[str, dict[str, tuple[float, ...]]] = {}
        for kind, sign, cell in rows:
            if not sign:
                self._names[kind] = tuple(cell.split())
                self._weights[kind] = {}
                continue
            row = [0.0] * len(self._names[kind])
            for place, weight in (pair.split(":") for pair in cell.split()):
                row[int(place)] = float(weight)
            self._weights[kind][sign] = tuple(row)

    @classmethod
    @lru_cache(maxsize=1)
    def default(cls) -> Opinion:
        """The shipped one."""
        return cls(read_rows("opinion.tsv"))

    def sides(self, masked: str, items: Sequence[Item], verb: str = "") -> dict[Direction, float]:
        """How likely each direction is, by a text whose goods are masked, what was read of them and its first verb of trade
        ("" for none); they make 1."""
        return cast("dict[Direction, float]", self._weigh("side", side_signs(masked, items, verb)))

    def forms(self, text: str, item: Item, usual: str) -> dict[str, float]:
        """How likely each form is for a thing of a text, whose ``usual`` form is the one traded when nothing is said."""
        return self._weigh("form", form_signs(text, item, usual))

    def wishes(self, signs: set[str]) -> dict[str, float]:
        """How likely each wish is by what speaks for it (`matching.hunch`)."""
        return self._weigh("wish", signs)

    def _weigh(self, kind: str, signs: set[str]) -> dict[str, float]:
        names, weights = self._names[kind], self._weights[kind]
        rows = [row for row in map(weights.get, signs) if row]
        shares = [exp(sum(column)) for column in zip(*rows, strict=True)] or [1.0] * len(names)
        whole = sum(shares)
        return {name: share / whole for name, share in zip(names, shares, strict=True)}


def side_signs(masked: str, items: Sequence[Item], verb: str) -> set[str]:
    """What speaks for a side."""
    signs = signs_of(masked)
    signs |= {f"V={verb}", f"V={verb[:1]}"}
    if items:
        first = items[0]
        signs |= {f"F={first.form}", f"C={first.category}"}
        signs |= {"P" if first.unit_price is not None else "P-", "Q" if first.qty is not None else "Q-"}
    return signs


def form_signs(text: str, item: Item, usual: str) -> set[str]:
    """What speaks for a form."""
    return signs_of(text) | {f"U={usual}", f"C={item.category}", f"N={item.unit or ''}"}


def signs_of(text: str) -> set[str]:
    """The signs of a text and its pairs of signs; all figures, all signs of goods and all stops are alike."""
    plain = f"^{text.translate(_PLAIN)}$"
    return {"B", *plain, *map(add, plain, plain[1:])}
