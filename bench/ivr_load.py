"""Callers who walk the menus: ``python -m bench.ivr_load`` with its wishes as JSON on standard input, a process of its own.

Each caller does what the line's own answers say: the next turn goes to the address that the TwiML names. A turn has its moment
and its time is counted from that moment, so that a server which falls behind cannot slow the callers down. One JSON line:
how many turns, errors, seconds, times in milliseconds.
"""

from __future__ import annotations

import asyncio
import html
import itertools
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

PATHS = ("51*", "52", "53", "54", "55", "5*52", "9512", "7", "6", "51*55", "3", "1#", "")
"""Keys that callers press: each box, an item by its number, back to the menu, once more, a key without use, a recording."""
HOOKS = "/hooks/twilio/voice"
_ACTION = re.compile(r'action="([^"]+)"')
_LINES = 48
"""Kept connections; the service holds a hundred."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the callers. ``at_once`` is how many calls are under way at each moment."""

    url: str
    token: str
    callers: list[str]
    rate: float
    seconds: float
    at_once: int


@dataclass(slots=True)
class Walk:
    """One call on its way through the menus."""

    sid: str
    caller: str
    keys: list[str]
    target: str = HOOKS

    def fields(self, key: str) -> dict[str, str]:
        pressed = {"FinishedOnKey": key} if key == "#" else {"Digits": key} if key else {}
        return {"CallSid": self.sid, "From": self.caller, "To": "+8657400002169", **pressed}


@dataclass(slots=True)
class Callers:
    """All of them, and what they met."""

    wanted: Wanted
    lines: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(
        default_factory=asyncio.Queue
    )
    times: list[float] = field(default_factory=list)
    errors: int = 0
    began: float = 0.0

    async def run(self) -> None:
        """Take turns at the wanted rate until the time is over, then wait for what is under way."""
        port = urlsplit(self.wanted.url).port
        for _ in range(_LINES):
            self.lines.put_nowait(await asyncio.open_connection("127.0.0.1", port))
        calls = self._calls()
        self.began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for place in range(self.wanted.at_once):
                tasks.create_task(self._stay_on(place, calls))

    def _calls(self) -> Iterator[Walk]:
        stamp = time.time_ns()
        for number in itertools.count():
            caller = self.wanted.callers[number % len(self.wanted.callers)]
            yield Walk(f"CA{stamp + number:032x}", caller, ["", *PATHS[number % len(PATHS)]])

    async def _stay_on(self, place: int, calls: Iterator[Walk]) -> None:
        """One line of the station: turn after turn, call after call."""
        walk = next(calls)
        for number in itertools.count():
            due = (place + number * self.wanted.at_once) / self.wanted.rate
            if due >= self.wanted.seconds:
                return
            await asyncio.sleep(max(0.0, self.began + due - time.perf_counter()))
            if not await self._turn(walk, self.began + due):
                walk = next(calls)

    async def _turn(self, walk: Walk, due: float) -> bool:
        """Do the next thing of a call; whether the call goes on."""
        if walk.keys:
            target, fields = walk.target, walk.fields(walk.keys.pop(0))
        else:
            target, fields = (
                f"{HOOKS}/status",
                {**walk.fields(""), "CallStatus": "completed", "CallDuration": "40"},
            )
            walk.target = ""
        answer = await self._ask(target, fields)
        self.times.append(time.perf_counter() - due)
        if not walk.target:
            self.errors += answer is None
            return False
        found = _ACTION.search(answer or "")
        self.errors += found is None
        walk.target = html.unescape(found[1]).removeprefix(self.wanted.url) if found else ""
        return found is not None

    async def _ask(self, target: str, fields: dict[str, str]) -> str | None:
        """The answer's body; None where it was none, or not a yes."""
        body = urlencode(fields).encode()
        signature = RequestValidator(self.wanted.token).compute_signature(self.wanted.url + target, fields)
        head = (
            f"POST {target} HTTP/1.1\r\nHost: {urlsplit(self.wanted.url).netloc}\r\nX-Twilio-Signature: {signature}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        reader, writer = await self.lines.get()
        try:
            writer.write(head.encode() + body)
            said = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = re.search(r"(?im)^content-length: *(\d+)", said)
            answer = await reader.readexactly(int(length[1])) if length else b""
        except (OSError, asyncio.IncompleteReadError):
            self.lines.put_nowait(await asyncio.open_connection("127.0.0.1", urlsplit(self.wanted.url).port))
            return None
        self.lines.put_nowait((reader, writer))
        return answer.decode() if said[9:12] == "200" else None


def main() -> None:
    callers = Callers(Wanted(**json.load(sys.stdin)))
    asyncio.run(callers.run())
    times = [round(1000 * one, 2) for one in callers.times]
    took = time.perf_counter() - callers.began
    json.dump({"turns": len(times), "errors": callers.errors, "seconds": took, "times": times}, sys.stdout)


if __name__ == "__main__":
    main()
