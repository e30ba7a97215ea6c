"""reach: each change of a person's line, saved audiences, groups of an alert, the day's figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.models.base import UtcDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "reach_change",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_reach_change_alert_id_alert"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_reach_change_account_id_account"),
        sa.PrimaryKeyConstraint("number", name="pk_reach_change"),
    )
    op.create_index("ix_reach_change_alert_account", "reach_change", ["alert_id", "account_id"])
    op.create_table(
        "saved_audience",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.Column("crop", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("group", sa.String(length=32), nullable=False),
        sa.Column("saved_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name="fk_saved_audience_owner_id_account"),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_saved_audience_area_code_area"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_audience"),
        sa.UniqueConstraint("area_code", "name", name="uq_saved_audience_area_code_name"),
    )
    op.create_table(
        "daily_figure",
        sa.Column("day", sa.Date(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in (
                "handed", "quick", "alerts", "planned", "reached", "confirmed", "posts", "deals", "incidents",
            )
        ),
        sa.Column("counted_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_daily_figure"),
    )  # fmt: skip
    op.add_column("alert", sa.Column("audience_group", sa.String(length=32), nullable=True))
