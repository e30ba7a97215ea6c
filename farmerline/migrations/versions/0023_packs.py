"""village packs, the entries that come back with them, and the service log of contact points."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import states
from farmerline.models import base

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "village_pack",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("made_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("page_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_village_pack_area_code_area"),
        sa.PrimaryKeyConstraint("id", name="pk_village_pack"),
        sa.UniqueConstraint("area_code", name="uq_village_pack_area_code"),
    )
    op.create_table(
        "pack_entry",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("body_sealed", sa.String(), nullable=False),
        sa.Column("said_sealed", sa.String(), nullable=True),
        sa.Column("state", states("waiting", "done", "mend", "dropped", name="state"), nullable=False),
        sa.Column("uploaded_by", sa.String(length=32), nullable=False),
        sa.Column("uploaded_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_pack_entry_area_code_area"),
        sa.ForeignKeyConstraint(["uploaded_by"], ["account.id"], name="fk_pack_entry_uploaded_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_pack_entry"),
        sa.UniqueConstraint("area_code", "key", name="uq_pack_entry_area_code_key"),
    )
    op.create_index("ix_pack_entry_area_state", "pack_entry", ["area_code", "state"])
    op.create_table(
        "service_entry",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column(
            "kind",
            states("post", "alert", "taught", "asked", "complaint", "read", "other", name="kind"),
            nullable=False,
        ),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_service_entry_account_id_account"),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_service_entry_area_code_area"),
        sa.PrimaryKeyConstraint("id", name="pk_service_entry"),
        sa.UniqueConstraint("ref", name="uq_service_entry_ref"),
    )
    op.create_index("ix_service_entry_account_at", "service_entry", ["account_id", "at"])
    op.create_index("ix_service_entry_area_at", "service_entry", ["area_code", "at"])
