"""Our access to one carrier's service: a request out, signed, and what the answer means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from channels.contract import Reason, SendError
from channels.http.keys import HttpTable, Request
from channels.http.places import Said, Unreadable
from channels.http.requests import prepare
from channels.http.signing import sign_request, with_mac
from channels.http.templates import Facts
from channels.http.wire import Wire, by_status
from channels.transport import Answer
from farmerline.clock import SystemClock


@dataclass(frozen=True)
class Access:
    """What a table says, and the connections by which it is done."""

    table: HttpTable
    wire: Wire
    now: Callable[[], datetime] = field(default_factory=lambda: SystemClock().now)

    @cached_property
    def secrets(self) -> Mapping[str, str]:
        """The table's secrets, by name."""
        return {name: value.get_secret_value() for name, value in self.table.secrets.items()}

    def ask(self, request: Request, facts: Facts) -> Answer:
        """The answer to a signed request; raises ``SendError``."""
        facts = with_mac(self.table.sign, facts)
        prepared = prepare(request, facts)
        sign_request(self.table.sign, prepared, facts)
        return self.wire.exchange(prepared)

    def refusal(self, answer: Answer, said: Said) -> SendError:
        """Our reason for a no: by the carrier's code where the table knows it, else by the status."""
        try:
            code = said.at(self.table.send.code) if self.table.send.code else None
        except Unreadable:
            code = None
        if code is not None and (reason := self.table.reasons.get(code)):
            return SendError(reason, code)
        if answer.status >= 300:
            return by_status(answer, code or "")
        return SendError(Reason.REFUSED, code) if code else SendError(Reason.UNREACHABLE, "no yes, no code")


def open_access(table: HttpTable) -> Access:
    """The access that a table describes; nothing is connected yet."""
    return Access(table, Wire(table.connections, table.connect_seconds, table.read_seconds, table.ca_file))


def is_yes(answer: Answer, said: Said, success: Mapping[str, str]) -> bool:
    """Whether an answer says yes; raises ``Unreadable``."""
    return 200 <= answer.status < 300 and said.all_match(success)
