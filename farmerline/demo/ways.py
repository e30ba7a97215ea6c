"""The four ways by which a person of a story speaks with the service: SMS, web, contact point, voice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.demo.browser import Browser
from farmerline.demo.people import Person, people, person
from farmerline.demo.stage import Stage
from farmerline.models import Case, CaseKind, CaseState


class Way(Protocol):
    """How one person posts, answers, and is told things."""

    def post(self, use: str, words: str) -> str:
        """Say what is sold or bought (``use``: sell or buy); returns the read-back."""
        ...

    def answer(self, key: str) -> str:
        """Answer what is open with 1, 2 or 3; returns what comes back."""
        ...

    def told(self) -> str:
        """All that waits for or has reached the person by now."""
        ...


@dataclass
class BySms:
    """A phone that can text."""

    stage: Stage
    person: Person

    def post(self, use: str, words: str) -> str:
        return " ".join(self.stage.text(self.person, words))

    def answer(self, key: str) -> str:
        return " ".join(self.stage.text(self.person, key))

    def told(self) -> str:
        return "\n".join(self.stage.inbox(self.person))


@dataclass
class ByWeb:
    """The person's own browser."""

    stage: Stage
    person: Person
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.browser = self.stage.browser(self.person)

    def post(self, use: str, words: str) -> str:
        self.stage.tell(f"  🖥  {self.person.name}: {words}")
        words_back = self.browser.open(f"/me/write?use={use}").submit("/me/write", text=words).words
        self.stage.runtime.settle()
        return words_back

    def answer(self, key: str) -> str:
        self.stage.tell(f"  🖥  {self.person.name}: {key}")
        words_back = self.browser.open("/me").submit("/me/answer", reply=key).words
        self.stage.runtime.settle()
        return words_back

    def told(self) -> str:
        return "\n".join([self.browser.open("/me").words, *self.stage.inbox(self.person)])


@dataclass
class ByContact(BySms):
    """Somebody who goes to the contact point; the phone gets a text of all that is done."""

    def post(self, use: str, words: str) -> str:
        desk = _desk_of(self.stage, self.person)
        self.stage.tell(f"  🖥  for {self.person.name}: {words}")
        before = len(self.stage.inbox(self.person))
        desk.open(f"/desk/people/{_account_id(self.stage, self.person)}/post").submit("/post", text=words)
        self.stage.runtime.settle()
        return " ".join(self.stage.new_texts(self.person, before))


@dataclass
class ByVoice:
    """Somebody who only rings: speaks, is rung back, presses keys."""

    stage: Stage
    person: Person
    heard: list[str] = field(default_factory=list)

    def post(self, use: str, words: str) -> str:
        self._hear(self.stage.ring(self.person, "1 # 1" if use == "sell" else "2 # 1", words).heard)
        number = self.stage.look(self._case)
        desk = _desk_of(self.stage, self.person)
        desk.open(f"/desk/cases/{number}").submit("/write-down", text=words)
        self.stage.runtime.settle()
        return " ".join(self.stage.inbox(self.person)[-1:])

    def answer(self, key: str) -> str:
        if self.stage.rings_at(self.person):
            return self._hear(self.stage.pick_up(self.person, key).heard)
        return self._hear(self.stage.ring(self.person, f"6 {key}").heard)

    def told(self) -> str:
        return "\n".join([*self.stage.inbox(self.person), *self.heard])

    def _hear(self, lines: list[str]) -> str:
        self.heard += lines
        return " ".join(lines).replace("幺", "1")  # as the telephone says the figure

    def _case(self, session: Session) -> int | None:
        account = self.stage.account(session, self.person)
        return session.scalar(
            select(Case.number).where(
                Case.kind == CaseKind.VOICE_POST,
                Case.state == CaseState.OPEN,
                Case.account_id == (account.id if account else ""),
            )
        )


_WAYS: dict[str, Callable[[Stage, Person], Way]] = {
    "sms": BySms,
    "web": ByWeb,
    "contact": ByContact,
    "voice": ByVoice,
}


def way_of(name: str, stage: Stage, someone: Person) -> Way:
    """The way of that name: sms, web, contact or voice."""
    return _WAYS[name](stage, someone)


def _desk_of(stage: Stage, someone: Person) -> Browser:
    """The contact point of the person's village, signed in."""
    own = f"contact-{someone.place}"
    return stage.browser(person(own if any(each.key == own for each in people()) else "contact"))


def _account_id(stage: Stage, someone: Person) -> str:
    account = stage.look(lambda session: stage.account(session, someone))
    if account is None:
        raise LookupError(someone.key)
    return account.id
