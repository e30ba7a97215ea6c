"""Signed webhooks, as Twilio sends them to the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from twilio.request_validator import RequestValidator

from channels.transport import Answer, Transport, placed
from channels.voice.program import CallError


@dataclass(slots=True)
class Webhooks:
    """The way to the one service at ``public_url``; no other address is ever asked. ``failed`` is told of a webhook without a
    good answer: the id it was about and what came back. ``base`` is another way to the same service, e.g. past its proxy; what is
    signed is the public address."""

    transport: Transport
    auth_token: str = field(repr=False)
    public_url: str
    failed: Callable[[str, str], None]
    base: str = ""

    def owns(self, url: str) -> bool:
        """Whether an address is the service's own."""
        return url == self.public_url or url.startswith(self.public_url + "/")

    def post(self, url: str, fields: Mapping[str, str], sid: str, method: str = "POST") -> Answer | None:
        """A signed webhook; None where no good answer comes."""
        if not self.owns(url):
            self.failed(sid, "another's address")
            return None
        body = dict(fields) if method == "POST" else {}
        signature = RequestValidator(self.auth_token).compute_signature(url, body)
        headers = {"X-Twilio-Signature": signature, "User-Agent": "TwilioProxy/1.1"}
        try:
            answer = self.transport.send(
                method,
                placed(url, self.base),
                form=list(body.items()) if method == "POST" else None,
                headers=headers,
            )
        except OSError as error:
            self.failed(sid, type(error).__name__)
            return None
        if answer.status >= 300:
            self.failed(sid, str(answer.status))
            return None
        return answer

    def document(self, url: str, fields: Mapping[str, str], sid: str, method: str = "POST") -> str:
        """The TwiML that the service answers with. Raises ``CallError``."""
        if not self.owns(url):
            raise CallError(11200, "not the service's own address")
        answer = self.post(url, fields, sid, method)
        if answer is None:
            raise CallError(11200, "no good answer")
        if "xml" not in answer.headers.get("Content-Type", ""):
            raise CallError(12300, "not XML")
        return answer.text

    def sound(self, url: str) -> bytes | None:
        """A recording of the service by its address; None for another's address or where none comes."""
        answer = self.post(url, {}, "", method="GET") if self.owns(url) else None
        return answer.body if answer else None
