"""``python -m bench [NAME [options]]``: run a benchmark, or all of them with their own figures."""

from __future__ import annotations

import sys
from importlib import import_module

BENCHES = {
    "broadcast": "bench.broadcast",
    "ivr": "bench.ivr",
    "match": "bench.match",
    "opinion": "bench.opinion",
    "match-quality": "bench.quality",
    "match-notice": "bench.notice",
    "match-robust": "bench.robust",
    "match-window": "bench.window",
    "reach": "bench.reach",
    "subscriptions": "bench.watch",
    "webhook": "bench.webhook",
}


def main(arguments: list[str]) -> int:
    if not arguments:
        return max(int(import_module(module).main([]) or 0) for module in BENCHES.values())
    if arguments[0] not in BENCHES:
        print(f"python -m bench [NAME [options]]; NAME is one of: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    return int(import_module(BENCHES[arguments[0]]).main(arguments[1:]) or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
