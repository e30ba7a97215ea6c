"""Texts through a Twilio-compatible API: Twilio itself, or the simulator.

Error codes: https://www.twilio.com/docs/api/errors
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from channels.contract import Reason, SendError
from farmerline.messages import Channel, Incoming, Outgoing, Receipt, ReceiptState

REASONS = {
    10001: Reason.MISCONFIGURED,  # the account is not active
    10004: Reason.THROTTLED,  # too many calls at once
    13223: Reason.BAD_ADDRESS,
    13224: Reason.BAD_ADDRESS,
    13225: Reason.REFUSED,  # a number that may not be called
    13227: Reason.REFUSED,  # a country that is switched off
    13331: Reason.MISCONFIGURED,  # a language that Gather does not know
    13521: Reason.TOO_LONG,  # more words than Say takes
    20003: Reason.MISCONFIGURED,
    20005: Reason.MISCONFIGURED,
    20404: Reason.MISCONFIGURED,
    20429: Reason.THROTTLED,
    20503: Reason.UNAVAILABLE,
    21201: Reason.BAD_ADDRESS,
    21205: Reason.MISCONFIGURED,
    21210: Reason.MISCONFIGURED,  # our number is not one of the account's
    21211: Reason.BAD_ADDRESS,
    21212: Reason.MISCONFIGURED,
    21214: Reason.BAD_ADDRESS,
    21215: Reason.REFUSED,  # a country that is switched off
    21216: Reason.REFUSED,
    21217: Reason.BAD_ADDRESS,
    21219: Reason.REFUSED,  # a trial account reaches its own numbers only
    21401: Reason.BAD_ADDRESS,
    21408: Reason.REFUSED,
    21601: Reason.MISCONFIGURED,
    21602: Reason.REFUSED,
    21603: Reason.MISCONFIGURED,
    21604: Reason.BAD_ADDRESS,
    21606: Reason.MISCONFIGURED,
    21608: Reason.REFUSED,
    21609: Reason.MISCONFIGURED,  # the address for receipts
    21610: Reason.OPTED_OUT,
    21611: Reason.QUEUE_FULL,
    21612: Reason.BAD_ADDRESS,
    21614: Reason.BAD_ADDRESS,
    21617: Reason.TOO_LONG,
    21635: Reason.BAD_ADDRESS,  # a landline
    21660: Reason.MISCONFIGURED,
    30001: Reason.QUEUE_FULL,
    30002: Reason.MISCONFIGURED,
    30003: Reason.UNREACHABLE_PHONE,
    30004: Reason.BLOCKED,
    30005: Reason.BAD_ADDRESS,
    30006: Reason.BAD_ADDRESS,
    30007: Reason.FILTERED,
    30008: Reason.REFUSED,
    30009: Reason.REFUSED,  # a part got lost
    30010: Reason.REFUSED,  # dearer than allowed
    30017: Reason.QUEUE_FULL,  # the network is congested
    30019: Reason.TOO_LONG,
    30022: Reason.THROTTLED,
    30023: Reason.THROTTLED,  # the day's number is used up
    30024: Reason.MISCONFIGURED,
    30027: Reason.THROTTLED,
    30032: Reason.MISCONFIGURED,
    30034: Reason.MISCONFIGURED,  # our number is not registered
    30035: Reason.MISCONFIGURED,
    30036: Reason.UNREACHABLE_PHONE,  # its time was over before the phone was there
    30039: Reason.FILTERED,  # two machines answering one another
    30410: Reason.UNREACHABLE_PHONE,
    30450: Reason.FILTERED,
    30453: Reason.FILTERED,
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
        with refusals():
            sent = self.client.messages.create(
                to=message.to,
                from_=self.sender,
                body=message.text.replace("\0", ""),
                status_callback=f"{self.status_url}?delivery={message.id}",
            )
        return str(sent.sid)

    def find(self, message: Outgoing, since: datetime) -> str | None:
        """The newest text with these words to this number since then.

        A message the carrier has taken but not sent has no date of sending, so its date of making is compared;
        the carrier's clock may be a little behind ours.
        """
        with refusals():
            for known in self.client.messages.list(to=message.to, from_=self.sender, limit=_LOOKED_AT):
                made = known.date_created
                if known.body == message.text.replace("\0", "") and made and made >= since - _CLOCK_SLACK:
                    return str(known.sid)
        return None

    def received(self, since: datetime) -> list[Incoming]:
        """What the carrier has on record for us since then: the same ids as its webhooks carry, so nothing doubles."""
        with refusals():
            known = self.client.messages.list(to=self.sender, date_sent_after=since - _A_DAY, limit=_LISTED)
        texts = [self._read(one) for one in reversed(known) if one.direction == "inbound"]
        from_second = since.replace(microsecond=0)  # the provider's times are whole seconds
        return sorted(
            (text for text in texts if text.received_at >= from_second), key=lambda text: text.received_at
        )

    def became(self, ref: str) -> Receipt | None:
        """What became of one text; None for an id that the carrier does not know, or a status that says nothing."""
        if (known := fetch_known(self.client.messages(ref))) is None:
            return None
        state = STATES.get(str(known.status).lower())
        if state is None:
            return None
        failed = state is ReceiptState.FAILED
        at = known.date_updated or known.date_sent or known.date_created
        code = str(known.error_code or "")
        reason = REASONS.get(int(code), Reason.REFUSED) if code.isdecimal() else Reason.REFUSED
        return Receipt(
            self.gateway, ref, state, at, reason=reason if failed else None, code=code[:16] if failed else ""
        )

    def handed(self, since: datetime, until: datetime) -> list[str]:
        """The ids of our texts between these moments, of the newest 1,000."""
        with refusals():
            known = self.client.messages.list(
                from_=self.sender, date_sent_after=since - _A_DAY, limit=_LISTED
            )
        return [
            str(one.sid)
            for one in known
            if one.direction != "inbound" and one.date_created and since <= one.date_created <= until
        ]

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


@contextmanager
def refusals() -> Iterator[None]:
    """What the provider's library raises inside comes out as ``SendError``."""
    try:
        yield
    except (TwilioException, OSError, ValueError) as error:
        raise refusal(error) from error


def fetch_known(resource: Any) -> Any:
    """What the provider has on record of one text or call; None where it knows no such id. Raises ``SendError``."""
    with refusals():
        try:
            return resource.fetch()
        except TwilioRestException as error:
            if error.status != 404:
                raise
            return None


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
