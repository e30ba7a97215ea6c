"""letters: those that were spoken by telephone, and those that their reader kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.models import base

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    with op.batch_alter_table("letter") as table:
        table.add_column(sa.Column("recording_id", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("kept_at", base.UtcDateTime(timezone=True), nullable=True))
        table.create_foreign_key("fk_letter_recording_id_recording", "recording", ["recording_id"], ["id"])
