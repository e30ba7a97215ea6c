"""``python -m bench NAME``: run a benchmark."""

from __future__ import annotations

import sys
from importlib import import_module

BENCHES = {"deliver": "bench.deliver"}


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in BENCHES:
        print(f"python -m bench NAME [options]; NAME is one of: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    return int(import_module(BENCHES[arguments[0]]).main(arguments[1:]) or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
