"""Addresses of kept recordings that only the carrier is given, good for a short while."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

_GOOD_FOR = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class SignedLinks:
    """Makes and checks addresses of recordings; ``base`` is the public address of the voice webhooks."""

    secret: str = field(repr=False)
    base: str

    def make(self, recording_id: str, now: datetime) -> str:
        until = int((now + _GOOD_FOR).timestamp())
        return f"{self.base}/recording/{quote(recording_id, safe='')}?until={until}&mark={self._mark(recording_id, until)}"

    def holds(self, recording_id: str, given: Mapping[str, str], now: datetime) -> bool:
        """Whether the address is one of ours and still good."""
        until = given.get("until", "")
        if not until.isdecimal() or len(until) > 12 or int(until) < now.timestamp():
            return False
        return hmac.compare_digest(
            self._mark(recording_id, int(until)).encode(), given.get("mark", "").encode()
        )

    def _mark(self, recording_id: str, until: int) -> str:
        words = f"recording {recording_id} {until}".encode()
        return hmac.new(self.secret.encode(), words, hashlib.sha256).hexdigest()[:32]
