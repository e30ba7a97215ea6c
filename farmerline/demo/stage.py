"""Where the stories are played: a real service, its simulated carrier, its browsers, and a clock that can be moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.registry import Simulator
from channels.simulator import caller, texting
from channels.simulator.caller import Transcript
from farmerline import vault
from farmerline.demo.browser import Browser
from farmerline.demo.people import Person
from farmerline.models import Account
from farmerline.runtime import Runtime
from jobs import alerts, deliver

Found = TypeVar("Found")
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing a story promises, and whether it held."""

    story: str
    what: str
    held: bool
    found: str = ""

    def __str__(self) -> str:
        sign = "✓" if self.held else "✗"
        return f"{sign} {self.story}: {self.what}" + ("" if self.held else f"\n    found: {self.found}")


@dataclass
class Stage:
    """Plays one story. ``tell`` gets each line of the transcript."""

    runtime: Runtime
    app: Flask
    story: str
    tell: Tell
    expectations: list[Expectation] = field(default_factory=list)

    def expect(self, what: str, held: bool, found: object = "") -> None:
        """Put down whether a promise of the story held."""
        outcome = Expectation(self.story, what, bool(held), str(found))
        self.expectations.append(outcome)
        self.tell(str(outcome))

    def text(self, person: Person, words: str) -> list[str]:
        """A person texts; returns the texts that then reach their phone."""
        simulator = self._simulator()
        self.tell(f"  📱 {person.name} → {words}")
        shown = texting.text(simulator.carrier, person.phone, words, self.runtime.settle)
        return self._show(person, [each.text for each in shown])

    def text_all(self, people: Sequence[Person], words: str) -> None:
        """Many people text the same words; then everything settles."""
        self.tell(f"  📱 {len(people)} people → {words}")
        carrier = self._simulator().carrier
        for each in people:
            carrier.text_in(each.phone, words)
        self.runtime.settle()

    def send_slowly(self, seconds: int, a_second: int) -> None:
        """Let a carrier that takes so many messages a second work for so long."""
        alerts.step(self.runtime.context)
        deliver.drain(self.runtime.context, limit=seconds * a_second)
        self._simulator().carrier.pump(self.runtime.now())
        self.tell(f"  ⏱  {seconds} seconds at {a_second} a second")

    def pick_up_all(self, people: Sequence[Person], keys: str) -> list[Person]:
        """Whoever's phone rings now answers and presses these keys; returns who did."""
        exchange = self._simulator().exchange
        answered = [each for each in people if exchange.ringing(each.phone) is not None]
        for each in answered:
            caller.pick_up(exchange, each.phone, keys)
        self.tell(f"  ☎ ← {len(answered)} people answer and press {keys or 'nothing'}")
        self.runtime.settle()
        return answered

    def ring_all(self, people: Sequence[Person], keys: str) -> list[Transcript]:
        """Each of these people rings the line by themselves."""
        exchange = self._simulator().exchange
        told = [caller.play(exchange, each.phone, keys) for each in people]
        self.tell(f"  ☎ {len(people)} people ring and press {keys or 'nothing'}")
        self.runtime.settle()
        return told

    def switch_off(self, people: Sequence[Person]) -> None:
        """These phones are off, out of reach or taken away: nothing arrives there."""
        for each in people:
            self._simulator().carrier.set_faults(each.phone, {"off"})
        self.tell(f"  ✕ {len(people)} phones are dead")

    def switch_on(self, people: Sequence[Person]) -> None:
        """The opposite."""
        for each in people:
            self._simulator().carrier.set_faults(each.phone, set())

    def inbox(self, person: Person) -> list[str]:
        """All texts that ever reached a person's phone, oldest first."""
        return [each.text for each in texting.shown_since(self._simulator().carrier, person.phone, 0)]

    def new_texts(self, person: Person, after: int) -> list[str]:
        """The texts that reached a phone after the first ``after`` ones."""
        return self._show(person, self.inbox(person)[after:])

    def ring(self, person: Person, keys: str, say: str = "") -> Transcript:
        """A person rings the line, presses keys and speaks."""
        return self._hear(person, "☎", caller.play(self._simulator().exchange, person.phone, keys, say))

    def pick_up(self, person: Person, keys: str, say: str = "") -> Transcript:
        """A person answers the call that rings at their phone."""
        return self._hear(person, "☎ ←", caller.pick_up(self._simulator().exchange, person.phone, keys, say))

    def rings_at(self, person: Person) -> bool:
        """Whether this phone rings now."""
        self.runtime.settle()
        return self._simulator().exchange.ringing(person.phone) is not None

    def wait_for_ring(self, person: Person, minutes: float) -> bool:
        """Let the time pass in short steps until this phone rings; False where it does not within so many minutes."""
        for _ in range(round(minutes * 6)):
            if self.rings_at(person):
                return True
            self.runtime.move_clock(timedelta(seconds=10))
        return self.rings_at(person)

    def browser(self, person: Person) -> Browser:
        """A browser in which a person has signed in."""
        browser = Browser(self.app)
        browser.sign_in(person, self.runtime)
        self.tell(f"  🖥  {person.name} signs in")
        return browser

    def later(self, **time: float) -> None:
        """Move the demo clock forward; what falls due on the way is run."""
        step = timedelta(**time)
        self.tell(f"  ⏱  {_plain(step)} later")
        for line in self.runtime.move_clock(step):
            self.tell(f"     {line}")

    def look(self, question: Callable[[Session], Found]) -> Found:
        """Ask the rows."""
        with self.runtime.database.read() as session:
            return question(session)

    def account(self, session: Session, person: Person) -> Account | None:
        """A person's account row, if there is one."""
        return find_account(session, person)

    def _simulator(self) -> Simulator:
        if self.runtime.simulator is None:
            raise RuntimeError("stories are played with the simulated carrier only")
        return self.runtime.simulator

    def _show(self, person: Person, texts: list[str]) -> list[str]:
        for each in texts:
            self.tell(f"  📩 {person.name} ← {each}")
        return texts

    def _hear(self, person: Person, sign: str, told: Transcript) -> Transcript:
        self.tell(f"  {sign} {person.name}")
        for line in told.lines:
            mark = "🔊" if line.who == "line" else "   ⌨"
            self.tell(f"    {mark} {line.text or line.what}")
        self.runtime.settle()
        return told


def find_account(session: Session, person: Person) -> Account | None:
    """The account row of a made-up person, if there is one."""
    rows = session.scalars(select(Account).where(Account.phone_index == vault.phone_index(person.phone)))
    return next((row for row in rows if row.name == person.name), None)


def _plain(step: timedelta) -> str:
    if step.days:
        return f"{step.days} days"
    minutes = step.seconds // 60
    return f"{minutes} minutes" if minutes else f"{step.seconds} seconds"
