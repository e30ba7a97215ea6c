"""The message centre of npm ``smpp``, started by a test and told what to do, and a connection of ours to it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any

import pytest

from channels.contract import Ports
from channels.sms.smpp import SmppSms
from channels.sms.smpp_link import Centre, SmppLink
from farmerline.messages import Channel, Outgoing
from tests.parts import node

PASSWORD = "pass1234"
NUMBER = "106900002169"
FARMER = "+8613800000001"
TABLE = """
[[gateway]]
name = "mobile"
kind = "smpp"
rate = 500
host = "127.0.0.1"
port = {port}
system_id = "bureau"
password = "env:CENTRE_PASSWORD"
number = "106900002169"
"""
"""Its connection in a gateways file; the password is ``PASSWORD``, from the environment."""
_PATIENCE = 8.0


@dataclass
class MessageCentre:
    """The running program. ``told`` is everything it said so far."""

    port: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)
    _changed: Condition = field(default_factory=Condition)
    _process: Any = None
    _listener: Any = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            node.command("centre.js", PASSWORD, str(self.port)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=node.environment(),
            text=True,
        )
        self._listener = Thread(target=self._listen, args=(self._process.stdout,), daemon=True)
        self._listener.start()
        self.port = self.wait("port", times=self.count("port") + 1)["port"]

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()
        self._process.stdin.close()
        self._process.stdout.close()

    def do(self, **act: Any) -> None:
        """Let it do something; returns when it is done."""
        done = self.count("did")
        self._process.stdin.write(json.dumps(act) + "\n")
        self._process.stdin.flush()
        self.wait("did", times=done + 1)

    def mode(self, **mode: Any) -> None:
        self.do(mode=mode)

    def of(self, name: str) -> list[Any]:
        with self._changed:
            return [one[name] for one in self.told if name in one]

    def count(self, name: str) -> int:
        return len(self.of(name))

    def wait(self, name: str, *, times: int = 1) -> dict[str, Any]:
        """Wait until it has said this so often; returns what it said last of it."""
        until = time.monotonic() + _PATIENCE
        with self._changed:
            while len(found := [one for one in self.told if name in one]) < times:
                left = until - time.monotonic()
                assert left > 0, f"the centre did not say {name} {times} times: {self.told[-5:]}"
                self._changed.wait(left)
            return found[-1]

    def _listen(self, lines: Any) -> None:
        for line in lines:
            with self._changed:
                self.told.append(json.loads(line))
                self._changed.notify_all()


@contextmanager
def open_centre() -> Iterator[MessageCentre]:
    """A message centre; the test is skipped where Node.js or its packages are missing."""
    if node.find() is None:
        pytest.skip(node.MISSING)
    centre = MessageCentre()
    centre.start()
    yield centre
    centre.kill()


@contextmanager
def open_line(centre: MessageCentre, ports: Ports | None = None, **settings: Any) -> Iterator[SmppSms]:
    """A connection of ours; bound, where ports are given."""
    by_payload = settings.pop("by_payload", False)
    wanted = {"password": PASSWORD, "rate": 1000.0, "patience": 3.0, **settings}
    where = Centre(host="127.0.0.1", port=centre.port, system_id="bureau", **wanted)
    line = SmppSms(SmppLink(where, "smpp"), NUMBER, "smpp", by_payload)
    binds = centre.count("bind")
    if ports is not None:
        line.start(ports)
        centre.wait("bind", times=binds + 1)
    yield line
    line.stop()


def text(words: str = "您好", to: str = FARMER, name: str = "1") -> Outgoing:
    return Outgoing(name.rjust(32, "0"), Channel.SMS, to, words)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 8
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)
