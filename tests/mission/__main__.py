"""``./run mission``: whether each system of docs/systems.md holds, by its story and by the tests that name its row.

One object a line: ``{"row": "M01", "held": true}``. A row's story is ``tests/mission/test_m01_….py``; beside it stand all tests
whose docstring names the row (M01 … M22). A row without a test, or one of whose tests fails or was skipped, does not hold.
Progress goes to stderr.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
ROWS = tuple(f"M{number:02}" for number in range(1, 23))
_NAMED = re.compile(r"\bM(\d\d)\b")
_STORY = re.compile(r"^TEST_(M\d\d)_")


def main(arguments: list[str]) -> int:
    """Run the tests of all rows, or of those named; 1 where one does not hold."""
    parser = argparse.ArgumentParser(prog="./run mission", description=__doc__)
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", help=f"of {ROWS[0]} to {ROWS[-1]}; without any, all"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line (else words)")
    wanted = parser.parse_args(arguments)
    rows = tuple(wanted.rows) or ROWS
    if unknown := set(rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    named = tests_by_row()
    passed = run(sorted({one for row in rows for one in named[row]}))
    held = {row: bool(named[row]) and named[row] <= passed for row in rows}
    for row in rows:
        if wanted.json:
            print(json.dumps({"row": row, "held": held[row]}))
        else:
            print(f"{row}  {'held' if held[row] else 'not held'}  {len(named[row])} tests")
    return 0 if all(held.values()) else 1


def tests_by_row() -> dict[str, set[str]]:
    """The tests of each row's story, and those that name it: ``path::name``."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, rows in _marked(path):
            for row in {*rows, *_STORY.findall(path.name.upper())}:
                found[row].add(f"{path.relative_to(ROOT)}::{name}")
    return found


def run(tests: list[str]) -> set[str]:
    """Those of the tests that passed, with all their cases."""
    if not tests:
        return set()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", f"--junitxml={report}", *tests],
            cwd=ROOT, stdout=sys.stderr, check=False,
        )  # fmt: skip
        cases = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    told: dict[str, bool] = {}
    for case in cases:
        path = case.get("classname", "").replace(".", "/") + ".py"
        name = f"{path}::{case.get('name', '').partition('[')[0]}"
        told[name] = told.get(name, True) and len(case.findall("*")) == len(case.findall("properties"))
    return {name for name, well in told.items() if well}


def _marked(path: Path) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            rows = [f"M{number}" for number in _NAMED.findall(ast.get_docstring(node) or "")]
            yield node.name, rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
