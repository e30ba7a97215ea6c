"""e-mail: addresses for copies of letters, and the channel by which they leave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import altering

revision = "0011"
down_revision = "0010"

_CHANNELS = ("sms", "voice", "web", "contact", "mailbox", "email")


def upgrade() -> None:
    op.create_table(
        "email_address",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("address_sealed", sa.String(), nullable=True),
        sa.Column("wanted_sealed", sa.String(), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_email_address_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_email_address")),
    )
    for table in ("delivery", "gateway"):
        with altering(table, {"channel": _CHANNELS}):
            pass
