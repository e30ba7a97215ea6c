"""Processes that a proof starts, asks and kills: the gateway, and the service's own commands."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench.rig.county import Place
from bench.rig.nursery import Forked, Nursery

ROOT = Path(__file__).resolve().parents[2]
_COMMAND = "import sys; from farmerline.cli import main; sys.argv[0] = 'farmerline'; main()"
_REF = 33
"""Bytes of a line of the gateway's log: an id of ours and a line's end."""


class Loopback:
    """The gateway in a process of its own; its log is the truth."""

    def __init__(self, log: Path, *options: str, port: int = 0) -> None:
        self.log = log
        log.touch()
        words = ["-m", "bench.loopback", "--leashed", "--log", str(log), "--port", str(port), *options]
        self._child = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._child.stdout is not None
        self.port = int(json.loads(self._child.stdout.readline())["port"])

    @property
    def taken(self) -> int:
        """How many messages it took so far, repeated ones too."""
        return self.log.stat().st_size // _REF

    @property
    def cpu(self) -> float:
        """Seconds of a processor that it has used so far."""
        return cpu_of(self._child.pid)

    def accepted(self) -> Counter[str]:
        """What it took, and how often."""
        return Counter(self.log.read_text().split())

    def truth(self) -> dict[str, Any]:
        """What it counted since it was started."""
        found: dict[str, Any] = json.loads(self._ask("GET", "/truth"))
        return found

    def behave(self, *, mix: str | None = None, rate: float | None = None) -> None:
        """Change its faults or its pace."""
        wanted = {name: value for name, value in (("mix", mix), ("rate", rate)) if value is not None}
        self._ask("POST", "/faults", json.dumps(wanted))

    def stop(self) -> None:
        if self._child.stdin is not None:
            self._child.stdin.close()
        self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()

    def _ask(self, method: str, target: str, body: str | None = None) -> bytes:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.request(method, target, body)
        answer = line.getresponse().read()
        line.close()
        return answer


@dataclass
class Command:
    """One of the service's commands as a process: ``worker``, ``serve`` or ``web``. What it says goes to a file."""

    place: Place
    words: tuple[str, ...] = ("worker",)
    nursery: Nursery | None = None
    said: Path = field(init=False)
    _child: subprocess.Popen[bytes] | Forked | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.said = self.place.home / "said.log"

    def start(self) -> Command:
        if self.nursery is not None:
            self._child = self.nursery.start(self.place.file, self.words, self.said)
            return self
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("FARMERLINE_")
        }
        environment["FARMERLINE_SETTINGS"] = str(self.place.file)
        with self.said.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-c", _COMMAND, *self.words],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def cpu(self) -> float:
        """Seconds of a processor that it has used so far."""
        return cpu_of(self.pid)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9, also where it has ended by itself."""
        assert self._child is not None
        self._child.kill()
        self.wait()

    def stop(self, timeout: float = 30) -> float:
        """End it as the machine would; returns how many seconds it took."""
        began = time.monotonic()
        if self.is_running:
            self.signal(signal.SIGTERM)
        self.wait(timeout)
        return time.monotonic() - began

    def wait(self, timeout: float = 30) -> None:
        assert self._child is not None
        try:
            self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
            raise

    def must_live(self) -> bool:
        """True; raises ``RuntimeError`` with its last words where it has ended by itself."""
        if self.is_running:
            return True
        raise RuntimeError(f"{' '.join(self.words)} ended: {self.said.read_text()[-2000:]}")


def cpu_of(pid: int) -> float:
    """Seconds of a processor that a process and its children, living and gone, have used so far."""
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    living = sum(cpu_of(int(child)) for child in children if Path(f"/proc/{child}").exists())
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK") + living


def free_port() -> int:
    """A port on which nobody listens just now."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def until(done: Callable[[], bool], *, within: float, every: float = 0.05, what: str = "") -> float:
    """Wait for something; how many seconds it took. Raises ``TimeoutError``."""
    began = time.monotonic()
    while not done():
        if time.monotonic() - began > within:
            raise TimeoutError(f"not within {within:.0f} s: {what}")
        time.sleep(every)
    return time.monotonic() - began


@contextmanager
def serving(place: Place, word: str) -> Iterator[Command]:
    """``farmerline serve`` or ``web``, once it answers."""
    command, port = Command(place, (word,)).start(), port_of(place)
    try:
        until(
            lambda: command.must_live() and answers(port, "/healthz"), within=120, what=f"farmerline {word}"
        )
        yield command
    finally:
        command.stop()


def port_of(place: Place) -> int:
    """Where its pages and webhooks are asked for."""
    return int(place.settings().listen.rpartition(":")[2])


def answers(port: int, target: str) -> bool:
    """Whether a process answers there, be it that there is no such page."""
    try:
        with urlopen(f"http://127.0.0.1:{port}{target}", timeout=5):
            return True
    except OSError as error:
        return getattr(error, "code", 0) == 404
