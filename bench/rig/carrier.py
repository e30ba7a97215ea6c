"""A carrier's webhooks to us, as Twilio signs them."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

NUMBER = "+8657463012316"
_TOKEN = "proof-token"
_TABLE = """
[[gateway]]
name = "sms"
kind = "twilio"
rate = 100
"""
_TEXTS = "/hooks/twilio/sms"


@dataclass(frozen=True, slots=True)
class Line:
    """The county's line, as a table of its gateways file."""

    def words(self) -> str:
        return _TABLE


def settings(port: int) -> dict[str, str]:
    """The settings of a county with that line, which listens on this port."""
    return {
        "listen": f"127.0.0.1:{port}", "public_url": f"http://127.0.0.1:{port}", "twilio_account_sid": "AC" + "1" * 32,
        "twilio_auth_token": _TOKEN, "twilio_number": NUMBER,
    }  # fmt: skip


@dataclass(slots=True)
class Carrier:
    """Signs and posts over one connection that is kept."""

    port: int
    _line: http.client.HTTPConnection | None = field(default=None)

    def text(self, ref: str, sender: str, words: str) -> int:
        """Somebody's text to us; the status of the answer, 0 for none."""
        return self._post(_TEXTS, {"MessageSid": ref, "From": sender, "To": NUMBER, "Body": words})

    def report(self, ref: str, status: str, delivery: str = "", code: str = "") -> int:
        """A receipt for a message that we sent."""
        target = f"{_TEXTS}/status" + (f"?delivery={delivery}" if delivery else "")
        return self._post(
            target, {"MessageSid": ref, "MessageStatus": status, **({"ErrorCode": code} if code else {})}
        )

    def page(self, target: str = "/") -> int:
        """The status of a page."""
        return self._ask("GET", target, None, {})

    def _post(self, target: str, form: dict[str, str]) -> int:
        signature = RequestValidator(_TOKEN).compute_signature(f"http://127.0.0.1:{self.port}{target}", form)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        return self._ask("POST", target, urlencode(form), headers)

    def _ask(self, method: str, target: str, body: str | None, headers: dict[str, str]) -> int:
        try:
            self._line = self._line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            self._line.request(method, target, body, headers)
            answer = self._line.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            self.close()
            return 0

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
