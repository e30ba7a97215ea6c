"""A text from a handset, and everything that reaches the handset because of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from channels.simulator.carrier import Carrier

Drain = Callable[[], object]
"""Runs the service's jobs that send what is queued."""

_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """A text on the handset's screen."""

    sid: str
    text: str
    at: str


def text(carrier: Carrier, sender: str, body: str, drain: Drain, *, patience: float = 0.0) -> list[Shown]:
    """Send a text and run carrier and service until both are quiet; the texts that then reached the sender's handset.

    ``patience`` waits so many seconds for a first answer where the service sends from a thread of its own.
    Raises ``PhoneSilent`` when the handset is off.
    """
    seen = last_shown(carrier, sender)
    carrier.text_in(sender, body)
    settle(carrier, drain)
    waited = 0.0
    while waited < patience and last_shown(carrier, sender) == seen:
        time.sleep(0.05)
        waited += 0.05
        settle(carrier, drain)
    return shown_since(carrier, sender, seen)


def settle(carrier: Carrier, drain: Drain) -> int:
    """Let the service send and the carrier deliver until nothing more happens; how many things the carrier did."""
    done, quiet = 0, 0
    for _ in range(_ROUNDS):
        moved = carrier.pump()
        drain()
        moved += carrier.pump()
        done += moved
        quiet = 0 if moved else quiet + 1
        if quiet:
            break
    return done


def last_shown(carrier: Carrier, number: str) -> int:
    return carrier.store.number(
        "SELECT MAX(seq) FROM message WHERE number = ? AND shown_at IS NOT NULL", number
    )


def shown_since(carrier: Carrier, number: str, seq: int) -> list[Shown]:
    """The texts from the service that reached this handset after that one."""
    rows = carrier.store.rows(
        "SELECT * FROM message WHERE number = ? AND outbound = 1 AND shown_at IS NOT NULL AND seq > ? ORDER BY seq",
        number,
        seq,
    )
    return [Shown(row["sid"], row["body"], row["shown_at"]) for row in rows]
