"""Real calls on a switch of our own: ``./run pbx [--json] [--calls 20]``. One object a line on standard output."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread

from bench.pbx import bundle, cases
from bench.pbx.world import World, open_world
from farmerline.models import Alert

(LISTENS, REPORTS, LEAVES, WRONG, CONFIRMS, BUSY, SILENT, MACHINE, ASKS, EXPERT) = range(10)
_CALLERS = 10  # the index of the first of those who call at once
_MISSING = 3


Trial = tuple[str, Callable[[], str]]


def main() -> int:
    """0 where all held, 1 where something did not, 3 where the switch cannot be had here."""
    parser = argparse.ArgumentParser(
        prog="./run pbx", description="Real calls on a switch of our own, on loopback."
    )
    parser.add_argument(
        "--json", action="store_true", help="one object a line, nothing else on standard output"
    )
    parser.add_argument("--calls", type=int, default=20, help="callers at once in the last call (20)")
    asked = parser.parse_args()
    tell = _json if asked.json else _words
    try:
        root = bundle.ready()
    except bundle.Missing as missing:
        print(f"pbx: skipped: {missing}", file=sys.stderr)
        return _MISSING
    print(f"pbx: switch and telephones in {root}", file=sys.stderr)
    with open_world(
        _CALLERS + asked.calls, manual=frozenset({BUSY, SILENT}), quiet=frozenset({CONFIRMS, LISTENS})
    ) as world:
        held = _try(trials(world, asked.calls), tell)
    with open_world(1, quiet=frozenset({LISTENS}), sealed=True) as world:
        sealed = [("listen in two keys, by TLS and SRTP", lambda: cases.listen(world, world.phones[LISTENS]))]
        held = _try(sealed, tell) and held
    return 0 if held else 1


def _try(trials: list[Trial], tell: Callable[[str, bool, float], None]) -> bool:
    """Make the calls, one after the other; whether all held."""
    held = True
    for name, trial in trials:
        began, why = time.monotonic(), ""
        try:
            seen = trial()
        except (cases.NotHeld, TimeoutError) as error:
            why, seen, held = str(error), "", False
        tell(name, not why, time.monotonic() - began)
        print(f"pbx: {name}: {seen or why}", file=sys.stderr)
    return held


@dataclass
class Alarm:
    """The one red alert, issued when it is first wanted; one telephone pushes its call away."""

    world: World
    _since: float = 0.0
    _alert: Alert | None = None

    def since(self) -> float:
        """The moment before its calls began."""
        if not self._since:
            self._since = time.monotonic()
            self._alert = self.world.county.alert()
            Thread(target=self._decline, daemon=True).start()
        return self._since

    def alert(self) -> Alert:
        self.since()
        assert self._alert is not None
        return self._alert

    def _decline(self) -> None:
        phone = self.world.phones[BUSY]
        if phone.wait("CALL_INCOMING", 60.0, self._since):
            phone.hang_up()


def trials(world: World, callers: int) -> list[Trial]:
    """The calls, in order."""
    phones, county = world.phones, world.county
    people = [county.person(cases.e164(phone), f"杨{index}") for index, phone in enumerate(phones[:EXPERT])]
    alarm = Alarm(world)

    def unreached(index: int, reason: str) -> str:
        return cases.not_reached(world, alarm.alert(), people[index], reason)

    def confirmed() -> str:
        since = alarm.since()
        return cases.confirmed(world, phones[CONFIRMS], alarm.alert(), people[CONFIRMS], since)

    def put_through() -> str:
        county.expert(cases.e164(phones[EXPERT]), "励志明", 2)
        return cases.put_through(world, phones[ASKS], phones[EXPERT])

    def absent() -> str:
        phones[EXPERT].stop()
        return cases.nobody_on_duty_answers(world, phones[ASKS])

    return [
        ("listen in two keys", lambda: cases.listen(world, phones[LISTENS])),
        ("sighting by recording", lambda: cases.sighting(world, phones[REPORTS])),
        ("hang-up while recording", lambda: cases.gone_while_recording(world, phones[LEAVES])),
        ("wrong keys", lambda: cases.wrong_keys(world, phones[WRONG])),
        ("ring-call confirmed by key 1", confirmed),
        ("answering machine", lambda: cases.taken_by_machine(world, phones[MACHINE], alarm.since())),
        ("busy", lambda: unreached(BUSY, "busy")),
        ("no answer", lambda: unreached(SILENT, "no_answer")),
        ("transfer to an expert's phone who answers", put_through),
        ("expert absent → case", absent),
        (f"{callers} calls at once", lambda: cases.many(world, phones[_CALLERS:])),
    ]


def _json(name: str, held: bool, seconds: float) -> None:
    print(json.dumps({"case": name, "held": held, "s": round(seconds, 1)}, ensure_ascii=False), flush=True)


def _words(name: str, held: bool, seconds: float) -> None:
    print(f"{'held' if held else 'NOT '}  {seconds:5.1f} s  {name}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
