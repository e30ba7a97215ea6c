"""The receipts that the loopback gateway sends: several times each, out of order, late, and for messages nobody sent.

``POST URL`` ``{"id", "ref", "status"}`` with ``X-Signature``: the hex HMAC-SHA256 of the body under the secret.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_STORY = ("sent", "delivered")


@dataclass(slots=True)
class Reporter:
    """Reports each message taken. ``times`` is how often each receipt is sent at most, ``unknown`` the share of
    receipts for ids that were never given; ``late`` seconds is the longest wait, so their order is any."""

    url: str
    secret: bytes = b""
    times: int = 1
    late: float = 0.0
    unknown: float = 0.0
    failed: float = 0.0
    dice: random.Random = field(default_factory=random.Random)
    answers: Counter[int] = field(default_factory=Counter)
    _waiting: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @staticmethod
    def add_options(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--receipts", metavar="URL", help="where receipts go")
        parser.add_argument("--secret-file", type=Path, help="signs receipts")
        parser.add_argument("--times", type=int, default=1, help="a receipt is sent 1 to so many times")
        parser.add_argument("--late", type=float, default=0.0, help="seconds that a receipt may take")
        parser.add_argument("--unknown", type=float, default=0.0, help="share of receipts for unknown ids")
        parser.add_argument("--failed", type=float, default=0.0, help="share of messages that fail")

    @classmethod
    def wanted(cls, options: Any) -> Reporter | None:
        """The reporter that the options ask for."""
        if not options.receipts:
            return None
        secret = options.secret_file.read_bytes().strip() if options.secret_file else b""
        dice = random.Random(options.seed)
        return cls(
            options.receipts, secret, options.times, options.late, options.unknown, options.failed, dice
        )

    def start(self, connections: int = 2) -> None:
        """Begin to report; needs a running loop."""
        for _ in range(connections):
            task = asyncio.get_running_loop().create_task(self._work())
            self._tasks.add(task)

    def note(self, made: str, ref: str) -> None:
        """Plan the receipts of a message."""
        end = "failed" if self.dice.random() < self.failed else "delivered"
        for status in (_STORY[0], end):
            for _ in range(self.dice.randint(1, self.times)):
                self._plan({"id": made, "ref": ref, "status": status})
        if self.dice.random() < self.unknown:
            self._plan({"id": f"unknown-{made}", "ref": "", "status": end})

    def _plan(self, receipt: dict[str, str]) -> None:
        body = json.dumps(receipt).encode()
        wait = self.dice.uniform(0, self.late)
        asyncio.get_running_loop().call_later(wait, self._waiting.put_nowait, body)

    async def _work(self) -> None:
        """Send what waits over one connection that is kept; what is not answered with 2xx is sent again."""
        stream = None
        while True:
            body = await self._waiting.get()
            try:
                stream = stream or await self._connect()
                status = await self._post(*stream, body)
            except (OSError, asyncio.IncompleteReadError, ValueError):
                stream, status = None, 0
            self.answers[status] += 1
            if not 200 <= status < 300:
                asyncio.get_running_loop().call_later(1.0, self._waiting.put_nowait, body)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self.url)
        return await asyncio.open_connection(parts.hostname, parts.port or 80)

    async def _post(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> int:
        parts = urlsplit(self.url)
        signature = hmac.new(self.secret, body, "sha256").hexdigest()
        head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
            f"X-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = answer.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        await reader.readexactly(int(length or 0))
        return int(answer.split(b" ", 2)[1])
