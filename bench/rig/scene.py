"""A broadcast under way in a county of its own, with its gateway: what a fault is then done to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.rig.county import Databases, Place, Table, databases, fill
from bench.rig.oracle import Verdict, compare, is_over, states
from bench.rig.processes import Command, Loopback, until

FACTOR = 10.0
"""How many times as fast the clock of these proofs runs: a lease of 60 s ends after 6 s."""
READ_SECONDS = 2.0
"""Time for a gateway's whole answer: under half a lease, as ever."""


@dataclass
class Scene:
    """The county, its broadcast and its gateway; ``start`` starts one of the service's commands, ended with the scene."""

    place: Place
    campaign: str
    gateway: Loopback
    databases: Databases
    commands: list[Command] = field(default_factory=list)

    def start(self, *words: str) -> Command:
        command = Command(self.place, words or ("worker",)).start()
        self.commands.append(command)
        return command

    def open_up(self) -> None:
        """As fast as it goes from now on, for a worker that is started afterwards."""
        self.gateway.behave(rate=0)
        self.place.write([Table(self.gateway.port, read_seconds=READ_SECONDS)])

    def sending(self, more: int = 1, within: float = 60) -> float:
        """Wait until the gateway has taken so many messages more; returns how long that took."""
        before = self.gateway.taken
        return until(
            lambda: self.gateway.taken >= before + more, within=within, every=0.01, what="messages sent"
        )

    def finish(self, within: float) -> float:
        """Wait until the broadcast is over; returns how long that took. Raises ``RuntimeError`` where a command died."""

        def over() -> bool:
            living = all(command.must_live() for command in self.commands)
            return living and is_over(runtime.database, self.campaign)

        with self.place.open() as runtime:
            try:
                return until(over, within=within, every=0.2)
            except TimeoutError as error:
                left = states(runtime.database, self.campaign)
                raise TimeoutError(f"{error} {left} {self.commands[-1].said.read_text()[-1500:]}") from None

    def verdict(self) -> Verdict:
        return compare(self.place, self.campaign, self.gateway.accepted())


@contextmanager
def scene(
    home: Path,
    *,
    people: int,
    db: str = "sqlite",
    factor: float = FACTOR,
    lookup: bool = True,
    options: Sequence[str] = (),
    rate: float = 10_000.0,
    changes: dict[str, str] | None = None,
) -> Iterator[Scene]:
    """A broadcast to so many people, started; nothing sends it yet. ``options`` are the gateway's,
    ``rate`` is what the settings say of it, in parts a second."""
    with ExitStack() as ending:
        made = ending.enter_context(databases(db, home))
        place = Place(home / "county", made.make("county"), factor, changes or {})
        place.home.mkdir(parents=True, exist_ok=True)
        gateway = Loopback(place.home / "taken.log", *options, *([] if lookup else ["--no-lookup"]))
        ending.callback(gateway.stop)
        place.write([Table(gateway.port, rate=rate, lookup=lookup, read_seconds=READ_SECONDS)])
        found = Scene(place, fill(place, people), gateway, made)
        ending.callback(_end, found.commands)
        yield found


def _end(commands: list[Command]) -> None:
    for command in commands:
        if command.is_running:
            command.kill()
