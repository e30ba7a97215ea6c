"""Calls through a Twilio-compatible API: Twilio itself, or the simulator. Error codes as for texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from twilio.rest import Client

from channels.contract import Reason, SendError
from channels.sms.twilio import fetch_known, refusals
from channels.transport import ProviderHttp
from farmerline.messages import Outgoing, Receipt, ReceiptState

STATES = {
    "queued": ReceiptState.QUEUED,
    "initiated": ReceiptState.SENT,
    "ringing": ReceiptState.RINGING,
    "in-progress": ReceiptState.ANSWERED,
    "answered": ReceiptState.ANSWERED,
    "completed": ReceiptState.DELIVERED,
    "busy": ReceiptState.FAILED,
    "no-answer": ReceiptState.FAILED,
    "failed": ReceiptState.FAILED,
    "canceled": ReceiptState.FAILED,
}
REASONS = {
    "busy": Reason.BUSY,
    "no-answer": Reason.NO_ANSWER,
    "failed": Reason.UNREACHABLE_PHONE,
    "canceled": Reason.REFUSED,
}
SIP_REASONS = {
    "404": Reason.BAD_ADDRESS,
    "408": Reason.NO_ANSWER,
    "410": Reason.BAD_ADDRESS,
    "480": Reason.UNREACHABLE_PHONE,
    "484": Reason.BAD_ADDRESS,
    "486": Reason.BUSY,
    "487": Reason.NO_ANSWER,
    "600": Reason.BUSY,
    "603": Reason.BUSY,
    "604": Reason.BAD_ADDRESS,
}
"""Busy, not answered, switched off and no such number, by the telephone network's own answer; it knows better than the status."""

_MACHINE_SECONDS = (
    15  # shorter than nine tenths of an alert: what a machine recorded is never taken for heard
)
_EVENTS = ["ringing", "answered", "completed"]
_RECORDING = re.compile(r"RE[0-9a-f]{32}")
_RECORDING_LIMIT = 12 * 1024 * 1024
_CLOCK_SLACK = timedelta(minutes=2)
_LOOKED_AT = 50
_LISTED = 1000
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TwilioVoice:
    """Places calls; what is said is asked for at ``hooks_url`` once the phone is answered."""

    client: Client
    caller: str
    hooks_url: str
    ring_seconds: int = 30
    gateway: str = "voice"

    def send(self, message: Outgoing) -> str:
        with refusals():
            call = self.client.calls.create(
                to=message.to,
                from_=self.caller,
                url=f"{self.hooks_url}/outbound?delivery={message.id}",
                fallback_url=f"{self.hooks_url}/fallback",
                status_callback=f"{self.hooks_url}/status?delivery={message.id}",
                status_callback_event=_EVENTS,
                timeout=self.ring_seconds,
                machine_detection="Enable",
                machine_detection_timeout=_MACHINE_SECONDS,
                async_amd="true",  # the first words do not wait for it
                async_amd_status_callback=f"{self.hooks_url}/amd?delivery={message.id}",
            )
        return str(call.sid)

    def find(self, message: Outgoing, since: datetime) -> str | None:
        """The newest call of ours to this number since then."""
        with refusals():
            for call in self.client.calls.list(to=message.to, from_=self.caller, limit=_LOOKED_AT):
                if call.date_created and call.date_created >= since - _CLOCK_SLACK:
                    return str(call.sid)
        return None

    def became(self, ref: str) -> Receipt | None:
        """What became of one call; None for an id that the carrier does not know, or a status that says nothing."""
        if (call := fetch_known(self.client.calls(ref))) is None:
            return None
        status = str(call.status).lower()
        if (state := STATES.get(status)) is None:
            return None
        at, seconds = call.end_time or call.date_updated or call.date_created, str(call.duration or "")
        lasted = int(seconds) if seconds.isdecimal() and state is ReceiptState.DELIVERED else None
        return Receipt(self.gateway, ref, state, at, reason=REASONS.get(status), seconds=lasted)

    def handed(self, since: datetime, until: datetime) -> list[str]:
        """The ids of our calls between these moments, of the newest 1,000."""
        with refusals():
            known = self.client.calls.list(from_=self.caller, start_time_after=since - _A_DAY, limit=_LISTED)
        return [str(call.sid) for call in known if call.date_created and since <= call.date_created <= until]


@dataclass(frozen=True, slots=True)
class TwilioRecordings:
    """Fetches what a caller said. Only by its id and only from the provider: an address in a webhook is never followed."""

    http: ProviderHttp
    account_sid: str
    auth_token: str

    def fetch(self, sid: str) -> bytes:
        """WAV bytes. Raises ``SendError``: UNAVAILABLE while the provider has not written it yet."""
        if not _RECORDING.fullmatch(sid):
            raise SendError(Reason.BAD_ADDRESS, "recording")
        url = f"https://api.twilio.com/2010-04-01/Accounts/{self.account_sid}/Recordings/{sid}.wav"
        try:
            answer = self.http.fetch(url, auth=(self.account_sid, self.auth_token), limit=_RECORDING_LIMIT)
        except OSError as error:
            raise SendError(Reason.UNREACHABLE) from error
        if answer.status != 200:
            raise SendError(Reason.UNAVAILABLE, str(answer.status))
        return answer.body
