"""what the line offers, by area and season."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.models import base

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "voice_menu",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("season", sa.String(length=8), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("boxes", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.String(length=32), nullable=False),
        sa.Column("saved_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_voice_menu_area_code_area"),
        sa.ForeignKeyConstraint(["saved_by"], ["account.id"], name="fk_voice_menu_saved_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_voice_menu"),
    )
    op.create_index("ix_voice_menu_area_season_saved_at", "voice_menu", ["area_code", "season", "saved_at"])
