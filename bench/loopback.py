"""``python -m bench.loopback --port 0``: an SMS gateway over HTTP on this machine, in a process of its own.

``POST /messages`` ``{"ref", "to", "text"}`` with ``Idempotency-Key: ref`` answers ``{"id"}``; ``GET /messages?ref=``
answers ``{"id"}`` or 404. What it took is the truth about lost and repeated messages: ``GET /truth`` counts it,
``GET /accepted`` lists ``ref count`` a line. ``POST /faults`` ``{"mix", "rate"}`` changes its behaviour on the fly.
Its port is one JSON line on stdout. It ends when its stdin does, if ``--leashed``.

Faults, each with its share of the requests: ``500`` and ``429`` (not taken), ``hang`` (not taken, no answer),
``reset`` (taken, then the connection breaks), ``slow`` (taken, answered a byte a second), ``bad`` (by turns an error
under status 200, not taken, and an answer cut in half, taken).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2s
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from bench.loopback_receipts import Reporter

_HANG_SECONDS = 30.0
_REASONS = {200: "OK", 404: "Not Found", 429: "Too Many Requests", 500: "Internal Server Error", 501: "No"}


@dataclass(slots=True)
class Truth:
    """Every message that was taken, and how often. With a file, it outlives this process: a ref a line."""

    file: int | None = None
    taken: Counter[str] = field(default_factory=Counter)
    first_fault: dict[str, str] = field(default_factory=dict)
    repeated_after: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    seconds: Counter[int] = field(default_factory=Counter)
    asked: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)

    def take(self, ref: str, fault: str, at: float) -> str:
        """Note a message; returns our id for it, the same each time."""
        self.taken[ref] += 1
        if self.taken[ref] > 1:
            self.repeated_after[self.first_fault.get(ref, "answered")] += 1
        elif fault:
            self.first_fault[ref] = fault
        self.seconds[int(at)] += 1
        if self.file is not None:
            os.write(self.file, f"{ref}\n".encode())
        return name(ref)

    def find(self, ref: str) -> str | None:
        self.asked.add(ref)
        if ref not in self.taken:
            return None
        self.found.add(ref)
        return name(ref)

    def counts(self) -> dict[str, object]:
        """The figures, for a program."""
        total = sum(self.taken.values())
        return {
            "accepted": len(self.taken), "repeated": total - len(self.taken), "asked": len(self.asked), "found": len(self.found),
            "peak_per_s": max(self.seconds.values(), default=0), "faults": dict(self.faults),
            "repeated_after": dict(self.repeated_after),
        }  # fmt: skip


def name(ref: str) -> str:
    """Our id for a message: it stays the same after a restart."""
    return blake2s(ref.encode(), digest_size=12).hexdigest()


def open_truth(path: Path | None) -> Truth:
    """The truth as the file has it; a last line that was cut short counts for nothing."""
    if path is None:
        return Truth()
    whole = "".join(path.read_text().rpartition("\n")[:2]) if path.exists() else ""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.truncate(file, len(whole.encode()))
    return Truth(file, Counter(whole.split()))


def read_mix(words: str) -> dict[str, float]:
    """``500:.05,reset:.03`` as shares by fault; raises ``ValueError``."""
    mix = {
        fault: float(share) for fault, _, share in (word.partition(":") for word in words.split(",") if word)
    }
    if unknown := mix.keys() - {"500", "429", "hang", "reset", "slow", "bad"}:
        raise ValueError(f"no such fault: {', '.join(sorted(unknown))}")
    return mix


@dataclass(slots=True)
class Habits:
    """How the gateway behaves. ``rate`` is messages a second, 0 for as fast as it can."""

    rate: float = 0.0
    mix: dict[str, float] = field(default_factory=dict)
    can_be_asked: bool = True
    hang: float = _HANG_SECONDS
    dice: random.Random = field(default_factory=random.Random)
    _next: float = 0.0
    _bads: int = 0

    def fault(self) -> str:
        """What goes wrong with this message; empty for nothing."""
        if not self.mix:
            return ""
        thrown = self.dice.random()
        for fault, share in self.mix.items():
            thrown -= share
            if thrown < 0:
                return self._which_bad() if fault == "bad" else fault
        return ""

    def slot(self, now: float) -> float:
        """When this message is answered, at the gateway's pace."""
        if not self.rate:
            return now
        self._next = max(now, self._next + 1 / self.rate)
        return self._next

    def _which_bad(self) -> str:
        self._bads += 1
        return "bad" if self._bads % 2 else "cut"


@dataclass(slots=True)
class Gateway:
    """What all connections share."""

    truth: Truth
    habits: Habits
    reporter: Reporter | None = None


class Connection(asyncio.Protocol):
    """One client's connection, kept alive: a request is answered before the next is looked at."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._loop = asyncio.get_running_loop()
        self._buffer = b""
        self._busy = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._serve()

    def _serve(self) -> None:
        while not self._busy:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            length = _length(head)
            if not found or len(rest) < length:
                return
            self._buffer = rest[length:]
            self._busy = True
            method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
            self._answer_to(method, target, rest[:length])

    def _answer_to(self, method: str, target: str, body: bytes) -> None:
        truth, habits = self._gateway.truth, self._gateway.habits
        if method == "POST" and target == "/messages":
            self._take(body)
        elif method == "POST" and target == "/faults":
            wanted = json.loads(body)
            habits.mix = read_mix(wanted["mix"]) if "mix" in wanted else habits.mix
            habits.rate = float(wanted.get("rate", habits.rate))
            self._answer(200, {})
        elif target.startswith("/messages?") and habits.can_be_asked:
            found = truth.find(parse_qs(urlsplit(target).query).get("ref", [""])[0])
            self._answer(200 if found else 404, {"id": found} if found else {"error": "unknown"})
        elif target == "/truth":
            self._answer(200, truth.counts())
        elif target == "/accepted":
            self._write(200, "".join(f"{ref} {count}\n" for ref, count in truth.taken.items()).encode())
        else:
            self._answer(501, {"error": "not offered"})

    def _take(self, body: bytes) -> None:
        message = json.loads(body)
        gateway, now = self._gateway, self._loop.time()
        fault = gateway.habits.fault()
        if fault:
            gateway.truth.faults[fault] += 1
        if fault == "hang":
            self._loop.call_later(gateway.habits.hang, self._transport.abort)
            return
        if fault in {"500", "429", "bad"}:
            status = 200 if fault == "bad" else int(fault)
            self._answer(status, {"error": "try later"}, "Retry-After: 1\r\n" if fault == "429" else "")
            return
        made = gateway.truth.take(message["ref"], fault, now)
        if gateway.reporter:
            gateway.reporter.note(made, message["ref"])
        at = gateway.habits.slot(now)
        if at <= now:
            self._acknowledge(made, fault)
        else:
            self._loop.call_at(at, self._acknowledge_late, made, fault)

    def _acknowledge_late(self, made: str, fault: str) -> None:
        self._acknowledge(made, fault)
        self._serve()

    def _acknowledge(self, made: str, fault: str) -> None:
        if fault == "reset":
            self._transport.abort()
        elif fault == "cut":
            self._write(200, json.dumps({"id": made}).encode()[:9])
        elif fault == "slow":
            self._drip(_response(200, json.dumps({"id": made}).encode()))
        else:
            self._answer(200, {"id": made})

    def _drip(self, left: bytes) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(left[:1])
        if left[1:]:
            self._loop.call_later(1.0, self._drip, left[1:])
        else:
            self._busy = False
            self._serve()

    def _answer(self, status: int, said: object, headers: str = "") -> None:
        self._write(status, json.dumps(said).encode(), headers)

    def _write(self, status: int, body: bytes, headers: str = "") -> None:
        if not self._transport.is_closing():
            self._transport.write(_response(status, body, headers))
        self._busy = False


def _response(status: int, body: bytes, headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def _length(head: bytes) -> int:
    at = head.lower().find(b"\r\ncontent-length:")
    return int(head[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


async def serve(port: int, gateway: Gateway, *, leashed: bool) -> None:
    """Serve on the loopback until ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(gateway), "127.0.0.1", port, backlog=1000)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    if gateway.reporter:
        gateway.reporter.start()
    if leashed:
        await loop.run_in_executor(None, sys.stdin.read)
        os._exit(0)
    await server.serve_forever()


def main(arguments: list[str]) -> int:
    """Run it until it is ended."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.loopback", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--rate", type=float, default=0.0, help="messages a second; 0: as fast as it can")
    parser.add_argument("--mix", type=read_mix, default={}, help="faults and their shares: 500:.05,hang:.02")
    parser.add_argument("--hang", type=float, default=_HANG_SECONDS, help="seconds that a hang lasts")
    parser.add_argument("--no-lookup", action="store_true", help="it cannot be asked what it took")
    parser.add_argument("--log", type=Path, help="a file that keeps what was taken over a restart")
    parser.add_argument("--seed", type=int, default=0, help="for the faults")
    parser.add_argument("--leashed", action="store_true", help="end when stdin ends")
    Reporter.add_options(parser)
    wanted = parser.parse_args(arguments)
    habits = Habits(wanted.rate, wanted.mix, not wanted.no_lookup, wanted.hang, random.Random(wanted.seed))
    gateway = Gateway(open_truth(wanted.log), habits, Reporter.wanted(wanted))
    asyncio.run(serve(wanted.port, gateway, leashed=wanted.leashed))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
