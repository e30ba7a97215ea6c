"""Runs the steps on the connection that was handed in: batch mode on SQLite, names for every constraint."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from farmerline.models import Base


def render_item(kind: str, item: Any, made: AutogenContext) -> str | Literal[False]:
    """States in the short form of ``columns``, so that a step reads well."""
    if kind != "type" or not isinstance(item, sa.Enum):
        return False
    made.imports.add("from farmerline.migrations.columns import states")
    return f"states({', '.join(map(repr, item.enums))}, name={item.name!r})"


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    user_module_prefix="base.",
    render_item=render_item,
    include_name=context.config.attributes.get("include_name"),
    include_object=context.config.attributes.get("include_object"),
)
with context.begin_transaction():
    context.run_migrations()
