"""`python -m matching eval | messages FILE.jsonl [--json]`: the figures of a judged set of posts, or of messages."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from matching.evaluate import BadJudgedSet, evaluate, load
from matching.messages import evaluate_messages
from matching.messages import load as load_messages


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code: 0, or 2 with one line on standard error for a bad file."""
    parser = argparse.ArgumentParser(
        prog="python -m matching", description="Measure the matcher on a judged set."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, purpose in (
        ("eval", "nDCG@10, P@1, recall@10 and reading accuracy on a judged set of posts"),
        ("messages", "intents, slots and wrong drafts on a judged set of messages"),
    ):
        command = commands.add_parser(name, help=purpose)
        command.add_argument("file", type=Path, help="JSON lines; the format is in docs/matching.md")
        command.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    chosen = parser.parse_args(arguments)
    try:
        figures = (
            evaluate(load(chosen.file))
            if chosen.command == "eval"
            else evaluate_messages(load_messages(chosen.file))
        )
    except BadJudgedSet as error:
        print(f"matching: {error}", file=sys.stderr)
        return 2
    if chosen.json:
        print(json.dumps(figures, ensure_ascii=False))
        return 0
    parts = figures.pop("by_tag" if chosen.command == "eval" else "by_intent")
    for name, value in figures.items():
        print(f"{name:25} {value}")
    for name, value in parts.items():
        print(f"  {name:23} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
