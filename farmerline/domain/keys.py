"""The one table of keys. Pages, the telephone, texts and docs/voice.md agree with it; a rule test holds them to it.

What is heard is an English sentence, for ``say``.
"""

from __future__ import annotations

from farmerline.config import Module

AGAIN, UP, END, PERSON = "9", "*", "#", "0"
"""Good everywhere in a call. No key destroys or resets anything."""

MAIN: dict[str, tuple[str, Module | None]] = {
    "1": ("sell", None),
    "2": ("buy", None),
    "3": ("pest", Module.ALERTS),
    "4": ("ask", Module.EXPERTS),
    "5": ("listen", None),
    "6": ("waiting", None),
    "0": ("person", None),
}
"""Main menu: key to what it leads to, and the module it belongs to. 6 is spoken only when something waits."""
MAIN_HEARD = {
    "1": "To sell press 1.",
    "2": "To buy press 2.",
    "3": "To report a pest press 3.",
    "4": "To ask press 4.",
    "5": "To listen press 5.",
    "6": "Something waits for you: press 6.",
    "0": "For a person press 0.",
}

LISTEN: dict[str, tuple[str, Module | None]] = {
    "1": ("alerts", Module.ALERTS),
    "2": ("work", None),
    "3": ("varieties", None),
    "4": ("techniques", None),
    "5": ("posts", None),
}
"""Under 5: the five boxes of the voice station."""
BOX_KEYS = {name: key for key, (name, _module) in LISTEN.items()}
"""Each box's key, by its name."""
LISTEN_HEARD = {
    "1": "Pests and alerts press 1.",
    "2": "Farm work press 2.",
    "3": "New varieties press 3.",
    "4": "Techniques press 4.",
    "5": "Supply and demand press 5.",
}

BOX_HEARD = {
    "alerts": "To check an alert key in its year and number, then hash. Back press star.",
    "others": "To hear one by its number key it in, then hash. Back press star.",
}
"""After what stands in a box: the alerts' box, and the others."""

RING: dict[str, str] = {
    "1": "understood",
    "2": "not_mine",
    "9": "again",
    "0": "person",
}
"""While an alert is told: in a call that the service placed, and to who rings back."""
RING_HEARD = "Understood press 1, not for you press 2, again press 9, a person press 0."

LETTER: dict[str, str] = {"1": "keep", "2": "answer", "9": "again", "#": "next"}
"""After a letter was read."""
LETTER_HEARD = "To keep it press 1, to answer press 2, again press 9, on press hash."

TEXT: dict[str, str] = {"1": "yes", "2": "no"}
"""Answers by text, everywhere."""

WHY: dict[str, str] = {"1": "price", "2": "quality", "3": "not_reached", "4": "gone"}
"""Why a match came to no deal, by text and by call."""
WHY_HEARD = "Why not? The price press 1, the quality press 2, nobody reached press 3, sold or bought elsewhere press 4."
