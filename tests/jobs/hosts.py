"""The service's own commands as processes, as on hosts of their own. What they import is imported once, then forked."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from urllib.request import urlopen

from farmerline.cli import main
from farmerline.config import Settings

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["tests.jobs.hosts", "farmerline.cli.serving", "farmerline.cli.schema", "jobs.cluster"]
)


@dataclass
class Hosts:
    """Processes of one county, with the settings of ``environment``."""

    environment: dict[str, str]
    log: Path
    started: list[ForkServerProcess] = field(default_factory=list)

    def start(self, command: Sequence[str], **more: str) -> ForkServerProcess:
        """Start ``farmerline …``."""
        name, *args = command
        assert name == "farmerline"
        process = _FORKS.Process(target=_run, args=(args, self.environment | more, str(self.log)))
        process.start()
        self.started.append(process)
        return process

    def run(self, command: Sequence[str]) -> int | None:
        """Run ``farmerline …`` to its end; returns its exit code."""
        process = self.start(command)
        process.join()
        return process.exitcode

    def start_web(self, command: Sequence[str]) -> str:
        """Start a web and wait until it answers; returns its address."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            listen = f"127.0.0.1:{free.getsockname()[1]}"
        process = self.start(command, FARMERLINE_LISTEN=listen)
        ends = time.monotonic() + 30
        while True:
            assert process.is_alive() and time.monotonic() < ends, self.said()
            try:
                with urlopen(f"http://{listen}/healthz", timeout=5) as answer:
                    assert answer.status == 200
                return f"http://{listen}"
            except OSError:
                time.sleep(0.02)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")


@contextmanager
def open_hosts(settings: Settings, home: Path, **more: str) -> Iterator[Hosts]:
    """Hosts with these settings; what still runs at the end is killed."""
    values = settings.model_dump(exclude_defaults=True)
    environment = {f"FARMERLINE_{name.upper()}": _plain(value) for name, value in values.items()}
    hosts = Hosts(environment | more, home / "hosts.log")
    try:
        yield hosts
    finally:
        for process in hosts.started:
            process.kill()
            process.join()


def _plain(value: object) -> str:
    reveal = getattr(value, "get_secret_value", None)
    return str(reveal() if reveal else value)


def _run(args: list[str], environment: dict[str, str], log: str) -> None:
    os.environ.update(environment)
    kept = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(kept, 1)
    os.dup2(kept, 2)
    sys.stdout = sys.stderr = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115 - what was inherited is not ours
    main(args)
