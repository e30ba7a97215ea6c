"""calls to the number that is only rung."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.models import base

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "missed_call",
        sa.Column("delivery_id", sa.String(length=32), nullable=False),
        sa.Column("rang_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_missed_call_delivery_id_delivery"),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_missed_call"),
    )
    op.create_index("ix_missed_call_rang_at", "missed_call", ["rang_at"])
