"""A change of keys that dawdles between its batches, so that it can be killed half-way: ``python -m tests.cli.rotating``."""

from __future__ import annotations

import time
from typing import Any

from farmerline.cli import main
from farmerline.domain import resealing

_seal = resealing.reseal


def dawdle(*arguments: Any, **values: Any) -> tuple[int, str]:
    time.sleep(0.3)
    return _seal(*arguments, **values)


if __name__ == "__main__":
    resealing.reseal = dawdle
    main(["keys", "rotate"])
