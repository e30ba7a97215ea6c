"""Which quantity and which price belong to which item, and what an unspoken unit means."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from matching.measures import Measure, canonical
from matching.numerals import show_number
from matching.spans import Span
from matching.values import Item

_ANIMALS = {"livestock", "poultry"}
_CROPS = {"fruit", "veg", "grain", "cash", "herb", "nut"}
"""What is also sold by the field it stands on."""
_UNIT_OF = {
    "machine": "台",
    "land": "亩",
    "service": "亩",
    "labour": "天",
    "tree": "株",
    "equipment": "个",
    "input": "个",
}
_JOIN = re.compile(r"^[\s、和跟与及/+&,或]*(?:以及|还有|或者)?[\s、]*$")


def share_measures(said: str, spans: list[Span], measures: list[Measure]) -> list[list[Measure]]:
    """Each span's own measures. What follows a list of spans belongs to every member of the list."""
    if not spans:
        return []
    groups: list[list[int]] = []
    for position, span in enumerate(spans):
        gap = said[spans[position - 1].end : span.start] if position else "|"
        if position and _JOIN.match(gap):
            groups[-1].append(position)
        else:
            groups.append([position])
    lots: list[list[Measure]] = [[] for _ in spans]
    for measure in measures:
        touched = next(
            (
                i
                for i, span in enumerate(spans)
                if 0 <= span.start - measure.end <= 1 and said[measure.end : span.start].strip("的 ") == ""
            ),
            None,
        )
        behind = any(
            measure.start - span.end <= 1 and said[span.end : measure.start].strip() == ""
            for span in spans
            if span.end <= measure.start
        )
        if (
            touched is not None
            and measure.kind == "qty"
            and not (behind and said[measure.end : spans[touched].start] == " ")
        ):
            lots[touched].append(measure)
            continue
        chosen = groups[0]
        for group in groups:
            if spans[group[0]].start <= measure.start:
                chosen = group
        inside = [position for position in chosen if spans[position].start <= measure.start]
        owners = chosen if not inside or inside[-1] == chosen[-1] else [inside[-1]]
        for position in owners:
            lots[position].append(measure)
    filled = [lot for lot in lots if lot]
    if len(filled) == 1 and len(spans) > 1:
        lots = [list(filled[0]) for _ in lots]
    return lots


def fill_item(item: Item, measures: list[Measure]) -> Item:
    """The item with the quantity and price its measures give it."""
    if not measures and item.form != "machine":
        return item
    counted = [measure for measure in measures if measure.kind == "qty"]
    quantity = _choose_quantity(item, counted) or (
        _choose_quantity(item, [m for m in measures if m.kind == "pack"])
        if not counted and item.category not in _ANIMALS
        else None
    )
    amount: dict[str, Any] = {}
    if quantity:
        unit = _own_unit(item, quantity.unit)
        amount = {"qty": quantity.value, "unit": unit, "qty_said": quantity.said}
    elif item.category == "machine" and item.form == "machine":
        amount = {"qty": 1.0, "unit": "台", "qty_said": "1台"}
    prices = [measure for measure in measures if measure.kind == "price"]
    price = max(prices, key=_value) if item.form == "machine" and prices else next(iter(prices), None)
    if price:
        amount |= _priced(item, price, quantity)
    return replace(item, **amount) if amount else item


def _own_unit(item: Item, unit: str | None) -> str | None:
    """The unit a thing is counted in where people say 个 or 根: seedlings by 株, animals by 头 or 只, workers by 人."""
    if item.form == "seedling" and unit in {"条", "根", "个", "颗"}:
        return "株"
    if unit == "个" and item.form in {"live", "young", "breed"} and item.category in _ANIMALS:
        return _head(item)
    if unit in {"个", "名", "位"} and item.form == "labour":
        return "人"
    return unit


def _value(measure: Measure) -> float:
    return measure.value


def _head(animal: Item) -> str:
    return "头" if animal.category == "livestock" else "只"


def _choose_quantity(item: Item, counted: list[Measure]) -> Measure | None:
    many = {measure.unit for measure in counted if measure.value > 1}
    counted = [measure for measure in counted if measure.value != 1 or measure.unit not in many]
    weights = [measure for measure in counted if measure.unit == "kg"]
    others = [measure for measure in counted if measure.unit != "kg"]
    if item.category == "land" or item.form == "land" or item.category == "service":
        areas = [measure for measure in others if measure.unit in {"亩", "垧"}]
        return next(iter(areas or [measure for measure in counted if measure.unit not in {"台", "辆"}]), None)
    goods = [measure for measure in others if measure.unit not in {"亩", "垧", "天", "人", "名", "位", "家"}]
    if item.category == "labour":
        return next(iter(others), None)
    if item.category in _ANIMALS and item.form in {"live", "young", "breed"}:
        heads = [
            measure
            for measure in goods
            if measure.unit in {"只", "头", "匹", "条", "组", "个", "羽", "对", "窝", "群", "峰"}
        ]
        return next(iter(heads or weights or goods), None)
    if item.form == "machine":
        return next(iter(goods), None)
    if item.form in {"seedling", "equipment", "part"} or item.category in {"machine", "equipment", "tree"}:
        return next(iter(goods or weights), None)
    return next(iter(weights or goods or (others if item.category in _CROPS else ())), None)


def _priced(item: Item, price: Measure, quantity: Measure | None) -> dict[str, Any]:
    if price.unit is not None:
        unit = _own_unit(item, price.unit)
        return {"unit_price": price.value, "price_unit": unit, "price_said": price.said}
    spoken = _unspoken_unit(item, price.value, quantity)
    unit, factor = canonical(spoken)
    said = f"{show_number(price.value)}元/{spoken}"
    return {"unit_price": round(price.value / factor, 6), "price_unit": unit, "price_said": said}


def _unspoken_unit(item: Item, value: float, quantity: Measure | None) -> str:
    if item.category == "livestock" and item.form == "live" and value < 80:
        return "斤"
    if item.category == "poultry" and item.form == "live" and value < 15:
        return "斤"
    if item.category in _ANIMALS and not quantity and item.form in {"live", "breed", "young"} and value >= 25:
        return _head(item)
    if item.category == "machine" and item.form == "machine":
        return "台"
    if quantity and quantity.unit != "kg":
        return quantity.spoken_unit
    if quantity and quantity.spoken_unit == "吨":
        return "斤" if value < 80 else "吨"
    if quantity:
        return quantity.spoken_unit
    if item.form == "seedling":
        return "株"
    if item.form in {"young", "breed"} and item.category in _ANIMALS:
        return _head(item)
    if item.category in _UNIT_OF:
        return _UNIT_OF[item.category]
    return (
        "吨" if value >= 300 and item.form in {"grain", "feed", "manure", "straw", "input", "fresh"} else "斤"
    )
