"""What the table of an HTTP gateway may hold: every key, checked before the service starts."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from channels.contract import HandedOver, Reason
from channels.gateways import Keys, Table, read_secret
from channels.http.hearing import InboundHook, ReceiptHook, Reported, Written
from channels.http.places import Pattern, Place, Said
from channels.http.signing import NoSign, Sign, gives_mac, spoken
from channels.http.templates import names, unknown
from farmerline.messages import Receipt, ReceiptState

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
PURPOSES = frozenset({"service", "match", "letter", "alert", "tips", "digest", "watch"})
"""What a message may be for, as the domain calls it."""
ANY = "*"
_LANES_UNASKED = 8
HERE = frozenset({"127.0.0.1", "localhost", "::1"})
"""Hosts that are this machine."""
_NOT_IN_HEADERS = frozenset({"text", "signature"})


class Request(Keys):
    """A request: where it goes and what it says. One of ``json``, ``form`` or neither."""

    url: str = Field(description="The address; placeholders may stand in its path and query.")
    method: Literal["GET", "POST", "PUT"] = Field("POST", description="`POST`, `PUT` or `GET`.")
    headers: dict[str, str] = Field(
        default_factory=dict, description="Headers beside those the signature adds."
    )
    query: dict[str, Any] = Field(default_factory=dict, description="Fields after the `?`.")
    body_json: dict[str, Any] | None = Field(None, alias="json", description="The body as JSON.")
    body_form: dict[str, Any] | None = Field(
        None, alias="form", description="The body as a form; a table inside it is sent as its JSON text."
    )

    @field_validator("url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must begin with http:// or https:// and a host")
        if "{" in parts.netloc or "@" in parts.netloc:
            raise ValueError("its host must stand there as it is, without a name and password")
        _ = parts.port
        return value

    @field_validator("headers")
    @classmethod
    def _check_headers(cls, value: dict[str, str]) -> dict[str, str]:
        for name, said in value.items():
            if not _HEADER.fullmatch(name):
                raise ValueError(f"{name!r} is not the name of a header")
            if not (said.isascii() and said.isprintable()):
                raise ValueError(f"{name} may hold only plain ASCII signs")
            if loose := set(names(said)) & _NOT_IN_HEADERS:
                raise ValueError(f"{name}: {{{loose.pop()}}} does not belong in a header")
        return value

    @model_validator(mode="after")
    def _check_body(self) -> Self:
        if self.body_json is not None and self.body_form is not None:
            raise ValueError("has both json and form; a body is one of them")
        if self.method == "GET" and (self.body_json is not None or self.body_form is not None):
            raise ValueError("is a GET, which has no body; use query")
        return self

    def spoken(self) -> list[Any]:
        """Everything in which placeholders may stand."""
        return [self.url, self.headers, self.query, self.body_json or {}, self.body_form or {}]


class Send(Request):
    """How a message is handed over, and what the answer means."""

    success: dict[Place, Pattern] = Field(
        default_factory=dict,
        description="Where the answer says yes: place and pattern; all must fit. Without it, any 2xx.",
    )
    id: Place | None = Field(
        None, description="Where the answer has the carrier's id. Without it, ours is used."
    )
    code: Place | None = Field(None, description="Where a refusal has its code.")


class Find(Request):
    """How the carrier is asked whether it took a message whose fate is not known."""

    method: Literal["GET", "POST", "PUT"] = Field("GET", description="`GET`, `POST` or `PUT`.")
    success: dict[Place, Pattern] = Field(
        default_factory=dict, description="Where the answer says that it is one."
    )
    list: Place | None = Field(
        None, description="Where the answer lists messages; without it, it is about one."
    )
    match: dict[Place, str] = Field(
        default_factory=dict, description="What an entry of the list must hold to be this message."
    )
    id: Place = Field(description="Where the answer, or the entry, has the carrier's id.")
    absent_status: tuple[int, ...] = Field((), description="Statuses that mean: never taken, such as 404.")
    absent: dict[Place, Pattern] = Field(
        default_factory=dict,
        description="Where an answer says: never taken; with absent_status, both must fit.",
    )
    days: int = Field(
        30,
        ge=2,
        le=90,
        description="How many days the carrier can be asked about, where {day} stands in the request.",
    )

    @model_validator(mode="after")
    def _check_absent(self) -> Self:
        if not (self.absent_status or self.absent or self.list):
            raise ValueError(
                "does not say what an unknown message looks like; give absent_status, absent or list"
            )
        if self.list and not self.match:
            raise ValueError("has a list and no match: it would take any message for the one sought")
        return self


class Asking(Request):
    """A request for news: entries, which the answer lists."""

    method: Literal["GET", "POST", "PUT"] = Field("GET", description="`GET`, `POST` or `PUT`.")
    success: dict[Place, Pattern] = Field(
        default_factory=dict, description="Where the answer says that it is one."
    )
    list: Place | None = Field(None, description="Where the entries are; without it, the whole is the list.")
    again: bool = Field(
        False,
        description="Ask again at once while there is something new: for carriers that hand out a part at a time.",
    )


class Reports(Reported, Asking):
    """How the carrier is asked what became of messages, all at once."""


class Inbox(Written, Asking):
    """How the carrier is asked what people texted."""


class Status(Asking):
    """How the carrier is asked what became of one message."""

    match: dict[Place, str] = Field(
        default_factory=dict, description="What an entry must hold to be this message."
    )
    state: Place = Field(description="Where the entry has the state.")
    states: dict[str, ReceiptState] = Field(
        min_length=1,
        description="From the carrier's words to `sent`, `delivered`, `failed`; others say nothing to us.",
    )
    code: Place | None = Field(None, description="Where it has the code of a failure.")

    @model_validator(mode="after")
    def _check_match(self) -> Self:
        if self.list and not self.match:
            raise ValueError("has a list and no match: it would take any message for the one asked about")
        return self

    def receipt(self, entry: Said, message: HandedOver, table: HttpTable, at: datetime) -> Receipt | None:
        """What became of this message; None for a state that says nothing to us."""
        state = self.states.get(entry.at(self.state) or "")
        code = (entry.at(self.code) or "") if self.code else ""
        if state is None:
            return None
        failed = state is ReceiptState.FAILED
        reason = table.reasons.get(code, Reason.REFUSED) if failed else None
        return Receipt(table.name, message.ref, state, at, message.id, reason, code[:16] if failed else "")


class HttpTable(Table):
    """A carrier's HTTP service, or a relay, told by settings alone."""

    kind: Literal["http"] = "http"
    send: Send = Field(description="How a message is handed over.")
    find: Find | None = Field(None, description="How the carrier is asked for a message of unknown fate.")
    sign: Sign = Field(default_factory=NoSign, description="How a request proves that it is ours.")
    receipts: ReceiptHook | None = Field(None, description="The webhook that tells what became of messages.")
    reports: Reports | None = Field(
        None, description="How the carrier is asked what became of messages, all at once."
    )
    status: Status | None = Field(None, description="How the carrier is asked what became of one message.")
    inbound: InboundHook | None = Field(None, description="The webhook that brings what people texted.")
    inbox: Inbox | None = Field(None, description="How the carrier is asked what people texted.")
    reasons: dict[str, Reason] = Field(
        default_factory=dict, description="From the carrier's codes to our reasons."
    )
    templates: dict[str, str] = Field(
        default_factory=dict, description="The carrier's template for each purpose; `*` for all others."
    )
    secrets: dict[str, SecretStr] = Field(
        default_factory=dict,
        description='Secrets for placeholders such as {secret.password}, each "env:NAME" or a file.',
    )
    carrier_signs: bool = Field(
        False, description="The carrier puts the signature before the text: it counts, and is left out."
    )
    connections: int = Field(
        16,
        ge=1,
        le=64,
        description="Messages that may be on their way at one time, each by a connection that is kept; 8 at most without find.",
    )
    connect_seconds: float = Field(3.0, gt=0, le=5, description="Time for a connection.")
    read_seconds: float = Field(10.0, gt=0, le=25, description="Time for a whole answer.")
    ca_file: str | None = Field(None, description="Certificates to believe, where the carrier has its own.")

    def stays_here(self) -> bool:
        return all(urlsplit(request.url).hostname in HERE for request in self.requests())

    @property
    def lanes(self) -> int:
        """Messages on their way at one time. Where nobody can be asked, a crash repeats them: fewer then."""
        return self.connections if self.find else min(self.connections, _LANES_UNASKED)

    def requests(self) -> list[Request]:
        """Every request that the table describes."""
        given = (self.send, self.find, self.reports, self.status, self.inbox)
        return [request for request in given if request is not None]

    @field_validator("ca_file")
    @classmethod
    def _check_certificates(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                ssl.create_default_context(cafile=value)
            except OSError as error:
                raise ValueError(f"{value} holds no certificates that can be read") from error
        return value

    @field_validator("templates")
    @classmethod
    def _check_purposes(cls, value: dict[str, str]) -> dict[str, str]:
        if wrong := sorted(value.keys() - PURPOSES - {ANY}):
            raise ValueError(
                f"{wrong[0]} is no purpose; there are {', '.join(sorted(PURPOSES))}, and {ANY} for all others"
            )
        return value

    @field_validator("secrets", mode="before")
    @classmethod
    def _fetch(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        found = {}
        for name, value in given.items():
            plain = name.removesuffix("_file")
            found[plain] = read_secret(plain, value, from_file=plain != name)
        return found

    @model_validator(mode="after")
    def _check_placeholders(self) -> Self:
        signed, more = spoken(self.sign)
        said = [value for request in self.requests() for value in request.spoken()]
        if wrong := unknown(said, self.secrets) or unknown(signed, self.secrets, more):
            raise ValueError(f"{{{wrong}}} stands for nothing; docs/gateways.md lists the placeholders")
        if ("mac" in set(names(said))) != gives_mac(self.sign):
            raise ValueError("{mac} and a recipe that gives it belong together; one of them is missing")
        used = set(names(self.send.spoken()))
        if not used & {"to", "to_digits", "to_national"}:
            raise ValueError("send does not say whom the message is to; put {to} or {to_national} in it")
        if "text" not in used:
            raise ValueError("send does not say the words; put {text} in it")
        if ("template" in used) != bool(self.templates):
            raise ValueError("{template} and the table templates belong together; one of them is missing")
        return self
