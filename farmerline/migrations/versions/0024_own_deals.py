"""deals: a number, both sides' accounts, and who put one right last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.models import base

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    with op.batch_alter_table("deal") as table:
        table.add_column(sa.Column("number", sa.Integer(), nullable=True))
        table.add_column(sa.Column("seller_id", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("buyer_id", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("corrected_at", base.UtcDateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("corrected_by", sa.String(length=32), nullable=True))
    _fill()
    with op.batch_alter_table("deal") as table:
        for name in ("seller_id", "buyer_id"):
            table.alter_column(name, existing_type=sa.String(length=32), nullable=False)
            table.create_foreign_key(f"fk_deal_{name}_account", "account", [name], ["id"])
        table.alter_column("number", existing_type=sa.Integer(), nullable=False)
        table.create_foreign_key("fk_deal_corrected_by_account", "account", ["corrected_by"], ["id"])
        table.create_unique_constraint("uq_deal_number", ["number"])
    op.create_index("ix_deal_seller_id", "deal", ["seller_id"])
    op.create_index("ix_deal_buyer_id", "deal", ["buyer_id"])


def _fill() -> None:
    """Number the deals there are in the order they were told, and name their sides as the match does."""
    deal = sa.table("deal", *map(sa.column, ("id", "match_id", "at", "number", "seller_id", "buyer_id")))
    match = sa.table("match", *map(sa.column, ("id", "supply_post_id", "demand_post_id")))
    post = sa.table("post", *map(sa.column, ("id", "account_id")))
    before = deal.alias("before")

    def side(post_id: sa.ColumnClause[str]) -> sa.ScalarSelect[str]:
        owner = sa.select(post.c.account_id).join(match, post_id == post.c.id)
        return owner.where(match.c.id == deal.c.match_id).scalar_subquery()

    rank = sa.select(
        before.c.id, sa.func.row_number().over(order_by=(before.c.at, before.c.id)).label("place")
    ).subquery()
    place = sa.select(rank.c.place).where(rank.c.id == deal.c.id).scalar_subquery()
    op.execute(
        sa.update(deal).values(
            number=place, seller_id=side(match.c.supply_post_id), buyer_id=side(match.c.demand_post_id)
        )
    )
    counter = sa.table("counter", sa.column("name"), sa.column("value"))
    many = sa.func.count(deal.c.id)
    told = sa.select(sa.literal("deal"), many).having(many > 0)  # an empty county has counted nothing
    op.execute(sa.insert(counter).from_select(["name", "value"], told))
