"""Getting a page of another machine: politely, with our name on it, never a page of our own network.

Which addresses may be asked is decided after the name was resolved, and the connection goes to what was resolved.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

SECONDS = 15.0
_JUMPS = 4
_ADDRESS_SIGNS = "/?%:@!$&'()*+,;=~"
"""What stands in an address as it is (RFC 3986); anything else, such as Chinese, goes over the wire in bytes."""
_PIECE = 16 * 1024
_MOVED = frozenset({301, 302, 303, 307, 308})

May = Callable[[str], bool]
"""Whether an IP address may be asked."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its HTTP status and as much of the body as was wanted."""

    status: int
    body: bytes


class Unreached(Exception):
    """Nobody answered, or may be asked; the words say why, in one: name, private, timeout, refused, tls, redirects."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open network."""
    return ipaddress.ip_address(address).is_global


def get(address: str, *, agent: str, most: int, may: May = is_public, seconds: float = SECONDS) -> Fetched:
    """The page at an address, after up to four redirections; raises ``Unreached``."""
    for _ in range(_JUMPS + 1):
        status, body, moved = _ask(address, agent, most, may, seconds)
        if not moved:
            return Fetched(status, body)
        try:
            address = urljoin(address, moved)
        except ValueError as error:
            raise Unreached("name") from error
    raise Unreached("redirects")


def _ask(address: str, agent: str, most: int, may: May, seconds: float) -> tuple[int, bytes, str]:
    try:
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Unreached("name")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise Unreached("name") from error
    place = next((str(one[4][0]) for one in found if may(str(one[4][0]))), None)
    if place is None:
        raise Unreached("private")
    ends = time.monotonic() + seconds
    connection = _Connection(parts.hostname, port, place, secure=parts.scheme == "https", seconds=seconds)
    try:
        target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_ADDRESS_SIGNS)
        connection.request(
            "GET", target, headers={"User-Agent": agent, "Accept": "*/*", "Connection": "close"}
        )
        answer = connection.getresponse()
        moved = answer.getheader("Location", "") if answer.status in _MOVED else ""
        return answer.status, _read(answer, most, ends), moved
    except TimeoutError as error:
        raise Unreached("timeout") from error
    except ssl.SSLError as error:
        raise Unreached("tls") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreached("refused") from error
    finally:
        connection.close()


def _read(answer: http.client.HTTPResponse, most: int, ends: float) -> bytes:
    """The body, in the time there is for the whole of it: who sends a byte now and then would hold the job for hours."""
    body = b""
    while len(body) < most and (piece := answer.read1(min(_PIECE, most - len(body)))):
        body += piece
        if time.monotonic() > ends:
            raise TimeoutError
    return body


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was looked up before; TLS checks the name all the same."""

    def __init__(self, host: str, port: int, place: str, *, secure: bool, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self._place, self._secure = place, secure

    def connect(self) -> None:
        self.sock = socket.create_connection((self._place, self.port), self.timeout)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
