"""What the village phone's page shows: handsets, their texts and calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from channels.contract import Ports
from channels.dialect.rows import moment
from channels.simulator.calls import Exchange, Live
from channels.simulator.carrier import Fault
from channels.simulator.texting import settle
from channels.voice.runner import Awaits
from farmerline.clock import local

SHOWN = 4
_LATEST = 12
_KNOWN = 60


@dataclass(slots=True)
class VillagePhones:
    """What the page needs: the exchange and the inside; ``ran`` is what the last move of the clock did."""

    exchange: Exchange
    ports: Ports
    ran: list[str] = field(default_factory=list)

    def drain(self) -> object:
        return self.ports.run_due() if self.ports.run_due else None

    def settle(self) -> None:
        settle(self.exchange.carrier, self.drain)

    def shown(self) -> list[str]:
        rows = self.exchange.carrier.store.rows(
            "SELECT number FROM handset WHERE opened > 0 ORDER BY opened DESC LIMIT ?", SHOWN
        )
        return [row["number"] for row in reversed(rows)]

    def open(self, number: str, name: str = "") -> None:
        """Put a handset into the row; the one opened longest ago makes room."""
        if number not in self.shown() or name:
            self.exchange.carrier.take_out(number, name)

    def known(self) -> list[tuple[str, str]]:
        """Handsets that are put away, with their owners' names."""
        rows = self.exchange.carrier.store.rows(
            "SELECT number, name FROM handset WHERE name <> '' ORDER BY opened DESC, number LIMIT ?", _KNOWN
        )
        return [(row["number"], row["name"]) for row in rows]

    def state(self, number: str) -> dict[str, Any]:
        """Everything the page shows of one handset."""
        carrier, row = self.exchange.carrier, self.exchange.carrier.handset(number)
        live = self.exchange.in_call(number)
        return {
            "number": number,
            "anchor": number.lstrip("+"),
            "name": row["name"] or number,
            "texts": [_text(one) for one in carrier.thread(number)[-_LATEST:]],
            "faults": [(fault.value, fault.value in row["faults"].split()) for fault in Fault],
            "broken": bool(row["faults"] or row["blocked"]),
            "blocked": bool(row["blocked"]),
            "rings": self.exchange.ringing(number) is not None,
            "call": _call(live or self.exchange.last_call(number)),
        }

    def changes(self) -> int:
        """A number that grows whenever a page would look different."""
        store = self.exchange.carrier.store
        texts = store.number("SELECT COUNT(*) FROM message WHERE shown_at IS NOT NULL")
        calls = store.number(
            "SELECT COUNT(*) * 3 + COUNT(answered_at) + COUNT(ended_at) FROM call WHERE status <> 'queued'"
        )
        return texts * 1000 + calls


def _text(row: Any) -> dict[str, Any]:
    return {
        "mine": not row["outbound"],
        "body": row["body"],
        "at": clock_time(row["shown_at"] or row["made_at"]),
    }


def _call(live: Live | None) -> dict[str, Any] | None:
    if live is None:
        return None
    runner = live.runner
    over = runner.awaits is Awaits.NOTHING
    fresh = [line for line in runner.lines[runner.latest :] if line.audio]
    asked = runner.prompt - runner.latest
    return {
        "lines": [
            {"kind": line.kind, "text": line.text, "cut": line.was_cut} for line in runner.lines[-_LATEST:]
        ],
        "awaits": runner.awaits.value,
        "over": over,
        "seconds": round(runner.seconds),
        # what was last heard, as one sound; the seconds before the present question do not count as listening to it
        "audio": ".".join(line.audio for line in fresh),
        "before": sum(line.seconds for line in runner.lines[runner.latest :][: max(0, asked)] if line.audio),
    }


def clock_time(at: str | datetime) -> str:
    """Day and time as a clock in China shows them."""
    shown = local(moment(at) if isinstance(at, str) else at)
    return f"{shown.month}-{shown.day} {shown:%H:%M}"
