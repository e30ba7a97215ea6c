"""Handsets that pick up by themselves and do what they always do: so that hundreds of people can be rung at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from channels.simulator.caller import follow, read_keys
from channels.simulator.calls import Exchange, Live
from channels.simulator.carrier import Fault, PhoneSilent
from channels.simulator.store import Step

UNDERSTANDS, LISTENS, CUTS_SHORT = "1", "w90", "h8"
"""Presses 1; listens to the end; hangs up after eight seconds."""


@dataclass(slots=True)
class Habits:
    """What handsets do when the service rings them, kept with the carrier's rows. Faults come first: a phone that is
    off, busy or never answers stays so."""

    exchange: Exchange

    def __post_init__(self) -> None:
        self.exchange.carrier.doers |= {"pick_up": self._pick_up}
        self.exchange.attend = self._attend

    def give(self, numbers: Iterable[str], keys: str) -> None:
        """Let these handsets answer and do what the script says (as for ``caller.play``). Raises ``BadKeys``."""
        read_keys(keys)
        with self.exchange.carrier.store.change() as db:
            db.executemany(
                "INSERT INTO habit (number, keys) VALUES (?, ?)"
                " ON CONFLICT (number) DO UPDATE SET keys = excluded.keys",
                [(number, keys) for number in numbers],
            )

    def drop(self, numbers: Iterable[str]) -> None:
        """These handsets wait for a hand again."""
        with self.exchange.carrier.store.change() as db:
            db.executemany("DELETE FROM habit WHERE number = ?", [(number,) for number in numbers])

    def of(self, number: str) -> str | None:
        return self.exchange.carrier.habit(number)

    def _pick_up(self, step: Step) -> None:
        row = self.exchange.carrier.store.row("SELECT number, status FROM call WHERE sid = ?", step.sid)
        if row is None or row["status"] != "ringing":
            return
        machine = Fault.MACHINE in self.exchange.carrier.faults(row["number"])
        keys = LISTENS if machine else self.of(row["number"])
        if keys is None:
            return
        try:
            self._attend(self.exchange.answer(row["number"]), keys)
        except PhoneSilent:  # a hand was quicker
            return

    def _attend(self, live: Live, keys: str) -> None:
        follow(self.exchange, live, read_keys(keys), "")
