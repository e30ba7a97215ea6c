"""routing: what a connection may carry, its health and share; what a day costs; ceilings; what was sent again."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import altering, states
from farmerline.models import base

revision = "0007"
down_revision = "0006"

_FAILED = sa.text("state || '' IN ('failed', 'dead')")
_CAMPAIGN = {"state": ("planned", "asking", "sending", "paused", "done", "stopped")}


def upgrade() -> None:
    moment = base.UtcDateTime(timezone=True)
    gateway: list[sa.Column[Any]] = [
        sa.Column("prefixes", sa.String(), nullable=False, server_default=""),
        sa.Column("purposes", sa.String(length=80), nullable=False, server_default=""),
        sa.Column("longest", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("cost", sa.Float(), nullable=False, server_default="0"),
        sa.Column("share", sa.Float(), nullable=False, server_default="1"),
        sa.Column(
            "breaker",
            states("closed", "open", "trying", name="breaker"),
            nullable=False,
            server_default="closed",
        ),
        sa.Column("opened_at", moment, nullable=True),
        sa.Column("moved_at", moment, nullable=True),
        sa.Column("good", sa.Float(), nullable=False, server_default="0"),
        sa.Column("bad", sa.Float(), nullable=False, server_default="0"),
        sa.Column("streak", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("counted", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("counted_at", moment, nullable=True),
        sa.Column("delay", sa.Float(), nullable=True),
        sa.Column("delay_at", moment, nullable=True),
        sa.Column("strangers", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reconciled_at", moment, nullable=True),
    ]
    campaign: list[sa.Column[Any]] = [
        sa.Column("yuan", sa.Float(), nullable=False, server_default="0"),
        sa.Column("ceiling", sa.String(length=8), nullable=False, server_default=""),
        sa.Column("allowed_by", sa.String(length=32), nullable=True),
        sa.Column("allowed_at", moment, nullable=True),
    ]
    _add("gateway", gateway)
    with altering("campaign", _CAMPAIGN):
        pass
    _add("campaign", campaign)
    op.add_column("delivery", sa.Column("resent_as", sa.String(length=32), nullable=True))
    op.create_index(
        "ix_delivery_failed", "delivery", ["settled_at"], sqlite_where=_FAILED, postgresql_where=_FAILED
    )
    op.create_table(
        "spending",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("gateway", sa.String(length=24), nullable=False),
        sa.Column("handed", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("yuan", sa.Float(), nullable=False),
        sa.Column("loose", sa.Float(), nullable=False),
        sa.Column("promised", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("day", "gateway", name="pk_spending"),
    )


def _add(table: str, columns: list[sa.Column[Any]]) -> None:
    """Add columns; what stands takes the first value of each, new rows take the model's."""
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.add_column(column)
    with op.batch_alter_table(table) as batch:
        for column in columns:
            if column.server_default is not None:
                batch.alter_column(column.name, server_default=None)
