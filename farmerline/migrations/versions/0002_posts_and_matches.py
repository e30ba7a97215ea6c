"""posts and matches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import states
from farmerline.models import base

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "post_kind",
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("tile", sa.String(length=2), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("seedling_days", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_post_kind"),
    )
    op.create_table(
        "inbound",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column(
            "channel", states("sms", "voice", "web", "contact", "mailbox", name="channel"), nullable=False
        ),
        sa.Column("gateway", sa.String(length=24), nullable=False),
        sa.Column("ref", sa.String(length=80), nullable=False),
        sa.Column("sender_sealed", sa.String(), nullable=False),
        sa.Column("sender_index", sa.String(length=64), nullable=True),
        sa.Column("sent_to", sa.String(length=32), nullable=False),
        sa.Column("body_sealed", sa.String(), nullable=False),
        sa.Column("raw_sealed", sa.String(), nullable=False),
        sa.Column("received_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", states("received", "handled", "parked", "failed", name="state"), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("handled_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("operator_id", sa.String(length=32), nullable=True),
        sa.Column("intent", sa.String(length=16), nullable=False),
        sa.Column("question_id", sa.String(length=32), nullable=True),
        sa.Column("post_id", sa.String(length=32), nullable=True),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_inbound_account_id_account"),
        sa.ForeignKeyConstraint(["operator_id"], ["account.id"], name="fk_inbound_operator_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_inbound"),
        sa.UniqueConstraint("gateway", "ref", name="uq_inbound_gateway_ref"),
    )
    op.create_index("ix_inbound_account_id", "inbound", ["account_id"])
    op.create_index("ix_inbound_sender_index", "inbound", ["sender_index"])
    op.create_index("ix_inbound_state_received_at", "inbound", ["state", "received_at"])

    op.create_table(
        "post",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("operator_id", sa.String(length=32), nullable=True),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column(
            "channel", states("sms", "voice", "web", "contact", "mailbox", name="channel"), nullable=False
        ),
        sa.Column("inbound_id", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "state",
            states("pending", "held", "open", "matched", "done", "expired", "withdrawn", name="state"),
            nullable=False,
        ),
        sa.Column("held_reason", sa.String(length=40), nullable=False),
        sa.Column("share_phone", sa.Boolean(), nullable=False),
        sa.Column("created_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("published_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("expires_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_post_account_id_account"),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_post_area_code_area"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name="fk_post_inbound_id_inbound"),
        sa.ForeignKeyConstraint(["kind"], ["post_kind.code"], name="fk_post_kind_post_kind"),
        sa.ForeignKeyConstraint(["operator_id"], ["account.id"], name="fk_post_operator_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_post"),
        sa.UniqueConstraint("number", name="uq_post_number"),
    )
    op.create_index("ix_post_account_state", "post", ["account_id", "state"])
    op.create_index("ix_post_state_expires_at", "post", ["state", "expires_at"])
    op.create_index("ix_post_state_published_at", "post", ["state", "published_at"])

    op.create_table(
        "post_event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("post_id", sa.String(length=32), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            states("pending", "held", "open", "matched", "done", "expired", "withdrawn", name="state"),
            nullable=False,
        ),
        sa.Column("actor_id", sa.String(length=32), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("note", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_post_event_post_id_post"),
        sa.PrimaryKeyConstraint("id", name="pk_post_event"),
    )
    op.create_index("ix_post_event_post_id", "post_event", ["post_id"])

    op.create_table(
        "post_item",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("post_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("concept", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("variety", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("qty", sa.Float(), nullable=True),
        sa.Column("qty_left", sa.Float(), nullable=True),
        sa.Column("unit", sa.String(length=8), nullable=True),
        sa.Column("unit_price", sa.Float(), nullable=True),
        sa.Column("price_unit", sa.String(length=8), nullable=True),
        sa.Column("said_qty", sa.String(length=24), nullable=False),
        sa.Column("said_price", sa.String(length=24), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("city", sa.String(length=4), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_post_item_post_id_post"),
        sa.PrimaryKeyConstraint("id", name="pk_post_item"),
    )
    op.create_index(
        "ix_post_item_city", "post_item", ["key", "live", "city", "day", "id", "qty", "unit_price"]
    )
    op.create_index("ix_post_item_nation", "post_item", ["key", "live", "day", "id", "qty", "unit_price"])
    op.create_index("ix_post_item_post_id", "post_item", ["post_id"])
    op.create_index(
        "ix_post_item_province", "post_item", ["key", "live", "province", "day", "id", "qty", "unit_price"]
    )

    op.create_table(
        "match",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("supply_post_id", sa.String(length=32), nullable=False),
        sa.Column("demand_post_id", sa.String(length=32), nullable=False),
        sa.Column("supply_item_id", sa.String(length=32), nullable=False),
        sa.Column("demand_item_id", sa.String(length=32), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reason_zh", sa.String(length=120), nullable=False),
        sa.Column("reason_en", sa.String(length=240), nullable=False),
        sa.Column(
            "state", states("offered", "agreed", "refused", "done", "lapsed", name="state"), nullable=False
        ),
        sa.Column("supply_yes", sa.Boolean(), nullable=True),
        sa.Column("demand_yes", sa.Boolean(), nullable=True),
        sa.Column("made_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("agreed_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("asked_times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["demand_item_id"], ["post_item.id"], name="fk_match_demand_item_id_post_item"
        ),
        sa.ForeignKeyConstraint(["demand_post_id"], ["post.id"], name="fk_match_demand_post_id_post"),
        sa.ForeignKeyConstraint(
            ["supply_item_id"], ["post_item.id"], name="fk_match_supply_item_id_post_item"
        ),
        sa.ForeignKeyConstraint(["supply_post_id"], ["post.id"], name="fk_match_supply_post_id_post"),
        sa.PrimaryKeyConstraint("id", name="pk_match"),
        sa.UniqueConstraint(
            "supply_post_id", "demand_post_id", name="uq_match_supply_post_id_demand_post_id"
        ),
    )
    op.create_index("ix_match_demand_post_id", "match", ["demand_post_id"])
    op.create_index("ix_match_state_agreed_at", "match", ["state", "agreed_at"])

    op.create_table(
        "deal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("match_id", sa.String(length=32), nullable=False),
        sa.Column("outcome", states("sold", "partly", "no", name="outcome"), nullable=False),
        sa.Column("concept", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("qty", sa.Float(), nullable=True),
        sa.Column("unit", sa.String(length=8), nullable=True),
        sa.Column("unit_price", sa.Float(), nullable=True),
        sa.Column("from_area", sa.String(length=12), nullable=False),
        sa.Column("to_area", sa.String(length=12), nullable=False),
        sa.Column("told_by", sa.String(length=32), nullable=False),
        sa.Column("told_via", sa.String(length=8), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name="fk_deal_match_id_match"),
        sa.ForeignKeyConstraint(["told_by"], ["account.id"], name="fk_deal_told_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_deal"),
        sa.UniqueConstraint("match_id", name="uq_deal_match_id"),
    )
    op.create_index("ix_deal_at", "deal", ["at"])

    op.create_table(
        "reveal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("match_id", sa.String(length=32), nullable=False),
        sa.Column("viewer_id", sa.String(length=32), nullable=False),
        sa.Column("shown_id", sa.String(length=32), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name="fk_reveal_match_id_match"),
        sa.ForeignKeyConstraint(["shown_id"], ["account.id"], name="fk_reveal_shown_id_account"),
        sa.ForeignKeyConstraint(["viewer_id"], ["account.id"], name="fk_reveal_viewer_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_reveal"),
    )
    op.create_index("ix_reveal_match_id", "reveal", ["match_id"])
    op.create_index("ix_reveal_viewer_at", "reveal", ["viewer_id", "at"])
