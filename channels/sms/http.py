"""Texts through any HTTP service, as the gateways file describes it (docs/gateways.md)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from channels.contract import Gateway, Reason, SendError
from channels.http.keys import Find, HttpTable, Request
from channels.http.places import Said, Unreadable
from channels.http.templates import Facts, fill, names
from channels.http.wire import Prepared, Wire, by_status
from channels.transport import Answer
from farmerline.clock import SystemClock, local
from farmerline.messages import Outgoing
from farmerline.parts import with_signature

_A_DAY = timedelta(days=1)
_ANY = "*"


@dataclass(frozen=True, slots=True)
class HttpSms:
    """Hands texts over as the table says, and asks for those of unknown fate where it says how."""

    table: HttpTable
    wire: Wire
    now: Callable[[], datetime] = field(default_factory=lambda: SystemClock().now)

    def send(self, message: Outgoing) -> str:
        template = self._template(message)
        answer = self._ask(self.table.send, self._facts(message, template=template))
        said = Said(answer.text)
        try:
            if _is_yes(answer, said, self.table.send.success):
                ref = said.at(self.table.send.id) if self.table.send.id else message.id
                if not ref:
                    raise SendError(Reason.UNREACHABLE, "no id")
                return ref
        except Unreadable:
            if answer.status < 300:
                raise SendError(Reason.UNREACHABLE, "not readable") from None
        raise self._refusal(answer, said)

    def find(self, message: Outgoing, since: datetime) -> str | None:
        """The carrier's id of this message; where it keeps them by day, the days since are asked, newest first."""
        find = self.table.find
        if find is None:
            raise SendError(Reason.UNREACHABLE, "cannot be asked")
        now = self.now()
        for back in range(_days(find, since, now)):
            answer = self._ask(find, self._facts(message, day=now - back * _A_DAY, since=since))
            if (ref := self._found(find, answer, message)) is not None:
                return ref
        return None

    def probe(self) -> None:
        """See whether the carrier can be reached; raises ``SendError``. Nothing is sent."""
        self.wire.reach(_origin(self.table.send.url))

    def _found(self, find: Find, answer: Answer, message: Outgoing) -> str | None:
        said = Said(answer.text)
        try:
            if _is_absent(find, answer, said):
                return None
            if not _is_yes(answer, said, find.success):
                raise self._refusal(answer, said)
            facts = self._facts(message)
            entries = said.entries(find.list) if find.list else [said]
            wanted = {place: fill(value, facts) for place, value in find.match.items()}
            for entry in entries:
                if all(entry.at(place) == value for place, value in wanted.items()):
                    if ref := entry.at(find.id):
                        return ref
                    raise SendError(Reason.UNREACHABLE, "no id")
        except Unreadable:
            raise SendError(Reason.UNREACHABLE, "not readable") from None
        if find.list:
            return None
        raise SendError(Reason.UNREACHABLE, "no id")

    def _ask(self, request: Request, facts: Facts) -> Answer:
        return self.wire.exchange(prepare(request, facts))

    def _facts(self, message: Outgoing, **values: Any) -> Facts:
        now = self.now()
        signature = self.table.signature or ""
        text = message.text.replace("\0", "")
        if self.table.carrier_signs:
            text = text.removeprefix(with_signature("", signature))
        secrets = {name: value.get_secret_value() for name, value in self.table.secrets.items()}
        known: dict[str, Any] = {"day": now, "secrets": secrets, **values}
        return Facts(
            now=now,
            id=message.id,
            to=message.to,
            text=text,
            signature=signature,
            purpose=message.purpose,
            **known,
        )

    def _template(self, message: Outgoing) -> str:
        templates = self.table.templates
        template = templates.get(message.purpose) or templates.get(_ANY, "")
        if templates and not template:
            raise SendError(Reason.REFUSED, "no template")
        return template

    def _refusal(self, answer: Answer, said: Said) -> SendError:
        """Our reason for a no: by the carrier's code where the table knows it, else by the status."""
        try:
            code = said.at(self.table.send.code) if self.table.send.code else None
        except Unreadable:
            code = None
        if code is not None and (reason := self.table.reasons.get(code)):
            return SendError(reason, code)
        if answer.status >= 300:
            return by_status(answer, code or "")
        return SendError(Reason.REFUSED, code) if code else SendError(Reason.UNREACHABLE, "no yes, no code")


def connect(table: HttpTable) -> Gateway:
    """The connection that a table describes."""
    wire = Wire(table.connections, table.connect_seconds, table.read_seconds, table.ca_file)
    sender = HttpSms(table, wire)
    return Gateway(
        name=table.name,
        channel=table.channel,
        sender=sender,
        rate=table.rate,
        signature=table.signature or "",
        prefixes=table.prefixes,
        cost=table.cost or 0.0,
        kind=table.kind,
        purposes=() if _ANY in table.templates else tuple(table.templates),
        longest=table.longest,
        can_find=table.find is not None,
        probe=sender.probe,
    )


def prepare(request: Request, facts: Facts) -> Prepared:
    """A request with its placeholders filled in, encoded. Words are encoded after they are put in."""
    parts = urlsplit(request.url)
    path = "".join(_filled(parts.path or "/", facts))
    queries = [_filled(parts.query, facts)] if parts.query else []
    if request.query:
        queries.append(encode_form(fill(request.query, facts)))
    headers = {name: fill(value, facts) for name, value in request.headers.items()}
    body = b""
    if request.body_json is not None:
        body = json.dumps(fill(request.body_json, facts), ensure_ascii=False).encode("utf-8", "replace")
        headers.setdefault("Content-Type", "application/json; charset=utf-8")
    elif request.body_form is not None:
        body = encode_form(fill(request.body_form, facts)).encode("ascii")
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
    target = path + (f"?{'&'.join(queries)}" if queries else "")
    return Prepared(request.method, _origin(request.url), target, headers, body)


def encode_form(fields: dict[str, Any]) -> str:
    """Fields as a form or query carries them: RFC 3986, a blank as %20, a table as its JSON text."""
    return "&".join(f"{_quoted(name)}={_quoted(_leaf(value))}" for name, value in fields.items())


def _filled(given: str, facts: Facts) -> str:
    """A piece of an address; what is put in cannot leave its place."""
    quoted = {name: _quoted(fill(f"{{{name}}}", facts)) for name in names(given)}
    for name, value in quoted.items():
        given = given.replace(f"{{{name}}}", value)
    return given


def _leaf(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _quoted(value: str) -> str:
    return quote(value, safe="", errors="replace")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_yes(answer: Answer, said: Said, success: dict[str, str]) -> bool:
    return 200 <= answer.status < 300 and said.all_match(success)


def _is_absent(find: Find, answer: Answer, said: Said) -> bool:
    if not find.absent_status and not find.absent:
        return False
    if find.absent_status and answer.status not in find.absent_status:
        return False
    return said.all_match(find.absent)


def _days(find: Find, since: datetime, now: datetime) -> int:
    """How many days are asked for; raises ``SendError`` where the carrier does not look back that far."""
    if "day" not in set(names(find.spoken())):
        return 1
    wanted = (local(now).date() - local(since).date()).days + 1
    if wanted > find.days:
        raise SendError(Reason.UNREACHABLE, "too long ago")
    return max(1, wanted)
