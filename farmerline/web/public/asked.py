"""What an address asks of the board. The same words ask it of the list, the feed and the wall sheet.

``kind`` (several), ``product``, ``form``, ``place`` (an area's code), ``far`` (how far round it: town, county, city, province, or
kilometres), ``low`` and ``high`` (yuan for a ``unit``), ``days``, ``q`` (words; read for a product and a place unless ``exact``),
``sort``, ``page``. What makes no sense is left aside.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from farmerline.domain import Session, areas
from farmerline.queries.board_filters import Sort, Wanted

DAYS = (1, 3, 10, 30)
RINGS = {"town": 9, "county": 6, "city": 4, "province": 2}
KILOMETRES = (10, 30, 100)
_LAST_PAGE = 500
_CODE = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}", re.ASCII)
_OLD_PLACE = re.compile(r"\d{6,12}", re.ASCII)
_PRICE = re.compile(r"\d{1,6}(\.\d{1,3})?", re.ASCII)
_ORDER = ("product", "form", "place", "far", "low", "high", "unit", "days", "q", "exact", "sort")


@dataclass(frozen=True, slots=True)
class Asked:
    """The conditions as the address names them, cleaned; ``own`` is the reader's village ("" for a stranger)."""

    kinds: tuple[str, ...]
    said: Mapping[str, str]
    own: str
    county: str
    page: int = 1

    @property
    def centre(self) -> str:
        """Where distances are counted from."""
        return self.said.get("place") or self.own or self.county

    @property
    def wanted(self) -> Wanted:
        said, ring = self.said, self.said.get("far", "")
        area = said.get("place", "")
        if ring in RINGS and len(self.centre) >= RINGS[ring]:
            area = self.centre[: RINGS[ring]]
        elif ring in map(str, KILOMETRES):
            area = ""
        return Wanted(
            kinds=self.kinds,
            product=said.get("product", ""),
            form=said.get("form", ""),
            area_code=area,
            centre=self.centre,
            km=int(ring) if ring.isdigit() else None,
            low=float(said["low"]) if "low" in said else None,
            high=float(said["high"]) if "high" in said else None,
            unit=said.get("unit", ""),
            days=int(said["days"]) if "days" in said else None,
            words=said.get("q", ""),
            sort=Sort(said.get("sort", Sort.NEWEST)),
            page=self.page,
        )

    def with_(self, **changes: str) -> Asked:
        """The same with something else said, "" for nothing; from the first page on."""
        said = {name: value for name, value in {**self.said, **changes}.items() if value}
        return replace(self, said=said, page=1)

    def without(self, *names: str) -> Asked:
        return replace(self.with_(**dict.fromkeys(names, "")), kinds=() if "kind" in names else self.kinds)

    def pairs(self, *left_out: str) -> list[tuple[str, str]]:
        """Names and values, as a form or an address holds them."""
        kinds = [("kind", kind) for kind in self.kinds if "kind" not in left_out]
        return kinds + [
            (name, self.said[name]) for name in _ORDER if name in self.said and name not in left_out
        ]

    def address(self, path: str = "/", **more: str) -> str:
        pairs = [*self.pairs(), *((name, value) for name, value in more.items() if value)]
        return f"{path}?{urlencode(pairs)}" if pairs else path


def parse(
    session: Session,
    args: MultiDict[str, str],
    *,
    kinds: Collection[str],
    forms: Collection[str],
    own: str,
    county: str,
) -> Asked:
    """What an address asks for."""
    said = {name: _line(args.get(name, "")) for name in _ORDER}
    far = said["far"]
    if own and far == "village":  # as addresses said it before there were distances
        said["place"], said["far"] = own, ""
    elif _OLD_PLACE.fullmatch(far):
        said["place"], said["far"] = far, ""
    elif far not in RINGS and far not in map(str, KILOMETRES):
        said["far"] = ""
    place = said["place"]
    if not _CODE.fullmatch(place) or areas.get(session, place) is None:
        said["place"] = ""
    for name in ("low", "high"):
        said[name] = _price(said[name])
    said["form"] = said["form"] if said["form"] in forms else ""
    said["days"] = said["days"] if said["days"] in map(str, DAYS) else ""
    said["sort"] = said["sort"] if said["sort"] in (Sort.NEAREST, Sort.CHEAPEST) else ""
    said["exact"] = "1" if said["exact"] and said["q"] else ""
    said["unit"] = said["unit"][:4]
    if not (said["low"] or said["high"] or said["sort"] == Sort.CHEAPEST):
        said["unit"] = ""
    return Asked(
        kinds=tuple(dict.fromkeys(code for code in args.getlist("kind") if code in kinds)),
        said={name: value for name, value in said.items() if value},
        own=own,
        county=county,
        page=_page(args.get("page", "")),
    )


def _line(text: str) -> str:
    """One line without control signs; a product is at most 100 signs, a question no more is looked at."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text[:400])
    return " ".join(plain.split())[:100]


def _price(text: str) -> str:
    said = unicodedata.normalize("NFKC", text).strip().removesuffix("元").replace(",", ".")
    return f"{float(said):g}" if _PRICE.fullmatch(said) else ""


def _page(text: str) -> int:
    whole = text.isascii() and text.isdigit() and 0 < len(text) < 5
    return min(max(int(text), 1), _LAST_PAGE) if whole else 1
