"""Measures the reading of messages on a judged set: intents, slots, and what becomes of offers and wants."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matching.doubts import is_doubtful
from matching.evaluate import BadJudgedSet
from matching.intent import printed_intent, understand
from matching.reading import Matcher
from matching.slots import SLOTS, slots_json
from matching.values import Understood

INTENTS = frozenset(
    "sell buy pest_report question price_query lookup alert_check done renew subscribe confirm deny stop resume help "
    "register other".split()
)
"""The intents that a judged message may have, as the commands print them."""

SECONDS_BY_A_PERSON = 40
_POSTS = frozenset({"sell", "buy"})


@dataclass(frozen=True, slots=True)
class Judged:
    """One judged message: weights in kg, prices in yuan per kg or counted unit."""

    id: str
    text: str
    intent: str
    slots: Mapping[str, str | float]


def load(path: Path) -> list[Judged]:
    """The lines of a set of messages. Raises BadJudgedSet, naming the line, where one is not as described."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadJudgedSet(
            f"cannot read {path}: {getattr(error, 'strerror', None) or 'not UTF-8 text'}"
        ) from error
    found: list[Judged] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(_judged(json.loads(line)))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise BadJudgedSet(
                    f"{path}, line {number}: not a judged message ({type(error).__name__}: {error})"
                ) from error
    if not found:
        raise BadJudgedSet(f"{path}: no judged messages in it")
    return found


def _judged(row: Mapping[str, Any]) -> Judged:
    intent, text, slots = row["intent"], row["text"], dict(row["slots"])
    if not isinstance(text, str):
        raise ValueError("text")
    if printed_intent(intent) not in INTENTS:
        raise ValueError(f"intent {intent}")
    if unknown := slots.keys() - set(SLOTS):
        raise ValueError(f"slots {sorted(unknown)}")
    return Judged(str(row["id"]), text, printed_intent(intent), slots)


def evaluate_messages(messages: list[Judged], matcher: Matcher | None = None) -> dict[str, Any]:
    """The figures of a set. Shares are of 1.

    `intents` is the share told right, `by_intent` right and all of each, `slots_f1` over all slots of all messages
    (exact; product, crop and pest resolved by the vocabulary, numbers within 1 %). `wrong_draft` and `asked_back` are
    shares of the messages that sell or buy: a draft read back, without asking, with another direction, product or form
    than meant (a draft made of any other message counts too), and those asked back. `to_a_person` is the share of all
    messages that a person must look at because they were not understood; at 40 s each they make
    `operator_minutes_per_1000`.
    """
    words = matcher or Matcher.default()
    right: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    fates: Counter[str] = Counter()
    hits = extra = missed = 0
    for message in messages:
        understood = understand(message.text, matcher=words)
        seen[message.intent] += 1
        right[message.intent] += printed_intent(understood.intent) == message.intent
        found = slots_json(understood)
        for name in message.slots.keys() | found.keys():
            gold, ours = message.slots.get(name), found.get(name)
            same = same_value(name, gold, ours, words, form=message.slots.get("form"))
            hits += same
            extra += not same and ours is not None
            missed += not same and gold is not None
        fates[fate_of(message, understood, words)] += 1
    trades = sum(seen[intent] for intent in _POSTS)
    passed = fates["person"] / len(messages)
    return {
        "messages": len(messages),
        "intents": round(sum(right.values()) / len(messages), 4),
        "by_intent": {intent: [right[intent], seen[intent]] for intent in sorted(seen)},
        "slots_f1": round(2 * hits / (2 * hits + extra + missed), 4) if hits else 0.0,
        "wrong_draft": round(fates["wrong"] / trades, 4) if trades else 0.0,
        "asked_back": round(fates["asked"] / trades, 4) if trades else 0.0,
        "to_a_person": round(passed, 4),
        "operator_minutes_per_1000": round(passed * 1000 * SECONDS_BY_A_PERSON / 60, 1),
    }


def same_value(name: str, gold: object, ours: object, matcher: Matcher, *, form: object = None) -> bool:
    """Whether a slot is as judged; names are compared as the vocabulary resolves them (eggs of ducks are 鸭蛋: `form` is
    the judged one), numbers within 1 %."""
    if isinstance(gold, str) and name in {"product", "crop"} and (sense := matcher.lexicon.resolve(gold)):
        gold = matcher.lexicon.canonical(sense.concept, str(form or sense.form or ""))
    if name == "pest":
        gold, ours = (matcher.lexicon.pest_words.get(str(each), each) for each in (gold, ours))
    if isinstance(gold, int | float) and isinstance(ours, int | float):
        return math.isclose(gold, ours, rel_tol=0.01)
    return gold == ours


def fate_of(message: Judged, understood: Understood, matcher: Matcher) -> str:
    """What becomes of a message: read (its draft is right, or it is no post), wrong (a wrong draft is read back),
    asked (asked back), or person (nobody but a person can tell)."""
    reading = understood.reading
    items = reading.items if reading else ()
    if understood.intent in _POSTS:
        if not items or reading is None:
            return "person"
        if is_doubtful(understood):
            return "asked"
        slots = message.slots
        fits = understood.intent == message.intent and all(
            same_value(name, slots.get(name), understood.slots.get(name), matcher, form=slots.get("form"))
            for name in ("product", "form")
        )
        return "read" if fits else "wrong"
    if understood.intent == "other":
        if is_doubtful(understood):
            return "asked"
        return "read" if understood.chat else "person"
    return "read"
