"""Texts through any HTTP service, as the gateways file describes it (docs/gateways.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from channels.contract import Gateway, Reason, SendError
from channels.http.access import Access, is_yes, open_access
from channels.http.keys import ANY, Find, HttpTable
from channels.http.places import Said, Unreadable
from channels.http.polling import HttpPolls
from channels.http.requests import origin
from channels.http.templates import Facts, fill, names
from channels.transport import Answer
from farmerline.clock import local
from farmerline.messages import Outgoing
from farmerline.parts import with_signature

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HttpSms:
    """Hands texts over as the table says, and asks for those of unknown fate where it says how."""

    access: Access

    @property
    def table(self) -> HttpTable:
        return self.access.table

    def send(self, message: Outgoing) -> str:
        template = self._template(message)
        answer = self.access.ask(self.table.send, self._facts(message, template=template))
        said = Said(answer.text)
        try:
            if is_yes(answer, said, self.table.send.success):
                ref = said.at(self.table.send.id) if self.table.send.id else message.id
                if not ref:
                    raise SendError(Reason.UNREACHABLE, "no id")
                return ref
        except Unreadable:
            if answer.status < 300:
                raise SendError(Reason.UNREACHABLE, "not readable") from None
        raise self.access.refusal(answer, said)

    def find(self, message: Outgoing, since: datetime) -> str | None:
        """The carrier's id of this message; where it keeps them by day, the days since are asked, newest first."""
        find = self.table.find
        if find is None:
            raise SendError(Reason.UNREACHABLE, "cannot be asked")
        now = self.access.now()
        for back in range(_days(find, since, now)):
            answer = self.access.ask(find, self._facts(message, day=now - back * _A_DAY, since=since))
            if (ref := self._found(find, answer, message)) is not None:
                return ref
        return None

    def probe(self) -> None:
        """See whether the carrier can be reached; raises ``SendError``. Nothing is sent."""
        self.access.wire.reach(origin(self.table.send.url))

    def _found(self, find: Find, answer: Answer, message: Outgoing) -> str | None:
        said = Said(answer.text)
        try:
            if _is_absent(find, answer, said):
                return None
            if not is_yes(answer, said, find.success):
                raise self.access.refusal(answer, said)
            facts = self._facts(message)
            entries = said.entries(find.list) if find.list else [said]
            wanted = {place: fill(value, facts) for place, value in find.match.items()}
            for entry in entries:
                if all(entry.at(place) == value for place, value in wanted.items()):
                    if ref := entry.at(find.id):
                        return ref
                    raise SendError(Reason.UNREACHABLE, "no id")
        except Unreadable:
            raise SendError(Reason.UNREACHABLE, "not readable") from None
        if find.list:
            return None
        raise SendError(Reason.UNREACHABLE, "no id")

    def _facts(self, message: Outgoing, **values: Any) -> Facts:
        now = self.access.now()
        signature = self.table.signature or ""
        text = message.text.replace("\0", "")
        if self.table.carrier_signs:
            text = text.removeprefix(with_signature("", signature))
        known: dict[str, Any] = {"day": now, "secrets": self.access.secrets, **values}
        return Facts(
            now=now,
            id=message.id,
            to=message.to,
            text=text,
            signature=signature,
            purpose=message.purpose,
            **known,
        )

    def _template(self, message: Outgoing) -> str:
        templates = self.table.templates
        template = templates.get(message.purpose) or templates.get(ANY, "")
        if templates and not template:
            raise SendError(Reason.REFUSED, "no template")
        return template


def connect(table: HttpTable) -> Gateway:
    """The connection that a table describes."""
    access = open_access(table)
    sender = HttpSms(access)
    asks = table.reports or table.status or table.inbox
    return table.gateway(
        sender,
        purposes=() if ANY in table.templates else tuple(table.templates),
        can_find=table.find is not None,
        lanes=table.lanes,
        probe=sender.probe,
        polls=HttpPolls(access) if asks else None,
    )


def _is_absent(find: Find, answer: Answer, said: Said) -> bool:
    if not find.absent_status and not find.absent:
        return False
    if find.absent_status and answer.status not in find.absent_status:
        return False
    return said.all_match(find.absent)


def _days(find: Find, since: datetime, now: datetime) -> int:
    """How many days are asked for; raises ``SendError`` where the carrier does not look back that far."""
    if "day" not in set(names(find.spoken())):
        return 1
    wanted = (local(now).date() - local(since).date()).days + 1
    if wanted > find.days:
        raise SendError(Reason.UNREACHABLE, "too long ago")
    return max(1, wanted)
