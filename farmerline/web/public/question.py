"""Words typed into the board's search: the matcher reads a product and a place in them, the rest is looked for as it stands."""

from __future__ import annotations

import re

from farmerline.domain import Session, Understood, areas
from farmerline.queries import search
from farmerline.web.public.asked import Asked

_SURE = 0.6
_SIDES = {
    "supply": re.compile("谁卖|谁有|哪里有|有人卖|供应|出售"),
    "demand": re.compile("谁收|谁要|有人收|有人买|求购|收购"),
}
_SUFFIX = "(?:省|市|区|县|镇|乡|街道|村)?"
_EDGES = re.compile("^(?:谁[卖有收要]|哪里有|有人[卖买收]|供应|出售|求购|收购|[卖买收要求找有的])+")
"""What leads up to a thing and does not tell which."""
_MOST_WORDS = 4


def read(session: Session, asked: Asked, understood: Understood) -> Asked:
    """The same question with what was read in its words as conditions of their own; as it is where nothing was read."""
    reading = understood.reading
    if reading is None or not reading.text:
        return asked
    rest, found = reading.text, {}
    item = next((one for one in reading.items if one.confidence >= _SURE), None)
    if item is not None:
        found["product"] = "·".join(part for part in (item.concept, item.form, item.variety) if part)
        for one in reading.items:
            rest = rest.replace(one.text, " ") if one.text else rest
    code = reading.place.code if reading.place is not None else ""
    if code and areas.get(session, code) is not None:
        found["place"] = code
        rest = _without_place(session, rest, code, reading.place_text)
    else:
        for word in rest.split()[:_MOST_WORDS]:
            if code := _only_place(session, word, asked.county):
                found["place"] = code
                rest = rest.replace(word, " ", 1)
                break
    side = next((side for side, said in _SIDES.items() if said.search(rest)), "")
    if not found and not side:
        return asked
    changed = asked.with_(**{"form": "", **found}) if "product" in found else asked.with_(**found)
    if "place" in found and "far" in asked.said and "place" not in asked.said:
        changed = changed.without("far")
    words = " ".join(_EDGES.sub("", word) for word in rest.split() if search.particular(word))
    return Asked(
        kinds=(side,) if side else asked.kinds,
        said={**changed.without("q", "exact").said, **({"q": words, "exact": "1"} if words else {})},
        own=asked.own,
        county=asked.county,
        page=asked.page,
    )


def _without_place(session: Session, words: str, code: str, said: str) -> str:
    """The words without the name of a place, as it was said, and without the names of those round it."""
    round_it = [area.name for part in areas.prefixes(code) if (area := areas.get(session, part)) is not None]
    for name in [said, *round_it, *(re.sub(f"{_SUFFIX}$", "", name) for name in round_it)]:
        if len(name) > 1:
            words = re.sub(re.escape(name) + _SUFFIX, " ", words)
    return words


def _only_place(session: Session, word: str, county: str) -> str:
    """The one place of the county that is called so (杨高, 杨高村, 龙山); "" where none or several are."""
    if len(word) < 2:
        return ""
    found = [
        area
        for area in areas.search(session, word, within=county, limit=3)
        if area.name.startswith(word) and len(area.code) > len(county)
    ]
    return found[0].code if len(found) == 1 else ""
