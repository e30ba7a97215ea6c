"""alerts sightings and duty."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import altering, states
from farmerline.models import base

revision = "0004"
down_revision = "0003"

_STATES: dict[str, dict[str, tuple[str, ...]]] = {
    "campaign": {"state": ("planned", "sending", "paused", "done", "stopped")},
    "delivery": {"state": ("queued", "held", "sending", "sent", "delivered", "failed", "dead", "cancelled")},
    "question": {
        "kind": (
            "publish", "side", "change", "match", "outcome", "who", "renew", "letter", "alert", "callout",
        ),
    },
}  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "photo",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_photo"),
    )
    op.create_table(
        "drill_member",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("added_by", sa.String(length=32), nullable=False),
        sa.Column("added_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_drill_member_account_id_account"),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name="fk_drill_member_added_by_account"),
        sa.PrimaryKeyConstraint("account_id", name="pk_drill_member"),
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("task", states("sign", "watch", "supervise", name="task"), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_duty_account_id_account"),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_duty_area_code_area"),
        sa.PrimaryKeyConstraint("id", name="pk_duty"),
        sa.UniqueConstraint("task", "area_code", "account_id", name="uq_duty_task_area_code_account_id"),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column(
            "kind",
            states("alert", "update", "correction", "cancel", "all_clear", name="kind"),
            nullable=False,
        ),
        sa.Column("parent_id", sa.String(length=32), nullable=True),
        sa.Column(
            "state",
            states(
                "draft",
                "submitted",
                "signed",
                "running",
                "paused",
                "stopped",
                "cancelled",
                "replaced",
                "expired",
                "withdrawn",
                name="state",
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("colour", states("blue", "yellow", "orange", "red", name="colour"), nullable=False),
        sa.Column("crop", sa.String(length=40), nullable=False),
        sa.Column("growth_stage", sa.String(length=40), nullable=False),
        sa.Column("pest", sa.String(length=40), nullable=False),
        sa.Column("degree", sa.Integer(), nullable=False),
        sa.Column("evidence_place", sa.String(length=80), nullable=False),
        sa.Column("evidence_on", sa.Date(), nullable=True),
        sa.Column("evidence_method", sa.String(length=80), nullable=False),
        sa.Column("evidence_count", sa.Float(), nullable=True),
        sa.Column("evidence_unit", sa.String(length=40), nullable=False),
        sa.Column("window_from", sa.Date(), nullable=True),
        sa.Column("window_to", sa.Date(), nullable=True),
        sa.Column("look_step", sa.String(length=120), nullable=False),
        sa.Column("threshold", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=200), nullable=False),
        sa.Column("ingredient", sa.String(length=80), nullable=False),
        sa.Column("interval_days", sa.Integer(), nullable=True),
        sa.Column("valid_until", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("short_text", sa.String(length=200), nullable=False),
        sa.Column("voice_text", sa.String(length=400), nullable=False),
        sa.Column("voice_seconds", sa.Float(), nullable=False),
        sa.Column("full_text", sa.String(length=4000), nullable=False),
        sa.Column("audience_crop", sa.String(length=40), nullable=False),
        sa.Column("audience_kind", sa.String(length=24), nullable=False),
        sa.Column("send_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("list_hash", sa.String(length=64), nullable=False),
        sa.Column("frozen_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("drafted_by", sa.String(length=32), nullable=False),
        sa.Column("drafted_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("edited_by", sa.String(length=32), nullable=False),
        sa.Column("edited_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.String(length=32), nullable=True),
        sa.Column("submitted_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("returned_why", sa.String(length=200), nullable=False),
        sa.Column("signed_by", sa.String(length=32), nullable=True),
        sa.Column("signed_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("signed_hash", sa.String(length=64), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("review_due_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.String(length=32), nullable=True),
        sa.Column("reviewed_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("review_note", sa.String(length=400), nullable=False),
        sa.Column("issued_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=32), nullable=True),
        sa.Column("campaign_id", sa.String(length=32), nullable=True),
        sa.CheckConstraint("degree BETWEEN 1 AND 5", name="degree"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_alert_campaign_id_campaign"),
        sa.ForeignKeyConstraint(["drafted_by"], ["account.id"], name="fk_alert_drafted_by_account"),
        sa.ForeignKeyConstraint(["edited_by"], ["account.id"], name="fk_alert_edited_by_account"),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name="fk_alert_ended_by_account"),
        sa.ForeignKeyConstraint(["parent_id"], ["alert.id"], name="fk_alert_parent_id_alert"),
        sa.ForeignKeyConstraint(["reviewed_by"], ["account.id"], name="fk_alert_reviewed_by_account"),
        sa.ForeignKeyConstraint(["signed_by"], ["account.id"], name="fk_alert_signed_by_account"),
        sa.ForeignKeyConstraint(["submitted_by"], ["account.id"], name="fk_alert_submitted_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
        sa.UniqueConstraint("year", "serial", "exercise", name="uq_alert_year_serial_exercise"),
    )
    op.create_index("ix_alert_campaign_id", "alert", ["campaign_id"])
    op.create_index("ix_alert_parent_id", "alert", ["parent_id"])
    op.create_index("ix_alert_state_send_at", "alert", ["state", "send_at"])

    op.create_table(
        "alert_area",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_alert_area_alert_id_alert"),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_alert_area_area_code_area"),
        sa.PrimaryKeyConstraint("alert_id", "area_code", name="pk_alert_area"),
    )
    op.create_table(
        "callout",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", states("sign", "cluster", "alone", "refused", name="kind"), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=True),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("at_once", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("opened_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("next_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("done_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_callout_alert_id_alert"),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_callout_area_code_area"),
        sa.ForeignKeyConstraint(["done_by"], ["account.id"], name="fk_callout_done_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_callout"),
        sa.UniqueConstraint("kind", "subject", name="uq_callout_kind_subject"),
    )
    op.create_index("ix_callout_alert_id", "callout", ["alert_id"])
    op.create_index("ix_callout_next_at", "callout", ["next_at"])

    op.create_table(
        "reach",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("phone_index", sa.String(length=64), nullable=True),
        sa.Column("lead_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("excluded", sa.String(length=24), nullable=False),
        sa.Column(
            "step", states("wait", "text", "ring", "list", "town", "done", name="step"), nullable=False
        ),
        sa.Column("next_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("first_ring_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("rings", sa.Integer(), nullable=False),
        sa.Column("heard_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("heard_seconds", sa.Float(), nullable=True),
        sa.Column("failed_why", sa.String(length=24), nullable=False),
        sa.Column(
            "settled",
            states("", "reply", "page", "key", "heard", "receipt", "told", "not_mine", name="settled"),
            nullable=False,
        ),
        sa.Column("settled_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(length=32), nullable=True),
        sa.Column("going_id", sa.String(length=32), nullable=True),
        sa.Column("listed_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("town_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_reach_account_id_account"),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_reach_alert_id_alert"),
        sa.ForeignKeyConstraint(["going_id"], ["account.id"], name="fk_reach_going_id_account"),
        sa.ForeignKeyConstraint(["settled_by"], ["account.id"], name="fk_reach_settled_by_account"),
        sa.PrimaryKeyConstraint("alert_id", "account_id", name="pk_reach"),
    )
    op.create_index("ix_reach_account_id", "reach", ["account_id"])
    op.create_index("ix_reach_alert_area", "reach", ["alert_id", "area_code"])
    op.create_index("ix_reach_alert_lead", "reach", ["alert_id", "lead_id"])
    op.create_index("ix_reach_alert_next_at", "reach", ["alert_id", "next_at"])
    op.create_index("ix_reach_alert_step", "reach", ["alert_id", "step", "excluded"])
    op.create_index("ix_reach_going_id", "reach", ["going_id"])
    op.create_index("ix_reach_phone_alert", "reach", ["phone_index", "alert_id"])

    op.create_table(
        "sighting",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("operator_id", sa.String(length=32), nullable=True),
        sa.Column("phone_sealed", sa.String(), nullable=True),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("crop", sa.String(length=40), nullable=False),
        sa.Column("pest", sa.String(length=40), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("in_ten", sa.Integer(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("text_sealed", sa.String(), nullable=False),
        sa.Column(
            "channel", states("sms", "voice", "web", "contact", "mailbox", name="channel"), nullable=False
        ),
        sa.Column("inbound_id", sa.String(length=32), nullable=True),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("photo_id", sa.String(length=32), nullable=True),
        sa.Column("reported_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "verdict", states("", "confirmed", "other", "nothing", "unclear", name="verdict"), nullable=False
        ),
        sa.Column("verdict_pest", sa.String(length=40), nullable=False),
        sa.Column("verdict_text_sealed", sa.String(), nullable=True),
        sa.Column("verdict_by", sa.String(length=32), nullable=True),
        sa.Column("verdict_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("in_ten BETWEEN 0 AND 10", name="in_ten"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_sighting_account_id_account"),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_sighting_area_code_area"),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_sighting_case_id_case"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name="fk_sighting_inbound_id_inbound"),
        sa.ForeignKeyConstraint(["operator_id"], ["account.id"], name="fk_sighting_operator_id_account"),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_sighting_photo_id_photo"),
        sa.ForeignKeyConstraint(["verdict_by"], ["account.id"], name="fk_sighting_verdict_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_sighting"),
        sa.UniqueConstraint("number", name="uq_sighting_number"),
    )
    op.create_index("ix_sighting_account_id", "sighting", ["account_id"])
    op.create_index("ix_sighting_area_reported_at", "sighting", ["area_code", "reported_at"])
    op.create_index("ix_sighting_case_id", "sighting", ["case_id"])
    op.create_index("ix_sighting_verdict_reported_at", "sighting", ["verdict", "reported_at"])

    op.add_column("credential", sa.Column("card", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("letter", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    for table, columns in _STATES.items():
        with altering(table, columns) as batch:
            if table == "delivery":
                batch.add_column(sa.Column("round", sa.Integer(), nullable=False, server_default="0"))
                batch.add_column(sa.Column("ring_at", base.UtcDateTime(timezone=True), nullable=True))
                batch.drop_constraint("uq_delivery_campaign_id_account_id_channel", type_="unique")
                batch.create_index("ix_delivery_ring_at", ["ring_at"])
                batch.create_unique_constraint(
                    "uq_delivery_campaign_id_account_id_channel_round",
                    ["campaign_id", "account_id", "channel", "round"],
                )
    with op.batch_alter_table("credential") as batch:
        batch.alter_column("card", server_default=None)
    with op.batch_alter_table("letter") as batch:
        batch.alter_column("urgent", server_default=None)
    with op.batch_alter_table("delivery") as batch:
        batch.alter_column("round", server_default=None)
