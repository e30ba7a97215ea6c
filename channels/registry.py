"""Which carrier stands behind the service: an explicit table from its kind to its gateways, webhooks and transport."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from flask import Blueprint
from twilio.rest import Client

from channels.contract import Gateway, Ports
from channels.doors import CarrierDoor
from channels.mailbox.mailbox import Mailbox
from channels.simulator.calls import Exchange
from channels.simulator.carrier import Carrier
from channels.simulator.facade import CarrierLink, carrier_api, carrier_app
from channels.simulator.habits import Habits
from channels.simulator.sounds import Voice
from channels.simulator.store import Store
from channels.sms.routes import sms_hooks
from channels.sms.twilio import TwilioSms
from channels.transport import ProviderHttp, Transport, WebTransport, WsgiTransport
from channels.voice.links import SignedLinks
from channels.voice.routes import PREFIX as VOICE_PREFIX
from channels.voice.routes import VoiceLine, voice_hooks
from channels.voice.twilio import TwilioRecordings, TwilioVoice
from farmerline.errors import Misconfigured
from farmerline.messages import Channel

DEMO_ACCOUNT = "AC" + "0" * 32
MAILBOX = "mailbox"
_SMS_PATH = "/hooks/twilio/sms"
_APOLOGY = "对不起，线路出了点问题，您刚才说的可能没记下。请过一会儿再打，急事请找村里的联络点。"
_UNLIMITED = 10_000.0


@dataclass(frozen=True, slots=True)
class Line:
    """The service's telephone line. ``kind`` is ``twilio`` or ``simulator``; ``number`` is E.164 or a short code."""

    kind: str
    number: str
    public_url: str
    account_sid: str = DEMO_ACCOUNT
    auth_token: str = field(repr=False, default="")
    sms_rate: float = 10.0
    call_rate: float = 1.0
    apology: str = _APOLOGY
    sms_signature: str = ""

    @property
    def sms_gateway(self) -> str:
        return "sms"

    @property
    def voice_gateway(self) -> str:
        return "voice"


def twilio_http() -> ProviderHttp:
    """The way to Twilio itself."""
    return ProviderHttp(WebTransport())


def build_gateways(line: Line, http: ProviderHttp | None = None) -> list[Gateway]:
    """Texts, calls and the mailbox. ``http`` is the simulator's where the kind is ``simulator``.

    Raises ``KeyError`` for a kind that is not in the table.
    """
    gateways, _ = CARRIERS[line.kind]
    return [*gateways(line, http), Gateway(MAILBOX, Channel.MAILBOX, Mailbox(), _UNLIMITED)]


def build_hooks(line: Line, ports: Ports, http: ProviderHttp | None = None) -> list[Blueprint]:
    """The webhooks of the line, texts first; the application registers them and exempts them from its form check.

    Raises ``Misconfigured`` without an auth token: anybody could then sign.
    """
    if not line.auth_token:
        raise Misconfigured(
            "The carrier's auth token is missing: its webhooks could not be told from forged ones."
        )
    _, hooks = CARRIERS[line.kind]
    return hooks(line, ports, http)


def _twilio_gateways(line: Line, http: ProviderHttp | None) -> list[Gateway]:
    client = Client(line.account_sid, line.auth_token, http_client=http or twilio_http())
    sms = TwilioSms(client, line.number, f"{line.public_url}{_SMS_PATH}/status", line.sms_gateway)
    voice = TwilioVoice(client, line.number, line.public_url + VOICE_PREFIX)
    return [
        Gateway(line.sms_gateway, Channel.SMS, sms, line.sms_rate, line.sms_signature, sms),
        Gateway(line.voice_gateway, Channel.VOICE, voice, line.call_rate),
    ]


def _twilio_hooks(line: Line, ports: Ports, http: ProviderHttp | None) -> list[Blueprint]:
    door = CarrierDoor(line.auth_token, line.public_url)
    recordings = TwilioRecordings(http or twilio_http(), line.account_sid, line.auth_token)
    voice = VoiceLine(
        gateway=line.voice_gateway,
        public_url=line.public_url,
        links=SignedLinks(line.auth_token, line.public_url + VOICE_PREFIX),
        fetch_recording=recordings.fetch,
        apology=line.apology,
    )
    return [sms_hooks(ports, door, line.sms_gateway), voice_hooks(ports, door, voice)]


CARRIERS: dict[
    str,
    tuple[
        Callable[[Line, ProviderHttp | None], list[Gateway]],
        Callable[[Line, Ports, ProviderHttp | None], list[Blueprint]],
    ],
] = {
    "twilio": (_twilio_gateways, _twilio_hooks),
    "simulator": (_twilio_gateways, _twilio_hooks),  # speaks Twilio's dialect, handed in as ``http``
}
"""From a carrier's kind to its gateways and its webhooks."""


@dataclass(slots=True)
class Simulator:
    """The carrier in a box. ``attach`` it to the application once that exists; ``http`` goes to its REST door."""

    carrier: Carrier
    exchange: Exchange
    http: ProviderHttp
    habits: Habits
    _hooks: WsgiTransport

    def attach(self, app: Callable[..., object]) -> None:
        """Let the carrier reach the service's webhooks, in this process."""
        self._hooks.attach(app)  # type: ignore[arg-type]

    def api(self) -> Blueprint:
        """The REST door as part of the application, for clients outside this process."""
        return carrier_api(self.exchange)


def build_simulator(
    line: Line, path: Path | str, now: Callable[[], datetime], voice: Voice | None = None
) -> Simulator:
    """A simulated carrier that keeps its own file at ``path`` and takes its time from ``now``."""
    hooks = WsgiTransport()
    carrier = Carrier(
        Store(path), hooks, line.account_sid, line.auth_token, line.number, line.public_url, now
    )
    exchange = Exchange(carrier, voice)
    link: Transport = CarrierLink(exchange, WsgiTransport(carrier_app(exchange)))
    return Simulator(carrier, exchange, ProviderHttp(link), Habits(exchange), hooks)
