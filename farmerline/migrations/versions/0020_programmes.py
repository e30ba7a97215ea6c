"""television programmes that were asked for, and how far each is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.models import base

revision = "0020"
down_revision = "0019"

_STATES = ("waiting", "making", "done", "failed")


def upgrade() -> None:
    op.create_table(
        "programme",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*_STATES, native_enum=False, create_constraint=True, name="state", length=24),
            nullable=False,
        ),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("asked_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("moved_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("loudness", sa.Float(), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name="fk_programme_asked_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_programme"),
    )
    op.create_index("ix_programme_state_asked_at", "programme", ["state", "asked_at"])
