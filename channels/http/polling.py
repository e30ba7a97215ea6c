"""A carrier that does not call us is asked: what became of our texts, and what people texted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from channels.contract import HandedOver, Reason, SendError
from channels.http.access import Access, is_yes
from channels.http.hearing import Unfit
from channels.http.keys import Asking, Status
from channels.http.places import Said, Unreadable
from channels.http.templates import Facts, fill
from channels.transport import Answer
from farmerline.messages import Incoming, Receipt

Heard = TypeVar("Heard")
_ROUNDS = 20
_BACK = timedelta(hours=1)


@dataclass(frozen=True)
class HttpPolls:
    """Asks for what there is. An answer with nothing new ends a round; so do twenty of them."""

    access: Access

    @property
    def one_by_one(self) -> bool:
        return self.access.table.status is not None

    def receipts(self, waiting: Sequence[HandedOver]) -> Iterator[Receipt]:
        table = self.access.table
        if table.reports is not None:
            reports = table.reports
            for entry in self._all(reports):
                yield from self._read(
                    lambda e: reports.read(e, table.name, table.reasons, self.access.now()), entry
                )
        if table.status is not None:
            for message in waiting:
                yield from self._became(table.status, message)

    def texts(self) -> Iterator[Incoming]:
        table = self.access.table
        if table.inbox is not None:
            inbox = table.inbox
            for entry in self._all(inbox):
                yield from self._read(lambda e: inbox.read(e, table.name, self.access.now()), entry)

    def _became(self, status: Status, message: HandedOver) -> Iterator[Receipt]:
        table, now = self.access.table, self.access.now()
        facts = Facts(
            now=now,
            day=message.at,
            id=message.id,
            to=message.to,
            ref=message.ref,
            secrets=self.access.secrets,
        )
        answer = self.access.ask(status, facts)
        wanted = {place: fill(value, facts) for place, value in status.match.items()}
        for entry in self._entries(status, answer):
            if all(entry.at(place) == value for place, value in wanted.items()):
                yield from self._read(lambda e: status.receipt(e, message, table, now), entry)

    def _all(self, asking: Asking) -> Iterator[Said]:
        """The entries of one answer after the other, until one has nothing that we did not see."""
        seen: set[str] = set()
        for _ in range(_ROUNDS):
            now = self.access.now()
            facts = Facts(now=now, day=now, since=now - _BACK, secrets=self.access.secrets)
            found = [
                entry
                for entry in self._entries(asking, self.access.ask(asking, facts))
                if entry.text not in seen
            ]
            yield from found
            seen |= {entry.text for entry in found}
            if not found or not asking.again:
                return

    def _entries(self, asking: Asking, answer: Answer) -> list[Said]:
        said = Said(answer.text)
        try:
            if not is_yes(answer, said, asking.success):
                raise self.access.refusal(answer, said)
            return list(said.entries(asking.list))
        except Unreadable:
            raise SendError(Reason.UNREACHABLE, "not readable") from None

    @staticmethod
    def _read(read: Callable[[Said], Heard | None], entry: Said) -> Iterator[Heard]:
        try:
            found = read(entry)
        except Unfit:
            return
        if found is not None:
            yield found
