"""prices: units, markets, goods, and what they fetched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import states
from farmerline.models import base

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "price_unit",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("kilograms", sa.Float(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_price_unit"),
    )
    op.create_table(
        "market",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_market_area_code_area"),
        sa.PrimaryKeyConstraint("id", name="pk_market"),
        sa.UniqueConstraint("name", name="uq_market_name"),
    )
    op.create_index("ix_market_area_code", "market", ["area_code"])
    op.create_table(
        "good",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("product", sa.String(length=40), nullable=False),
        sa.Column("grade", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["price_unit.code"], name="fk_good_unit_price_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_good"),
        sa.UniqueConstraint("product", "grade", name="uq_good_product_grade"),
    )
    op.create_table(
        "price",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("good_id", sa.String(length=32), nullable=False),
        sa.Column("market_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("yuan", sa.Float(), nullable=False),
        sa.Column("state", states("shown", "held", "refused", name="state"), nullable=False),
        sa.Column("usual", sa.Float(), nullable=True),
        sa.Column("entered_by", sa.String(length=32), nullable=False),
        sa.Column("entered_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.String(length=32), nullable=True),
        sa.CheckConstraint("yuan > 0", name="yuan"),
        sa.ForeignKeyConstraint(["good_id"], ["good.id"], name="fk_price_good_id_good"),
        sa.ForeignKeyConstraint(["market_id"], ["market.id"], name="fk_price_market_id_market"),
        sa.ForeignKeyConstraint(["entered_by"], ["account.id"], name="fk_price_entered_by_account"),
        sa.ForeignKeyConstraint(["settled_by"], ["account.id"], name="fk_price_settled_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_price"),
        sa.UniqueConstraint("good_id", "market_id", "day", name="uq_price_good_id_market_id_day"),
    )
    op.create_index("ix_price_state_day", "price", ["state", "day"])
