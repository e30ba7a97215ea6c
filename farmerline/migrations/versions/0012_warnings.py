"""warnings of other bureaus that became drafts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.models import base

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "foreign_warning",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("sender", sa.String(length=120), nullable=False),
        sa.Column("identifier", sa.String(length=120), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_foreign_warning_alert_id_alert"),
        sa.PrimaryKeyConstraint("id", name="pk_foreign_warning"),
        sa.UniqueConstraint("sender", "identifier", name="uq_foreign_warning_sender_identifier"),
    )
