"""Column types as the steps write them."""

from __future__ import annotations

import sqlalchemy as sa


def states(*values: str, name: str) -> sa.Enum:
    """A column of states: text held by a CHECK on both databases."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)
