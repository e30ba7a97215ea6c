"""The slots of a message: what it says of product, amount, place, pest, crop, number and name."""

from __future__ import annotations

import re

from matching import acts
from matching.crops import crop_of
from matching.lexicon import Lexicon
from matching.reading import Matcher
from matching.replies import amount_only
from matching.values import Item, Reading, Understood

SLOTS = ("product", "form", "qty", "unit", "price", "place", "pest", "crop", "number", "name")
"""The slots in the order in which a command prints them."""

_PLACED = frozenset("sell buy pest_report price_query lookup subscribe question alert_check".split())
_NUMBER = re.compile(
    r"(?<![\d.])(\d{1,9})(?![\d.]|\s?(?:斤|公斤|吨|亩|元|块|毛|只|头|株|棵|天|个|号楼|月|周|年|年|日|吨|箱|袋|台|条(?!信息|消息)))"
)
_ALERT_NUMBER = re.compile(r"第?(\d{1,4})号")


def slots_json(understood: Understood) -> dict[str, str | float]:
    """The slots as a command prints them: product, form, qty, unit, price, place, pest, crop, number, name."""
    return {name: understood.slots[name] for name in SLOTS if name in understood.slots}


def slots_of(intent: str, bare: str, reading: Reading, lexicon: Lexicon) -> dict[str, str | float]:
    """What a message of this intent says, as far as the intent needs it."""
    slots: dict[str, str | float] = {}
    item = reading.items[0] if reading.items else None
    if item and intent in {"sell", "buy"}:
        slots = _of_item(item)
        slots["form"] = item.form
    elif item and intent in {"price_query", "lookup", "done", "renew", "subscribe", "unsubscribe"}:
        slots["product"] = item.concept
        if item.form != lexicon.default_form(item.concept):
            slots["form"] = item.form
    if intent == "done":
        told = amount_only(acts.part_told(bare)) if acts.part_told(bare) else item
        if told and told.qty is not None and told.unit:
            slots |= {"qty": told.qty, "unit": told.unit}
    if intent in {"pest_report", "question", "alert_check", "subscribe"} and reading.pest:
        slots["pest"] = _as_named(reading.pest, reading.crop, lexicon)
    if intent in {"pest_report", "question"} and (crop := crop_of(bare, reading, lexicon)):
        slots["crop"] = crop
    if reading.place_text and intent in _PLACED:
        slots["place"] = reading.place_text
    if reading.name and intent in {"sell", "buy", "pest_report"}:
        slots["name"] = reading.name
    if intent == "alert_check":
        found = acts.NUMBERED.search(bare) or _ALERT_NUMBER.search(bare)
        if found:
            slots["number"] = found[1]
    elif intent in {"renew", "done", "letter", "lookup"} and (number := _NUMBER.search(bare)):
        slots["number"] = number[1]
    return slots


def slots_of_correction(right: str, matcher: Matcher) -> tuple[dict[str, str | float], Reading]:
    """What stands in the words that correct a draft, and their reading."""
    fixed = matcher.read(right)
    item = fixed.items[0] if fixed.items else amount_only(right, unit_said=True)
    slots = _of_item(item) if item else {}
    if fixed.items and fixed.items[0].form != matcher.lexicon.default_form(fixed.items[0].concept):
        slots["form"] = fixed.items[0].form
    if fixed.place_text:
        slots["place"] = fixed.place_text
    return slots, fixed


def _of_item(item: Item) -> dict[str, str | float]:
    slots: dict[str, str | float] = {}
    if item.concept:
        slots["product"] = item.concept
    if item.qty is not None:
        slots["qty"] = item.qty
    if item.unit and item.qty is not None:
        slots["unit"] = item.unit
    if item.unit_price is not None:
        slots["price"] = round(item.unit_price, 4)
    return slots


def _as_named(pest: str, crop: str, lexicon: Lexicon) -> str:
    """A pest by its general name where its own begins with the crop's (草莓 · 白粉病)."""
    rest = pest.removeprefix(crop) if crop else pest
    return lexicon.pest_words.get(rest, pest) if rest != pest else pest
