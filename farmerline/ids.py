"""Row ids: time-ordered UUIDs, made before the row is inserted because sealing needs them."""

from __future__ import annotations

import uuid6


def new_id() -> str:
    """A fresh id, 32 hexadecimal characters, ordered by time of making."""
    return uuid6.uuid7().hex
