"""Asking liaisons whom nobody has confirmed for ninety days."""

from __future__ import annotations

from farmerline.domain import units
from jobs.context import Context


def remind(context: Context) -> int:
    """Ask them; returns how many."""
    with context.database.write() as session:
        return units.remind(session, now=context.now())
