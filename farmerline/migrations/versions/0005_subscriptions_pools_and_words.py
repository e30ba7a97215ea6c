"""subscriptions pools digest and vocabulary."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import altering, states
from farmerline.models import base

revision = "0005"
down_revision = "0004"

_PURPOSES = ("service", "match", "letter", "alert", "tips", "digest", "watch")
_STATES: dict[str, dict[str, tuple[str, ...]]] = {
    "consent": {"purpose": _PURPOSES},
    "campaign": {"purpose": _PURPOSES},
    "delivery": {"purpose": _PURPOSES},
    "question": {
        "kind": (
            "publish", "side", "change", "match", "outcome", "who", "renew", "letter", "alert", "callout", "choice",
            "amount", "reason", "pool", "pooled",
        ),
    },
    "case": {
        "kind": (
            "unclear", "voice_post", "sighting", "question", "message", "register", "review", "appeal", "call_back",
        ),
    },
}  # fmt: skip
_SCORED = ("day", "id", "variety", "area_code", "qty_left", "unit", "unit_price", "price_unit")
_LIVE = sa.text("live")
_WINDOWS: dict[str, tuple[str, ...]] = {
    "city": ("city",),
    "province": ("province",),
    "nation": (),
    "variety_province": ("variety", "province"),
    "variety_nation": ("variety",),
}


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("concept", sa.String(length=40), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("variety", sa.String(length=40), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("created_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_subscription_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
    )
    op.create_index("ix_subscription_account_id", "subscription", ["account_id", "ended_at"])
    op.create_index(
        "ix_subscription_key",
        "subscription",
        ["key", "form", "area_code", "account_id", "id", "variety"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "word_edit",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("act", states("add", "merge", "forbid", name="act"), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("concept", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("variety", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.String(length=32), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(length=32), nullable=True),
        sa.Column("undone_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reread_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("undo_reread_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name="fk_word_edit_by_id_account"),
        sa.ForeignKeyConstraint(["undone_by"], ["account.id"], name="fk_word_edit_undone_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_word_edit"),
        sa.UniqueConstraint("serial", name="uq_word_edit_serial"),
    )
    op.create_index("ix_word_edit_reread_at", "word_edit", ["reread_at"])
    op.create_index("ix_word_edit_word", "word_edit", ["word"])

    op.create_table(
        "unknown_word",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("state", states("heard", "taken", "dismissed", name="state"), nullable=False),
        sa.Column("first_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("edit_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["edit_id"], ["word_edit.id"], name="fk_unknown_word_edit_id_word_edit"),
        sa.PrimaryKeyConstraint("id", name="pk_unknown_word"),
        sa.UniqueConstraint("word", name="uq_unknown_word_word"),
    )
    op.create_index("ix_unknown_word_state_times", "unknown_word", ["state", "times"])

    op.create_table(
        "unknown_word_use",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("word_id", sa.String(length=32), nullable=False),
        sa.Column("inbound_id", sa.String(length=32), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound.id"], name="fk_unknown_word_use_inbound_id_inbound"
        ),
        sa.ForeignKeyConstraint(
            ["word_id"], ["unknown_word.id"], name="fk_unknown_word_use_word_id_unknown_word"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_unknown_word_use"),
        sa.UniqueConstraint("word_id", "inbound_id", name="uq_unknown_word_use_word_id_inbound_id"),
    )
    op.create_index("ix_unknown_word_use_word_id", "unknown_word_use", ["word_id"])

    op.create_table(
        "watch_cursor",
        sa.Column("post_id", sa.String(length=32), nullable=False),
        sa.Column("after", sa.String(length=200), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_watch_cursor_post_id_post"),
        sa.PrimaryKeyConstraint("post_id", name="pk_watch_cursor"),
    )
    op.create_index("ix_watch_cursor_at", "watch_cursor", ["at"])

    op.create_table(
        "digest_slot",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("post_id", sa.String(length=32), nullable=False),
        sa.Column("item_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("qty_then", sa.Float(), nullable=True),
        sa.Column("made_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("result_qty", sa.Float(), nullable=True),
        sa.Column("result_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_digest_slot_account_id_account"),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_digest_slot_area_code_area"),
        sa.ForeignKeyConstraint(["item_id"], ["post_item.id"], name="fk_digest_slot_item_id_post_item"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_digest_slot_post_id_post"),
        sa.PrimaryKeyConstraint("id", name="pk_digest_slot"),
        sa.UniqueConstraint("area_code", "day", name="uq_digest_slot_area_code_day"),
    )
    op.create_index("ix_digest_slot_account_id", "digest_slot", ["account_id", "day"])
    op.create_index("ix_digest_slot_post_id", "digest_slot", ["post_id"])

    op.create_table(
        "pool",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("demand_item_id", sa.String(length=32), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("least", sa.Float(), nullable=False),
        sa.Column("qty", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column(
            "state", states("asking", "offered", "agreed", "refused", "lapsed", name="state"), nullable=False
        ),
        sa.Column("made_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_pool_area_code_area"),
        sa.ForeignKeyConstraint(
            ["demand_item_id"], ["post_item.id"], name="fk_pool_demand_item_id_post_item"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pool"),
        sa.UniqueConstraint("number", name="uq_pool_number"),
    )
    op.create_index("ix_pool_demand_item_id", "pool", ["demand_item_id"])
    op.create_index("ix_pool_state_until", "pool", ["state", "until"])

    op.create_table(
        "pool_member",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("pool_id", sa.String(length=32), nullable=False),
        sa.Column("item_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("qty", sa.Float(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("answered_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("answered_via", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_pool_member_account_id_account"),
        sa.ForeignKeyConstraint(["item_id"], ["post_item.id"], name="fk_pool_member_item_id_post_item"),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name="fk_pool_member_pool_id_pool"),
        sa.PrimaryKeyConstraint("id", name="pk_pool_member"),
        sa.UniqueConstraint("pool_id", "item_id", name="uq_pool_member_pool_id_item_id"),
    )
    op.create_index("ix_pool_member_item_id", "pool_member", ["item_id"])

    op.create_table(
        "digest_reader",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("slot_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("delivery_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_digest_reader_account_id_account"),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name="fk_digest_reader_delivery_id_delivery"
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["digest_slot.id"], name="fk_digest_reader_slot_id_digest_slot"),
        sa.PrimaryKeyConstraint("id", name="pk_digest_reader"),
        sa.UniqueConstraint("slot_id", "account_id", name="uq_digest_reader_slot_id_account_id"),
    )
    op.create_index("ix_digest_reader_account_id", "digest_reader", ["account_id"])

    op.create_table(
        "watch_notice",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("post_id", sa.String(length=32), nullable=False),
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("told_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("dropped", sa.String(length=16), nullable=False),
        sa.Column("delivery_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_watch_notice_account_id_account"),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name="fk_watch_notice_delivery_id_delivery"
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_watch_notice_post_id_post"),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.id"], name="fk_watch_notice_subscription_id_subscription"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_watch_notice"),
        sa.UniqueConstraint("account_id", "post_id", name="uq_watch_notice_account_id_post_id"),
    )
    op.create_index("ix_watch_notice_post_id", "watch_notice", ["post_id"])
    op.create_index("ix_watch_notice_told_at", "watch_notice", ["told_at", "account_id"])

    with op.batch_alter_table("area") as batch:
        batch.add_column(sa.Column("lat", sa.Float(), nullable=True))
        batch.add_column(sa.Column("lon", sa.Float(), nullable=True))
    with op.batch_alter_table("match") as batch:
        batch.add_column(
            sa.Column(
                "no_reason",
                states("", "price", "quality", "not_reached", "gone", "other", name="no_reason"),
                nullable=False,
                server_default="",
            )
        )
        batch.add_column(sa.Column("pool_id", sa.String(length=32), nullable=True))
        batch.create_index("ix_match_pool_id", ["pool_id"])
        batch.create_foreign_key("fk_match_pool_id_pool", "pool", ["pool_id"], ["id"])
    with op.batch_alter_table("post") as batch:
        batch.add_column(sa.Column("text_mark", sa.String(length=32), nullable=False, server_default=""))
        batch.add_column(sa.Column("appealed_at", base.UtcDateTime(timezone=True), nullable=True))
        batch.create_index("ix_post_text_mark", ["text_mark", "created_at"])
    op.execute("UPDATE post_item SET variety = '' WHERE variety IS NULL")
    for name in ("city", "province", "nation"):
        op.drop_index(f"ix_post_item_{name}", "post_item")
    with op.batch_alter_table("post_item") as batch:
        batch.add_column(sa.Column("least", sa.Float(), nullable=True))
        batch.alter_column("variety", existing_type=sa.String(length=40), nullable=False)
    for name, columns in _WINDOWS.items():
        scored = [one for one in _SCORED if one not in columns]
        op.create_index(
            f"ix_post_item_{name}",
            "post_item",
            ["key", *columns, *scored],
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        )
    op.create_index("ix_post_item_price", "post_item", ["key", "day", "unit_price", "price_unit"])
    for table, states_of in _STATES.items():
        with altering(table, states_of):
            pass
    with op.batch_alter_table("match") as batch:
        batch.alter_column("no_reason", server_default=None)
    with op.batch_alter_table("post") as batch:
        batch.alter_column("text_mark", server_default=None)
