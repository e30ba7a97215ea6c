"""A carrier's HTTP service on the loopback, that answers as it is told and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

HANG, CLOSE, DRIP = "hang", "close", "drip"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True, strict_parsing=False))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def said(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.body)
        return found


def reply(status: int = 200, said: object = None, headers: str = "") -> bytes:
    """An answer's bytes. ``said`` is sent as JSON, bytes as they are."""
    body = said if isinstance(said, bytes) else json.dumps(said if said is not None else {}).encode()
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


@dataclass
class Service:
    """``answer`` gives the bytes for a request, or ``HANG``, ``CLOSE``, ``DRIP``."""

    answer: Callable[[Asked], bytes | str] = lambda asked: reply(200, {"id": "c1"})
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    trust: ssl.SSLContext | None = None
    _open: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{'https' if self.trust else 'http'}://127.0.0.1:{self.port}"

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            Thread(target=self._talk, args=(connection,), daemon=True).start()

    def end(self) -> None:
        """Close every connection, as carriers do with those that rest."""
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _talk(self, connection: socket.socket) -> None:
        if self.trust:
            try:
                connection = self.trust.wrap_socket(connection, server_side=True)
            except OSError:  # the client does not believe us
                connection.close()
                return
            self._open.append(connection)
        with connection, connection.makefile("rb") as lines:
            while (asked := _read(lines)) is not None:
                self.asked.append(asked)
                said = self.answer(asked)
                if said == HANG:
                    continue
                if said == CLOSE:
                    return
                if said == DRIP:
                    _drip(connection)
                    return
                assert isinstance(said, bytes)
                connection.sendall(said)
                if b"Connection: close" in said or (b"Content-Length" not in said and b"chunked" not in said):
                    return


def _drip(connection: socket.socket) -> None:
    """A byte now and then, without end: no single wait is long."""
    try:
        for byte in reply(200, {"id": "c1"}):
            connection.sendall(bytes([byte]))
            time.sleep(0.05)
    except OSError:
        return


def _read(lines: object) -> Asked | None:
    try:
        first = lines.readline().decode()  # type: ignore[attr-defined]
        if not first:
            return None
        method, target, _ = first.split(" ")
        headers = {}
        while line := lines.readline().decode().strip():  # type: ignore[attr-defined]
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        body = lines.read(int(headers.get("content-length", 0)))  # type: ignore[attr-defined]
    except (OSError, ValueError):
        return None
    return Asked(method, target, headers, body)


@contextmanager
def open_service(
    answer: Callable[[Asked], bytes | str] | None = None, trust: ssl.SSLContext | None = None
) -> Iterator[Service]:
    """A service on a free port of this machine; over TLS with the certificate in ``trust``."""
    service = Service(answer) if answer else Service()
    service.trust = trust
    with socket.create_server(("127.0.0.1", 0)) as listening:
        service.port = listening.getsockname()[1]
        Thread(target=service.serve, args=(listening,), daemon=True).start()
        yield service
        listening.shutdown(socket.SHUT_RDWR)
        service.end()
