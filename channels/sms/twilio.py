"""Texts through a Twilio-compatible API: Twilio itself, or the simulator.

Error codes: https://www.twilio.com/docs/api/errors
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from channels.contract import Reason, SendError
from farmerline.messages import Channel, Incoming, Outgoing, ReceiptState

REASONS = {
    20003: Reason.MISCONFIGURED,
    20404: Reason.MISCONFIGURED,
    20429: Reason.THROTTLED,
    21211: Reason.BAD_ADDRESS,
    21212: Reason.MISCONFIGURED,
    21408: Reason.REFUSED,
    21602: Reason.REFUSED,
    21606: Reason.MISCONFIGURED,
    21610: Reason.OPTED_OUT,
    21611: Reason.QUEUE_FULL,
    21612: Reason.BAD_ADDRESS,
    21614: Reason.BAD_ADDRESS,
    21617: Reason.TOO_LONG,
    30001: Reason.QUEUE_FULL,
    30002: Reason.MISCONFIGURED,
    30003: Reason.UNREACHABLE_PHONE,
    30004: Reason.BLOCKED,
    30005: Reason.BAD_ADDRESS,
    30006: Reason.BAD_ADDRESS,
    30007: Reason.FILTERED,
    30008: Reason.REFUSED,
    30022: Reason.THROTTLED,
}

STATES = {
    "accepted": ReceiptState.QUEUED,
    "scheduled": ReceiptState.QUEUED,
    "queued": ReceiptState.QUEUED,
    "sending": ReceiptState.QUEUED,
    "sent": ReceiptState.SENT,
    "delivered": ReceiptState.DELIVERED,
    "read": ReceiptState.DELIVERED,
    "undelivered": ReceiptState.FAILED,
    "failed": ReceiptState.FAILED,
    "canceled": ReceiptState.FAILED,
}

_CLOCK_SLACK = timedelta(minutes=2)
_LOOKED_AT = 200
_LISTED = 1000
_A_DAY = timedelta(days=1)  # the provider's filter knows days only


@dataclass(frozen=True, slots=True)
class TwilioSms:
    """Sends texts; ``status_url`` is where receipts come back."""

    client: Client
    sender: str
    status_url: str
    gateway: str = "sms"

    def send(self, message: Outgoing) -> str:
        try:
            sent = self.client.messages.create(
                to=message.to,
                from_=self.sender,
                body=message.text.replace("\0", ""),
                status_callback=f"{self.status_url}?delivery={message.id}",
            )
        except (TwilioException, OSError, ValueError) as error:
            raise refusal(error) from error
        return str(sent.sid)

    def find(self, message: Outgoing, since: datetime) -> str | None:
        """The newest text with these words to this number since then.

        A message the carrier has taken but not sent has no date of sending, so its date of making is compared;
        the carrier's clock may be a little behind ours.
        """
        try:
            for known in self.client.messages.list(to=message.to, from_=self.sender, limit=_LOOKED_AT):
                made = known.date_created
                if known.body == message.text.replace("\0", "") and made and made >= since - _CLOCK_SLACK:
                    return str(known.sid)
        except (TwilioException, OSError, ValueError) as error:
            raise refusal(error) from error
        return None

    def received(self, since: datetime) -> list[Incoming]:
        """What the carrier has on record for us since then: the same ids as its webhooks carry, so nothing doubles."""
        try:
            known = self.client.messages.list(to=self.sender, date_sent_after=since - _A_DAY, limit=_LISTED)
        except (TwilioException, OSError, ValueError) as error:
            raise refusal(error) from error
        texts = [self._read(one) for one in reversed(known) if one.direction == "inbound"]
        from_second = since.replace(microsecond=0)  # the provider's times are whole seconds
        return sorted(
            (text for text in texts if text.received_at >= from_second), key=lambda text: text.received_at
        )

    def _read(self, known: Any) -> Incoming:
        return Incoming(
            channel=Channel.SMS,
            gateway=self.gateway,
            ref=known.sid,
            sender=known.from_,
            to=known.to,
            text=(known.body or "").replace("\0", ""),
            received_at=known.date_sent or known.date_created,
            raw=json.dumps(
                {"MessageSid": known.sid, "From": known.from_, "To": known.to, "Body": known.body}
            ),
        )


def refusal(error: Exception) -> SendError:
    """Our reason for a provider's error; no answer, or an answer that cannot be read, is UNREACHABLE."""
    if not isinstance(error, TwilioRestException):
        return SendError(Reason.UNREACHABLE)
    code: Any = error.code
    if code in REASONS:
        return SendError(REASONS[code], str(code))
    return SendError(_by_status(error.status), str(code or error.status))


def _by_status(status: int) -> Reason:
    if status == 429:
        return Reason.THROTTLED
    if status >= 500:
        return Reason.UNAVAILABLE
    return Reason.MISCONFIGURED if status in (401, 403, 404) else Reason.REFUSED
