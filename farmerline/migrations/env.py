"""Runs the steps on the connection that was handed in: batch mode on SQLite, names for every constraint."""

from __future__ import annotations

from alembic import context

from farmerline.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    user_module_prefix="base.",
)
with context.begin_transaction():
    context.run_migrations()
