"""A request as the settings describe it, its placeholders filled in and encoded. Words are encoded after they are put in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from channels.http.templates import Facts, fill, names

_PLAIN_JSON = json.JSONEncoder(ensure_ascii=False)  # made once: making one costs as much as using it


class Described(Protocol):
    """What is said of a request in the settings."""

    url: str
    method: Any
    headers: dict[str, str]
    query: dict[str, Any]
    body_json: dict[str, Any] | None
    body_form: dict[str, Any] | None


@dataclass(slots=True)
class Prepared:
    """A request, ready but for its signature. ``target`` is path and query, as they go over the wire."""

    method: str
    origin: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def host(self) -> str:
        """Host, and port where it is not the usual one: what stands in the header ``Host``."""
        return self.origin.partition("://")[2]

    def encode(self) -> bytes:
        """The bytes on the wire; raises ``ValueError`` for a header that would break out of its line."""
        lines = [f"{self.method} {self.target} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body or self.method != "GET":
            lines.append(f"Content-Length: {len(self.body)}")
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
            raise ValueError("a line break in a header")
        return head.encode("ascii") + b"\r\n\r\n" + self.body


def prepare(request: Described, facts: Facts) -> Prepared:
    """A request about these facts."""
    parts = urlsplit(request.url)
    queries = [_filled(parts.query, facts)] if parts.query else []
    if request.query:
        queries.append(encode_form(fill(request.query, facts)))
    headers = fill(request.headers, facts)
    body = b""
    if request.body_json is not None:
        body = _PLAIN_JSON.encode(fill(request.body_json, facts)).encode("utf-8", "replace")
        headers.setdefault("Content-Type", "application/json; charset=utf-8")
    elif request.body_form is not None:
        body = encode_form(fill(request.body_form, facts)).encode("ascii")
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
    target = _filled(parts.path or "/", facts) + (f"?{'&'.join(queries)}" if queries else "")
    return Prepared(request.method, origin(request.url), target, headers, body)


def encode_form(fields: Mapping[str, Any]) -> str:
    """Fields as a form or query carries them: RFC 3986, a blank as %20, a table as its JSON text."""
    return "&".join(f"{_quoted(name)}={_quoted(_leaf(value))}" for name, value in fields.items())


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _filled(given: str, facts: Facts) -> str:
    """A piece of an address; what is put in cannot leave its place."""
    for name in set(names(given)):
        given = given.replace(f"{{{name}}}", _quoted(fill(f"{{{name}}}", facts)))
    return given


def _leaf(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _PLAIN_JSON.encode(value) if isinstance(value, dict | list) else str(value)


def _quoted(value: str) -> str:
    return quote(value, safe="", errors="replace")
