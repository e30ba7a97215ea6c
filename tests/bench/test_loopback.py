"""The gateway that the proofs are run against: what it took is the truth, so it must not be wrong itself."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bench.loopback import read_mix
from tests.conftest import ROOT


@contextmanager
def gateway(*options: str) -> Iterator[int]:
    """A gateway in a process of its own; its port."""
    command = [sys.executable, "-m", "bench.loopback", "--leashed", *options]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout and child.stdin
        yield json.loads(child.stdout.readline())["port"]
        child.stdin.close()


def ask(port: int, method: str, target: str, said: object = None) -> tuple[int, Any]:
    """One request; the status and what was answered."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    line.request(method, target, json.dumps(said) if said is not None else None)
    answer = line.getresponse()
    words = answer.read().decode()
    line.close()
    return answer.status, json.loads(words) if words.startswith("{") and words.endswith("}") else words


def send(port: int, ref: str) -> tuple[int, Any]:
    return ask(port, "POST", "/messages", {"ref": ref, "to": "+8613900000001", "text": "您好"})


def test_what_it_took_is_counted_found_and_outlives_a_restart(tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    with gateway("--log", log) as port:
        first = send(port, "a")
        assert send(port, "b")[0] == 200
        assert send(port, "a") == first
        assert ask(port, "GET", "/messages?ref=a") == first
        assert ask(port, "GET", "/messages?ref=c")[0] == 404
    with Path(log).open("a") as file:
        file.write("cut-off")
    with gateway("--log", log, "--no-lookup") as port:
        truth = ask(port, "GET", "/truth")[1]
        assert (truth["accepted"], truth["repeated"]) == (2, 1)
        assert ask(port, "GET", "/accepted")[1].split("\n")[:2] == ["a 2", "b 1"]
        assert send(port, "a") == first
        assert ask(port, "GET", "/messages?ref=a")[0] == 501


def test_each_fault_takes_the_message_or_not_as_it_says() -> None:
    with gateway("--hang", "0.01") as port:
        for fault, answered, taken in (
            ("500", 500, False),
            ("429", 429, False),
            ("hang", None, False),
            ("reset", None, True),
            ("bad", 200, False),
            ("bad", 200, True),
        ):
            ask(port, "POST", "/faults", {"mix": f"{fault}:1"})
            before = ask(port, "GET", "/truth")[1]["accepted"]
            try:
                status = send(port, f"{fault}{before}")[0]
            except OSError:
                status = None
            after = ask(port, "GET", "/truth")[1]["accepted"]
            assert (status, after - before) == (answered, int(taken)), fault
        assert ask(port, "GET", "/truth")[1]["faults"] == {
            "500": 1, "429": 1, "hang": 1, "reset": 1, "cut": 1, "bad": 1,
        }  # fmt: skip


def test_a_fault_that_it_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="flood"):
        read_mix("500:.1,flood:.2")
