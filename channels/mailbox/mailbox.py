"""The letter box inside the service: a letter is delivered once it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from farmerline.messages import Outgoing


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Hands over nothing to anybody: the letter's row is already in its reader's box when this is called."""

    def send(self, message: Outgoing) -> str:
        return message.id

    def find(self, message: Outgoing, since: datetime) -> str | None:
        return message.id
