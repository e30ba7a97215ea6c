"""How requests leave: over the network to the one configured carrier, or inside the process in the demo."""

from __future__ import annotations

import contextvars
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.http.response import Response as TwilioResponse
from werkzeug.test import EnvironBuilder, run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_LIMIT = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Transport(Protocol):
    def send(
        self,
        method: str,
        url: str,
        *,
        form: Iterable[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        limit: int = _LIMIT,
    ) -> Answer:
        """One request. Raises ``OSError`` when nothing comes back, or more than ``limit`` bytes do."""
        ...


@dataclass(slots=True)
class WsgiTransport:
    """Requests answered by an application in this process. It reaches nothing else, whatever the host.

    The application may be attached later, because it needs the gateways and they need the transport. Each
    request runs in a context of its own, so that a page that causes a webhook does not share its request with it.
    """

    app: WSGIApplication | None = None

    def attach(self, app: WSGIApplication) -> None:
        self.app = app

    def send(
        self,
        method: str,
        url: str,
        *,
        form: Iterable[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        limit: int = _LIMIT,
    ) -> Answer:
        if self.app is None:
            raise ConnectionError("no service answers here")
        parts = urlsplit(url)
        builder = EnvironBuilder(
            path=parts.path,
            query_string=parts.query,
            method=method,
            base_url=f"{parts.scheme}://{parts.netloc}",
            headers=list((headers or {}).items()),
            auth=auth,
            data=urlencode(list(form)).encode() if form is not None else None,
            content_type="application/x-www-form-urlencoded" if form is not None else None,
        )
        chunks, status, answered = contextvars.Context().run(
            run_wsgi_app, self.app, builder.get_environ(), True
        )
        body = b"".join(chunks)
        if len(body) > limit:
            raise OSError("the answer is too large")
        return Answer(int(status.split(" ")[0]), dict(answered), body)


@dataclass(slots=True)
class WebTransport:
    """Requests over the network, with a time limit and a size limit. Redirects are not followed.

    ``lanes`` is how many connections to one host are kept open.
    """

    timeout: float = 12.0
    session: requests.Session = field(default_factory=requests.Session)
    lanes: int = 10

    def __post_init__(self) -> None:
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(pool_maxsize=self.lanes))

    def send(
        self,
        method: str,
        url: str,
        *,
        form: Iterable[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        limit: int = _LIMIT,
    ) -> Answer:
        with self.session.request(
            method,
            url,
            data=list(form) if form is not None else None,
            headers=dict(headers or {}),
            auth=auth,
            timeout=self.timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            body = bytearray()
            for chunk in response.iter_content(64 * 1024):
                body += chunk
                if len(body) > limit:
                    raise OSError("the answer is too large")
            return Answer(response.status_code, response.headers, bytes(body))


@dataclass(slots=True)
class ProviderHttp:
    """The twilio package's HTTP client over a transport of ours.

    ``base`` sends every request to another scheme and host (Twilio's own edge and region settings cannot leave
    Twilio); empty leaves the address as the package made it.
    """

    transport: Transport
    base: str = ""
    is_async: bool = False

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> TwilioResponse:
        query = urlencode(_pairs(params or {}))
        url = placed(uri, self.base) + (f"?{query}" if query else "")
        form = _pairs(data) if data is not None and method.upper() != "GET" else None
        answer = self.transport.send(method.upper(), url, form=form, headers=headers, auth=auth)
        return TwilioResponse(answer.status, answer.text, answer.headers)

    def fetch(self, uri: str, *, auth: tuple[str, str], limit: int) -> Answer:
        """Bytes from the provider (a recording): the package itself reads every answer as text."""
        return self.transport.send("GET", placed(uri, self.base), auth=auth, limit=limit)


def placed(url: str, base: str) -> str:
    """The address with another scheme and host; as it is where ``base`` is empty."""
    if not base:
        return url
    there, parts = urlsplit(base), urlsplit(url)
    return urlunsplit((there.scheme, there.netloc, parts.path, parts.query, parts.fragment))


def _pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Form pairs as requests would make them: a list repeats its name, None is left out."""
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        many = value if isinstance(value, (list, tuple)) else [value]
        pairs += [(name, str(one)) for one in many if one is not None]
    return pairs
