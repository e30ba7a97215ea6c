"""A client that asks as fast as it is told: ``python -m bench.webhook_load FILE --port P``, a process of its own.

FILE holds requests, ready to be sent, each after its length (4 bytes). With ``--rate`` each has its moment and its time is counted from
that moment, so that a server which falls behind cannot slow the questions down; without it the server is kept busy by
``--connections`` that each ask again once answered. One JSON line: how many, errors, seconds, times in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

_READ = 65536
_END = b"\r\n\r\n"


@dataclass(slots=True)
class Line:
    """One kept connection and the question that is under way on it."""

    port: int
    socket: socket.socket = field(init=False)
    asked_at: float = 0.0
    got: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def answered(self) -> int | None:
        """The status once the whole answer is there; raises ``ConnectionError`` where it broke off."""
        part = self.socket.recv(_READ)
        if not part:
            raise ConnectionError
        self.got += part
        head = self.got.find(_END)
        if head < 0:
            return None
        words = bytes(self.got[:head]).lower()
        at = words.find(b"content-length:")
        length = int(words[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.got) < head + 4 + length:
            return None
        return int(words[9:12])


def read(file: Path) -> list[bytes]:
    """The requests of a file."""
    body, found, at = file.read_bytes(), [], 0
    while at < len(body):
        length = int.from_bytes(body[at : at + 4])
        found.append(body[at + 4 : at + 4 + length])
        at += 4 + length
    return found


def write(file: Path, requests: list[bytes]) -> None:
    """The opposite."""
    file.write_bytes(b"".join(len(one).to_bytes(4) + one for one in requests))


def run(
    requests: list[bytes], port: int, *, connections: int, rate: float, seconds: float
) -> dict[str, object]:
    """Ask until the requests or the seconds are over, then wait for what is under way."""
    times: list[float] = []
    errors = asked = 0
    idle: deque[Line] = deque(Line(port) for _ in range(connections))
    began = time.perf_counter()
    with selectors.DefaultSelector() as waiting:
        busy = 0
        while True:
            now = time.perf_counter()
            over = asked >= len(requests) or now - began >= seconds
            while idle and not over:
                due = began + asked / rate if rate else now
                if due > now:
                    break
                line = idle.popleft()
                line.got.clear()
                line.asked_at = due
                line.socket.sendall(requests[asked])
                waiting.register(line.socket, selectors.EVENT_READ, line)
                asked, busy = asked + 1, busy + 1
                over = asked >= len(requests)
            if over and not busy:
                break
            pause = max(0.0, began + asked / rate - now) if rate and idle and not over else 1.0
            for key, _ in waiting.select(min(pause, 1.0)):
                line = key.data
                try:
                    status = line.answered()
                except OSError:
                    status = 0
                if status is None:
                    continue
                waiting.unregister(line.socket)
                busy -= 1
                times.append(time.perf_counter() - line.asked_at)
                errors += status != 200
                if status == 0:
                    line.open()
                idle.append(line)
    took = time.perf_counter() - began
    return {
        "asked": asked,
        "errors": errors,
        "seconds": took,
        "times": [round(1000 * one, 2) for one in times],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rate", type=float, default=0.0, help="requests a second; 0: as fast as it goes")
    parser.add_argument("--seconds", type=float, default=1e9)
    wanted = parser.parse_args()
    found = run(
        read(wanted.file),
        wanted.port,
        connections=wanted.connections,
        rate=wanted.rate,
        seconds=wanted.seconds,
    )
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
