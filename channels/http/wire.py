"""Requests over kept connections: what went wrong says whether the carrier can have taken the message.

Nothing was sent while no connection stood: the fault is known, the message is tried again later. Once a request was
written, silence, a broken connection or a time over leaves the outcome unknown.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
import weakref
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

from channels.contract import Reason, SendError
from channels.http.requests import Prepared
from channels.transport import Answer
from farmerline.clock import SystemClock

_LIMIT = 1024 * 1024
_PIECE = 64 * 1024
_LONGEST_WAIT = 3600.0
_FRESH = 15.0
"""Seconds for which a resting connection is trusted: carriers close theirs after some more."""


class _Reader:
    """Takes an answer apart. Without a length, it ends with the connection."""

    def __init__(self) -> None:
        self.parser = HttpResponseParser(self)
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.whole = False
        self.begun = False
        self.stays = False
        """Whether the connection may be used again."""

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.begun = True

    def on_body(self, piece: bytes) -> None:
        self.body += piece
        if len(self.body) > _LIMIT:
            raise OSError("the answer is too large")

    def on_message_complete(self) -> None:
        if self.parser.get_status_code() >= 200:
            self.whole, self.stays = True, self.parser.should_keep_alive()
        else:  # "carry on": the answer itself follows
            self.headers.clear()
            self.begun = False

    def feed(self, piece: bytes) -> None:
        """Take what came; an empty piece is the connection's end. Raises ``OSError`` for what is no answer."""
        if piece:
            self.parser.feed_data(piece)
        elif self.begun and not {"content-length", "transfer-encoding"} & self.headers.keys():
            self.whole = True
        else:
            raise ConnectionResetError("closed before the answer was whole")


@dataclass(slots=True, weakref_slot=True)
class Wire:
    """Connections to one carrier's hosts, kept open between messages; threads may share it. Times in seconds.

    ``read`` is for the whole answer: a carrier that drips a byte a second would renew a plain time limit for ever.
    Redirects are not followed, proxies of the environment not used: a message goes where the settings say.
    """

    connections: int = 16
    connect: float = 3.0
    read: float = 10.0
    ca_file: str | None = None
    _resting: dict[str, deque[tuple[float, socket.socket]]] = field(default_factory=dict)
    _trust: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        # Not __del__: where a circle of things goes at once, its sockets may go first.
        weakref.finalize(self, _close, self._resting)

    def exchange(self, request: Prepared) -> Answer:
        """The carrier's answer, whatever its status; raises ``SendError`` where there is none."""
        try:
            words = request.encode()
        except ValueError as error:
            raise SendError(Reason.REFUSED, "not writable") from error
        connection = self._take(request.origin) or self._open(request.origin)
        try:
            reader = self._ask(connection, words)
            answer = Answer(reader.parser.get_status_code(), reader.headers, bytes(reader.body))
        except (OSError, HttpParserError) as error:
            connection.close()
            raise SendError(Reason.UNREACHABLE, type(error).__name__[:16]) from error
        if reader.stays:
            self._keep(request.origin, connection)
        else:
            connection.close()
        return answer

    def reach(self, origin: str) -> None:
        """Open a connection and close it; raises ``SendError``."""
        self._open(origin).close()

    def close(self) -> None:
        """Close what rests."""
        _close(self._resting)

    def _ask(self, connection: socket.socket, words: bytes) -> _Reader:
        end = time.monotonic() + self.read
        connection.settimeout(self.read)
        connection.sendall(words)
        reader = _Reader()
        while not reader.whole:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer takes too long")
            connection.settimeout(left)
            reader.feed(connection.recv(_PIECE))
        return reader

    def _take(self, origin: str) -> socket.socket | None:
        """A resting connection that still stands."""
        resting = self._resting.get(origin)
        while resting:
            try:
                since, connection = resting.pop()
            except IndexError:  # another thread was quicker
                return None
            if time.monotonic() - since < _FRESH and not _has_something(connection):
                return connection
            connection.close()
        return None

    def _keep(self, origin: str, connection: socket.socket) -> None:
        resting = self._resting.setdefault(origin, deque())
        if len(resting) < self.connections:
            resting.append((time.monotonic(), connection))
        else:
            connection.close()

    def _open(self, origin: str) -> socket.socket:
        parts = urlsplit(origin)
        host, secure = parts.hostname or "", parts.scheme == "https"
        try:
            plain = socket.create_connection(
                (host, parts.port or (443 if secure else 80)), timeout=self.connect
            )
        except OSError as error:
            raise SendError(Reason.UNAVAILABLE, "no connection") from error
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not secure:
            return plain
        try:
            return self._trusted().wrap_socket(plain, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            plain.close()
            raise SendError(Reason.MISCONFIGURED, "certificate") from error
        except OSError as error:
            plain.close()
            raise SendError(Reason.UNAVAILABLE, "no TLS") from error

    def _trusted(self) -> ssl.SSLContext:
        if self._trust is None:
            self._trust = ssl.create_default_context(cafile=self.ca_file)
        return self._trust


def _close(resting: dict[str, deque[tuple[float, socket.socket]]]) -> None:
    for connections in resting.values():
        while connections:
            connections.pop()[1].close()


def by_status(answer: Answer, code: str = "") -> SendError:
    """What a status means that is no success. A gateway in the middle that gave up waiting leaves the outcome unknown."""
    status = answer.status
    code = code or str(status)
    if status == 429:
        return SendError(Reason.THROTTLED, code, retry_after(answer.headers))
    if status in (502, 504):
        return SendError(Reason.UNREACHABLE, code)
    if status >= 500 or status == 408:
        return SendError(Reason.UNAVAILABLE, code, retry_after(answer.headers))
    if status == 413:
        return SendError(Reason.TOO_LONG, code)
    wrong_settings = status < 400 or status in (401, 403, 404, 405)
    return SendError(Reason.MISCONFIGURED if wrong_settings else Reason.REFUSED, code)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """How many seconds the carrier asks us to wait, an hour at most; None where it does not say."""
    said = headers.get("retry-after", "").strip()
    if said.isdecimal():
        return min(float(said), _LONGEST_WAIT)
    try:
        seconds = (parsedate_to_datetime(said) - SystemClock().now()).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def _has_something(connection: socket.socket) -> bool:
    """Whether a resting connection was closed, or says something nobody asked for."""
    looking = select.poll()
    looking.register(connection, select.POLLIN)
    return bool(looking.poll(0))
