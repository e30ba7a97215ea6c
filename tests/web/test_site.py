"""The server that the browser tests use leaves nothing open."""

from __future__ import annotations

import socket
import struct
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from tests.site import open_site


class Answer:
    """An answer whose reader hangs up while it is sent; remembers that it was closed."""

    def __init__(self) -> None:
        self.begun, self.gone, self.closed = Event(), Event(), Event()

    def __iter__(self) -> Any:
        yield b"x"
        self.begun.set()
        assert self.gone.wait(5)

    def close(self) -> None:
        self.closed.set()


def test_an_answer_is_closed_although_its_reader_went_away() -> None:
    answer = Answer()

    def app(_environ: Any, start_response: Any) -> Answer:
        start_response("200 OK", [("Content-Length", "1")])
        return answer

    with open_site(app) as address:
        reader = socket.create_connection(("127.0.0.1", urlsplit(address).port or 0))
        reader.sendall(b"GET /ear.svg HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer.begun.wait(5)
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset, not farewell
        reader.close()
        answer.gone.set()
        assert answer.closed.wait(5)
