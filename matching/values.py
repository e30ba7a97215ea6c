"""The values that cross the library's border: frozen, without behaviour beyond what they mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["supply", "demand", "none"]

INTENTS = (
    "sell", "buy", "pest_report", "question", "price_query", "lookup", "alert_check", "done", "renew",
    "subscribe", "unsubscribe", "confirm", "deny", "list_only", "stop", "resume", "help", "register",
    "letter", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A place by name, from the province down; `code` is the longest code known (2, 4, 6, 9 or 12 digits)."""

    province: str = ""
    city: str = ""
    county: str = ""
    town: str = ""
    village: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing offered or wanted.

    `qty` is in kg, or in `unit` where the thing is counted; `unit_price` is yuan per `price_unit` ("kg" or a
    counting unit). `qty_said` and `price_said` keep the speaker's own words in figures (3000斤, 1.8元/斤).
    `confidence` is 0 to 1; below 0.6 the product was guessed from its sound and must be asked back.
    """

    concept: str
    form: str
    variety: str | None = None
    qty: float | None = None
    unit: str | None = None
    unit_price: float | None = None
    price_unit: str | None = None
    category: str = ""
    confidence: float = 1.0
    text: str = ""
    name: str = ""
    qty_said: str = ""
    price_said: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text offers or asks for. `sure` is False where the direction must be asked back; `inferred` is True where
    no word told it, only what is named: a correction may say no more of a draft than that. `spoken` is True where a verb
    of trade told it; `beside` are goods that are named and not traded, without amounts; `heard` is how likely a second opinion holds the
    direction, `shaped` the first thing's form, from 0 to 1 (0 where it turned that); `rival` is what the first thing may be
    instead."""

    direction: Direction
    sure: bool
    items: tuple[Item, ...] = ()
    place: Place | None = None
    place_text: str = ""
    intent: str = "other"
    name: str = ""
    pest: str = ""
    crop: str = ""
    text: str = ""
    inferred: bool = False
    spoken: bool = True
    beside: tuple[Item, ...] = ()
    heard: float = 1.0
    shaped: float = 1.0
    rival: Item | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message wants. `reply` is "1", "2" or "3" for an answer to a question, `code` its short code (A12);
    `chat` says that words of the intent other ask nothing of the service."""

    intent: str
    slots: dict[str, str | float] = field(default_factory=dict)
    reply: str | None = None
    code: str | None = None
    reading: Reading | None = None
    chat: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """One open item of a post, as the store keeps it. `area` is a code of the area tree, `day` an ordinal date."""

    id: str
    direction: str
    concept: str
    form: str
    variety: str | None = None
    qty: float | None = None
    unit: str | None = None
    unit_price: float | None = None
    price_unit: str | None = None
    area: str = ""
    day: int | None = None
    household: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """How well two offers fit: `value` from 0 to 1, and what agreed or not, by field."""

    offer: Offer
    value: float
    form: float
    variety: float
    area: float
    fresh: float
    qty: float = 1.0
    price: float = 1.0
