"""Statements that were compiled for one test's database serve the next one's: they are the same."""

from __future__ import annotations

from typing import Any

import sqlalchemy
from sqlalchemy import Engine

from farmerline import db

_CACHE = 5000
_FIRST: dict[str, Engine] = {}


def _create_engine(url: Any, **more: Any) -> Engine:
    """An engine that shares its dialect, by which compiled statements are kept, with the first of its kind."""
    engine = sqlalchemy.create_engine(url, query_cache_size=_CACHE, **more)
    first = _FIRST.get(engine.dialect.name)
    if first is None or first.dialect.server_version_info is None:
        _FIRST[engine.dialect.name] = engine  # it learns of its server by its own first connection
    else:
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    return engine


def share() -> None:
    """From now on, for all databases of this process."""
    db.create_engine = _create_engine  # type: ignore[attr-defined]
