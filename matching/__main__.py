"""`python -m matching eval FILE.jsonl [--json]`: the figures of a judged set."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from matching.evaluate import BadJudgedSet, evaluate, load


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code: 0, or 2 with one line on standard error for a bad file."""
    parser = argparse.ArgumentParser(
        prog="python -m matching", description="Measure the matcher on a judged set."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("eval", help="nDCG@10, P@1, recall@10 and reading accuracy on a judged set")
    command.add_argument("file", type=Path, help="JSON lines; the format is in docs/matching.md")
    command.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    chosen = parser.parse_args(arguments)
    try:
        figures = evaluate(load(chosen.file))
    except BadJudgedSet as error:
        print(f"matching: {error}", file=sys.stderr)
        return 2
    if chosen.json:
        print(json.dumps(figures, ensure_ascii=False))
        return 0
    tags = figures.pop("by_tag")
    for name, value in figures.items():
        print(f"{name:20} {value}")
    for tag, value in tags.items():
        print(f"  {tag:18} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
