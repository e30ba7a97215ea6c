"""The loopback gateway of the benchmarks, started for a test in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loopback(*options: str) -> Iterator[str]:
    """Its address, while it runs."""
    command = [sys.executable, "-m", "bench.loopback", "--port", "0", "--leashed", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout and running.stdin
        yield f"http://127.0.0.1:{json.loads(running.stdout.readline())['port']}"
        running.stdin.close()
