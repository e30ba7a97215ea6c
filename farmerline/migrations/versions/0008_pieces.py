"""pieces of longer texts, kept until they are whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "inbound_piece",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("gateway", sa.String(24), nullable=False),
        sa.Column("ref", sa.String(80), nullable=False),
        sa.Column("sender_sealed", sa.String(), nullable=False),
        sa.Column("sender_index", sa.String(64), nullable=False),
        sa.Column("sent_to", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("body_sealed", sa.String(), nullable=False),
        sa.Column("raw_sealed", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inbound_id", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_piece")),
        sa.UniqueConstraint("gateway", "ref", name=op.f("uq_inbound_piece_gateway_ref")),
    )
    op.create_index("ix_inbound_piece_sender", "inbound_piece", ["sender_index", "reference"])
    op.create_index("ix_inbound_piece_received_at", "inbound_piece", ["received_at"])
