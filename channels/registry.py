"""Which carriers stand behind the service: an explicit table from a kind of connection to how it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from flask import Blueprint
from twilio.rest import Client

from channels.contract import Gateway, Ports
from channels.dialect.facade import carrier_api, carrier_app
from channels.doors import CarrierDoor
from channels.gateways import LineTable, Table, read_tables
from channels.http.hooks import http_hooks
from channels.http.keys import HttpTable
from channels.mailbox.mailbox import Mailbox
from channels.simulator.calls import CarrierLink, Exchange
from channels.simulator.carrier import Carrier
from channels.simulator.habits import Habits
from channels.simulator.store import Store
from channels.sms.http import connect as connect_http
from channels.sms.routes import sms_hooks
from channels.sms.smpp_keys import SmppTable
from channels.sms.smpp_keys import connect as connect_smpp
from channels.sms.twilio import TwilioSms
from channels.switch.build import Sms
from channels.transport import ProviderHttp, Transport, WebTransport, WsgiTransport
from channels.voice.links import SignedLinks
from channels.voice.routes import PREFIX as VOICE_PREFIX
from channels.voice.routes import VoiceLine, voice_hooks
from channels.voice.sound import Voice
from channels.voice.twilio import TwilioRecordings, TwilioVoice
from channels.voice.twiml import VOICES
from farmerline.clock import SystemClock
from farmerline.errors import Misconfigured
from farmerline.messages import Channel, Outgoing

DEMO_ACCOUNT = "AC" + "0" * 32
MAILBOX = "mailbox"
_TWILIO, _SIMULATOR = "twilio", "simulator"
_SMS_PATH = "/hooks/twilio/sms"
_APOLOGY = "对不起，线路出了点问题，您刚才说的可能没记下。请过一会儿再打，急事请找村里的联络点。"
_UNLIMITED = 10_000.0


@dataclass(frozen=True, slots=True)
class Line:
    """The service's telephone line, and what holds for its connections where they do not say otherwise.

    ``kind`` is ``twilio`` or ``simulator``; ``number`` is E.164 or a short code; rates are parts and calls a second;
    ``api`` is who is spoken to in Twilio's place, empty for Twilio itself;
    ``part_yuan`` and ``minute_yuan`` are what a part and a started minute cost.
    """

    kind: str
    number: str
    public_url: str
    account_sid: str = DEMO_ACCOUNT
    auth_token: str = field(repr=False, default="")
    api: str = ""
    sms_rate: float = 10.0
    call_rate: float = 1.0
    apology: str = _APOLOGY
    voices: Mapping[str, str] = field(default_factory=lambda: VOICES)
    sms_signature: str = ""
    part_yuan: float = 0.0
    minute_yuan: float = 0.0


@dataclass(frozen=True, slots=True)
class Around:
    """What a connection is made in: the line, and the simulator's own way where there is one."""

    line: Line
    http: ProviderHttp | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of connection: the keys of its table, how it is made, and its webhooks, if any."""

    table: type[Table]
    connect: Callable[[Any, Around], Gateway]
    hooks: Callable[[Any, Around, Ports], list[Blueprint]] = lambda table, around, ports: []


def read_gateways(path: Path, *, demo: bool, line: Line) -> tuple[Table, ...]:
    """The connections that the gateways file describes; raises ``Misconfigured`` with one line."""
    tables = read_tables(path, {name: kind.table for name, kind in KINDS.items()})
    seen: set[tuple[str, Channel]] = set()
    for table in tables:
        if problem := _objection(table, seen, demo=demo, line=line):
            raise Misconfigured(f'{path}: gateway "{table.name}": {problem}')
        seen.add((table.kind, table.channel))
    return tables


def usual_tables(line: Line) -> tuple[Table, ...]:
    """The connections of a county without a gateways file: texts and calls by the one line."""
    rates = {Channel.SMS: line.sms_rate, Channel.VOICE: line.call_rate}
    return tuple(
        LineTable.model_validate({"name": channel.value, "kind": line.kind, "channel": channel, "rate": rate})
        for channel, rate in rates.items()
    )


def build_gateways(
    line: Line, http: ProviderHttp | None = None, tables: Sequence[Table] | None = None
) -> list[Gateway]:
    """The connections of these tables, without them of the line alone, and the mailbox.

    ``http`` is the simulator's where the kind is ``simulator``. Raises ``KeyError`` for a kind that is not in the table.
    """
    around = Around(line, http)
    known = usual_tables(line) if tables is None else tables
    made = [KINDS[table.kind].connect(_completed(table, line), around) for table in known]
    return [*made, Gateway(MAILBOX, Channel.MAILBOX, Mailbox(), _UNLIMITED, kind=MAILBOX)]


def build_texts(path: Path, public_url: str) -> Sms:
    """The one connection for texts of a switch's own gateways file; raises ``Misconfigured``. The switch is the line itself, so
    that a table of the line would lead back to it: only gateways beyond it will do."""
    beyond = {name: kind for name, kind in KINDS.items() if kind is not _LINE}
    table, *more = read_tables(path, {name: kind.table for name, kind in beyond.items()})
    if more or table.channel is not Channel.SMS:
        raise Misconfigured(f"{path}: a switch has one gateway for texts.")
    kind, around = beyond[table.kind], Around(Line(table.kind, "", public_url))
    return Sms(kind.connect(table, around), lambda ports: kind.hooks(table, around, ports))


def build_hooks(
    line: Line, ports: Ports, http: ProviderHttp | None = None, tables: Sequence[Table] | None = None
) -> list[Blueprint]:
    """The webhooks of the connections; the application registers them and exempts them from its form check.

    Raises ``Misconfigured`` where they could not be told from forged ones.
    """
    around = Around(line, http)
    known = usual_tables(line) if tables is None else tables
    return [
        hook for table in known for hook in KINDS[table.kind].hooks(_completed(table, line), around, ports)
    ]


def _completed(table: Table, line: Line) -> Table:
    """The table with the county's own signature and price where it names none."""
    lacking: dict[str, object] = {}
    if table.signature is None:
        lacking["signature"] = line.sms_signature if table.channel is Channel.SMS else ""
    if table.cost is None:
        lacking["cost"] = line.part_yuan if table.channel is Channel.SMS else line.minute_yuan
    return table.model_copy(update=lacking)


def _objection(table: Table, seen: set[tuple[str, Channel]], *, demo: bool, line: Line) -> str:
    """What is wrong with a table in this place; empty for nothing."""
    if table.kind in (_TWILIO, _SIMULATOR):
        if (table.kind, table.channel) in seen:
            return f"there is another of kind {table.kind} for {table.channel}; the line is one account."
        if table.kind == _SIMULATOR and not demo:
            return "the simulator works only with FARMERLINE_MODE=demo."
        if table.kind == _TWILIO and line.account_sid == DEMO_ACCOUNT and not demo:
            return "kind twilio needs FARMERLINE_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and _NUMBER."
    elif table.channel is not Channel.SMS:
        return f"kind {table.kind} carries texts only; channel must be sms."
    if demo and table.kind != _SIMULATOR and not table.stays_here():
        return "a demo reaches nobody: only the simulator, or an address of this machine such as 127.0.0.1."
    return ""


def twilio_http(line: Line) -> ProviderHttp:
    """The way to Twilio, or to who stands in its place."""
    return ProviderHttp(WebTransport(), line.api)


def _twilio_connection(table: LineTable, around: Around) -> Gateway:
    line = around.line
    client = Client(line.account_sid, line.auth_token, http_client=around.http or twilio_http(line))
    if table.channel is Channel.VOICE:
        voice = TwilioVoice(client, line.number, line.public_url + VOICE_PREFIX, gateway=table.name)
        return table.gateway(voice, statement=voice)
    sms = TwilioSms(client, line.number, f"{line.public_url}{_SMS_PATH}/status", table.name)
    probe = partial(_probe_twilio, sms, line.number)
    return table.gateway(sms, inbox=sms, statement=sms, probe=probe)


def _probe_twilio(sms: TwilioSms, number: str) -> None:
    """Ask for a message that there is not: an answer says that the account is known."""
    sms.find(Outgoing(id="probe", channel=Channel.SMS, to=number, text="probe"), SystemClock().now())


def _twilio_hooks(table: LineTable, around: Around, ports: Ports) -> list[Blueprint]:
    line = around.line
    if not line.auth_token:
        raise Misconfigured(
            "The carrier's auth token is missing: its webhooks could not be told from forged ones."
        )
    door = CarrierDoor(line.auth_token, line.public_url)
    if table.channel is Channel.SMS:
        return [sms_hooks(ports, door, table.name)]
    recordings = TwilioRecordings(around.http or twilio_http(line), line.account_sid, line.auth_token)
    voice = VoiceLine(
        gateway=table.name,
        public_url=line.public_url,
        links=SignedLinks(line.auth_token, line.public_url + VOICE_PREFIX),
        fetch_recording=recordings.fetch,
        apology=line.apology,
        voices=line.voices,
    )
    return [voice_hooks(ports, door, voice)]


_LINE = Kind(LineTable, _twilio_connection, _twilio_hooks)
KINDS: dict[str, Kind] = {
    _TWILIO: _LINE,
    _SIMULATOR: _LINE,  # speaks Twilio's dialect, handed in as ``http``
    "http": Kind(
        HttpTable,
        lambda table, around: connect_http(table),
        lambda table, around, ports: http_hooks(table, ports, around.line.public_url),
    ),
    "smpp": Kind(SmppTable, lambda table, around: connect_smpp(table)),
}
"""Every kind of connection: a new provider is a file and a line here."""


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
