"""A parent that has loaded the service once and forks each of its commands: a start then takes no two seconds of loading.

``python -m bench.rig.nursery``: a line ``{"settings", "words", "said"}`` on stdin starts a command, whose process id is a line on
stdout. It ends when stdin does.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Forked:
    """A forked process: as much of ``subprocess.Popen`` as is needed."""

    pid: int

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self, timeout: float | None = None) -> int:
        ends = time.monotonic() + (timeout or 1e9)
        while self.poll() is None:
            if time.monotonic() > ends:
                raise subprocess.TimeoutExpired("forked", timeout or 0)
            time.sleep(0.002)
        return 0

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


class Nursery:
    """The parent, as who uses it sees it."""

    def __init__(self, root: Path) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "bench.rig.nursery"],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def start(self, settings: Path, words: tuple[str, ...], said: Path) -> Forked:
        assert self._child.stdin and self._child.stdout
        wanted = {"settings": str(settings), "words": words, "said": str(said)}
        self._child.stdin.write(json.dumps(wanted).encode() + b"\n")
        self._child.stdin.flush()
        return Forked(int(self._child.stdout.readline()))

    def close(self) -> None:
        assert self._child.stdin and self._child.stdout
        self._child.stdin.close()
        self._child.wait()
        self._child.stdout.close()


def main() -> None:
    """Fork what is asked for until nobody asks any more."""
    import farmerline.cli.serving  # noqa: F401 - loaded once, for all

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who ends leaves nothing behind
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(wanted["settings"], wanted["words"], wanted["said"])
        print(pid, flush=True)


def _become(settings: str, words: list[str], said: str) -> None:
    from farmerline.cli import main as command

    log = os.open(said, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in ((0, nothing), (1, log), (2, log)):
        os.dup2(file, number)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ["FARMERLINE_SETTINGS"] = settings
    sys.argv = ["farmerline", *words]
    try:
        command()
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
