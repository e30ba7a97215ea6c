"""The things of a text: each product that is traded, with its form, its amount and its price."""

from __future__ import annotations

import re
from dataclasses import replace

from matching.lexicon import Lexicon
from matching.measures import Measure
from matching.quantities import fill_item, share_measures
from matching.spans import Span
from matching.values import Item

_MOST = 8
_SURE_GUESS = 0.5
_PLANTED = frozenset({"fruit", "nut", "veg", "cash"})
_GROWN = re.compile(
    r"[一每]?[棵株颗兜]\s?(?:有|重|大概)?[\d一二两三四五六七八九十半几]+(?:[来多到])?.{0,2}[斤两]|砍|收割|采收|[没未](?:有)?[摘采收]|包园|树上的?[还没]"
)
"""Heads of cabbage and the like are counted as plants are, and weighed."""
_ATTENDING = frozenset({"input", "land"})
_LIKE_INPUT = frozenset({"manure", "straw", "feed"})
_PARTICULAR = frozenset(
    "seedling seed young breed feed meat land part dried straw manure byproduct egg".split()
)


def read_items(
    said: str, spans: list[Span], measures: list[Measure], lexicon: Lexicon, *, guessed: bool
) -> list[Item]:
    """The things that are traded, at most eight. ``guessed`` says that their names were only heard."""
    lots = share_measures(said, spans, measures)
    items: list[Item] = []
    for span, own in zip(spans, lots, strict=True):
        counted = {measure.unit for measure in own if measure.kind == "qty"}
        form = span.form or _form_counted(span, counted, said, lexicon)
        item = item_of(said, span, lexicon, form=form)
        if guessed:
            item = replace(item, confidence=_SURE_GUESS)
        items.append(fill_item(item, own))
    return _without_attendants(_tidy(items, lexicon))


def item_of(said: str, span: Span, lexicon: Lexicon, *, form: str | None = None) -> Item:
    """A thing named, without its amounts; in its usual form where none is said."""
    form = form or span.form or lexicon.default_form(span.concept)
    concept = lexicon.canonical(span.concept, form)
    return Item(
        concept=concept,
        form=form,
        variety=span.variety,
        category=lexicon.category(concept),
        confidence=1.0 if span.sure else _SURE_GUESS,
        text=said[span.start : span.end],
        name=lexicon.label(concept, form, span.variety),
    )


def _form_counted(span: Span, counted: set[str | None], said: str, lexicon: Lexicon) -> str | None:
    """The form that a thing's counting unit tells: fruit by the 株 is a seedling, fish by the 尾 is young."""
    category = lexicon.category(span.concept)
    if category in _PLANTED and "株" in counted and not _GROWN.search(said):
        return "seedling"
    if span.concept == "玉米" and counted & {"根", "棒", "只", "穗", "个"}:
        return "fresh"
    if category == "tree" and counted & {"枝", "扎", "束", "支"}:
        return "fresh"
    return "young" if category == "aquatic" and "尾" in counted else None


def _tidy(items: list[Item], lexicon: Lexicon) -> list[Item]:
    """Items of the same product and form become one, unless they name different varieties or amounts; a bare
    product gives way to its form or its varieties named beside it."""
    tidied: list[Item] = []
    for item in items:
        for position, other in enumerate(tidied):
            if other.concept != item.concept:
                continue
            if other.form != item.form:
                if other.qty is not None and item.qty is not None and other.qty != item.qty:
                    continue
                if item.form in _PARTICULAR and (
                    other.qty in {None, item.qty} or other.form not in _PARTICULAR
                ):
                    tidied[position] = _merge(item, other, lexicon)
                    break
                if other.form in _PARTICULAR:
                    tidied[position] = _merge(other, item, lexicon)
                    break
                continue
            if other.variety and item.variety and other.variety != item.variety:
                continue
            tidied[position] = _merge(other, item, lexicon)
            break
        else:
            tidied.append(item)
    return tidied[:_MOST]


def _without_attendants(items: list[Item]) -> list[Item]:
    """No bag, vaccine or pond that is only told about the goods: it has no amount of its own but shares theirs."""
    goods = {
        (item.qty, item.unit, item.unit_price)
        for item in items
        if item.form not in _ATTENDING | _LIKE_INPUT and item.qty is not None
    }
    return [
        item
        for item in items
        if item.form not in _ATTENDING or (item.qty, item.unit, item.unit_price) not in goods
    ]


def _merge(item: Item, other: Item, lexicon: Lexicon) -> Item:
    """An item with what only the other says of variety, amount and price."""
    if other.variety and not item.variety:
        name = lexicon.label(item.concept, item.form, other.variety)
        item = replace(item, variety=other.variety, name=name)
    if item.qty is None and other.qty is not None:
        item = replace(item, qty=other.qty, unit=other.unit, qty_said=other.qty_said)
    if item.unit_price is None and other.unit_price is not None:
        item = replace(
            item, unit_price=other.unit_price, price_unit=other.price_unit, price_said=other.price_said
        )
    return item
