"""Files stay short, and time comes from one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.rules.source import PACKAGES, ROOT, files, modules, nodes_of

LONGEST = 400
_TELLING = {
    "now": {"datetime", "datetime.datetime", "func", "sa.func"},
    "utcnow": {"datetime", "datetime.datetime"},
    "today": {"datetime", "date", "datetime.datetime", "datetime.date"},
    "current_timestamp": {"func", "sa.func"},
    "time": {"time"},
    "time_ns": {"time"},
}


def clock_readings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Where code asks the machine or the database for the time: lines and words."""
    for node in nodes_of(tree):
        if isinstance(node, ast.Attribute) and node.attr in _TELLING:
            if ast.unparse(node.value) in _TELLING[node.attr]:
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Call) and not node.args and isinstance(node.func, ast.Attribute):
            if ast.unparse(node.func) in ("time.gmtime", "time.localtime"):
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            for alias in node.names:
                if alias.name in _TELLING:
                    yield node.lineno, f"from time import {alias.name}"
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and "CURRENT_TIMESTAMP" in node.value
        ):
            yield node.lineno, "CURRENT_TIMESTAMP"


def test_no_file_is_longer_than_400_lines() -> None:
    long = []
    for path in files(".py", ".html", ".css", ".js", ".sh"):
        lines = len((ROOT / path).read_text(encoding="utf-8").splitlines())
        if lines > LONGEST:
            long.append(f"{path}: {lines}")
    assert not long


def test_only_the_clock_reads_the_time() -> None:
    found = [
        f"{module.path}:{line} {words}"
        for module in modules(*PACKAGES)
        if module.name != "farmerline.clock"
        for line, words in clock_readings(module.tree)
    ]
    assert not found


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("datetime.now(UTC)", True),
        ("datetime.datetime.utcnow()", True),
        ("date.today()", True),
        ("time.time()", True),
        ("field(default_factory=time.time)", True),
        ("from time import time", True),
        ("select(func.now())", True),
        ("text('DEFAULT CURRENT_TIMESTAMP')", True),
        ("clock.now()", False),
        ("self.clock.now()", False),
        ("time.gmtime()", True),
        ("converter = time.gmtime", False),
        ("time.monotonic()", False),
        ("moment.time()", False),
    ],
)
def test_a_reading_of_the_time_is_seen(code: str, seen: bool) -> None:
    assert bool(list(clock_readings(ast.parse(code)))) is seen


@pytest.mark.parametrize("word", ["utils", "helpers", "manager", "service", "misc", "common"])
def test_modules_are_named_for_what_they_hold(word: str) -> None:
    assert not [module.path for module in modules(*PACKAGES) if word in module.name.split(".")[-1].split("_")]
