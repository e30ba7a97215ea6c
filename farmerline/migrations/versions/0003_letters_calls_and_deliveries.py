"""letters calls and deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import states
from farmerline.models import base

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "gateway",
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column(
            "channel", states("sms", "voice", "web", "contact", "mailbox", name="channel"), nullable=False
        ),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("signature", sa.String(length=16), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("tokens_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("paused_until", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_gateway"),
    )
    op.create_table(
        "call",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("gateway", sa.String(length=24), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("outbound", sa.Boolean(), nullable=False),
        sa.Column("caller_sealed", sa.String(), nullable=False),
        sa.Column("caller_index", sa.String(length=64), nullable=True),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("wrong_keys", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("started_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_call_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_call"),
        sa.UniqueConstraint("gateway", "ref", name="uq_call_gateway_ref"),
    )
    op.create_index("ix_call_account_id", "call", ["account_id"])
    op.create_index("ix_call_caller_index", "call", ["caller_index"])

    op.create_table(
        "campaign",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column(
            "purpose",
            states("service", "match", "letter", "alert", "tips", "digest", name="purpose"),
            nullable=False,
        ),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("state", states("planned", "sending", "done", "stopped", name="state"), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("list_hash", sa.String(length=64), nullable=False),
        sa.Column("cursor", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_campaign_area_code_area"),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name="fk_campaign_created_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
    )
    op.create_table(
        "recording",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("use", sa.String(length=12), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("sound_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_recording_account_id_account"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_recording_call_id_call"),
        sa.PrimaryKeyConstraint("id", name="pk_recording"),
    )
    op.create_index("ix_recording_account_id", "recording", ["account_id"])
    op.create_index("ix_recording_call_id", "recording", ["call_id"])

    op.create_table(
        "case",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            states(
                "unclear",
                "voice_post",
                "sighting",
                "question",
                "message",
                "register",
                "review",
                "call_back",
                name="kind",
            ),
            nullable=False,
        ),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("phone_sealed", sa.String(), nullable=True),
        sa.Column("phone_index", sa.String(length=64), nullable=True),
        sa.Column("text_sealed", sa.String(), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=True),
        sa.Column("inbound_id", sa.String(length=32), nullable=True),
        sa.Column("post_id", sa.String(length=32), nullable=True),
        sa.Column("state", states("open", "closed", name="state"), nullable=False),
        sa.Column("opened_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=32), nullable=True),
        sa.Column("outcome_sealed", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_case_account_id_account"),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_case_area_code_area"),
        sa.ForeignKeyConstraint(["closed_by"], ["account.id"], name="fk_case_closed_by_account"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name="fk_case_inbound_id_inbound"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_case_post_id_post"),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name="fk_case_recording_id_recording"),
        sa.PrimaryKeyConstraint("id", name="pk_case"),
        sa.UniqueConstraint("number", name="uq_case_number"),
    )
    op.create_index("ix_case_account_id", "case", ["account_id"])
    op.create_index("ix_case_area_state_due_at", "case", ["area_code", "state", "due_at"])
    op.create_index("ix_case_phone_index", "case", ["phone_index"])

    op.create_table(
        "letter",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("thread_id", sa.String(length=32), nullable=False),
        sa.Column("from_id", sa.String(length=32), nullable=False),
        sa.Column("to_id", sa.String(length=32), nullable=False),
        sa.Column("operator_id", sa.String(length=32), nullable=True),
        sa.Column("subject_sealed", sa.String(), nullable=False),
        sa.Column("body_sealed", sa.String(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("post_id", sa.String(length=32), nullable=True),
        sa.Column("sent_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("read_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("read_via", sa.String(length=8), nullable=False),
        sa.Column("hidden_by_sender", sa.Boolean(), nullable=False),
        sa.Column("hidden_by_reader", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["from_id"], ["account.id"], name="fk_letter_from_id_account"),
        sa.ForeignKeyConstraint(["operator_id"], ["account.id"], name="fk_letter_operator_id_account"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_letter_post_id_post"),
        sa.ForeignKeyConstraint(["to_id"], ["account.id"], name="fk_letter_to_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
    )
    op.create_index("ix_letter_from_sent_at", "letter", ["from_id", "sent_at"])
    op.create_index("ix_letter_thread_sent_at", "letter", ["thread_id", "sent_at"])
    op.create_index("ix_letter_to_sent_at", "letter", ["to_id", "sent_at"])

    op.create_table(
        "question",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column(
            "kind",
            states("publish", "side", "change", "match", "outcome", "who", "renew", "letter", name="kind"),
            nullable=False,
        ),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("phone_index", sa.String(length=64), nullable=True),
        sa.Column("post_id", sa.String(length=32), nullable=True),
        sa.Column("match_id", sa.String(length=32), nullable=True),
        sa.Column("letter_id", sa.String(length=32), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("state", states("open", "answered", "replaced", "expired", name="state"), nullable=False),
        sa.Column("asked_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_question_account_id_account"),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name="fk_question_letter_id_letter"),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name="fk_question_match_id_match"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_question_post_id_post"),
        sa.PrimaryKeyConstraint("id", name="pk_question"),
    )
    op.create_index("ix_question_account_state", "question", ["account_id", "state"])
    op.create_index("ix_question_match_id", "question", ["match_id"])
    op.create_index("ix_question_phone_state", "question", ["phone_index", "state"])
    op.create_index("ix_question_post_id", "question", ["post_id"])
    op.create_index("ix_question_state_expires_at", "question", ["state", "expires_at"])

    op.create_table(
        "delivery",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("campaign_id", sa.String(length=32), nullable=True),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column(
            "channel", states("sms", "voice", "web", "contact", "mailbox", name="channel"), nullable=False
        ),
        sa.Column("gateway", sa.String(length=24), nullable=False),
        sa.Column("address_sealed", sa.String(), nullable=False),
        sa.Column("address_index", sa.String(length=64), nullable=True),
        sa.Column(
            "purpose",
            states("service", "match", "letter", "alert", "tips", "digest", name="purpose"),
            nullable=False,
        ),
        sa.Column("priority", states("1", "2", "3", "4", name="priority"), nullable=False),
        sa.Column("text_sealed", sa.String(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            states("queued", "sending", "sent", "delivered", "failed", "dead", "cancelled", name="state"),
            nullable=False,
        ),
        sa.Column("due_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=40), nullable=True),
        sa.Column("lease_until", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("provider_ref", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("question_id", sa.String(length=32), nullable=True),
        sa.Column("inbound_id", sa.String(length=32), nullable=True),
        sa.Column("letter_id", sa.String(length=32), nullable=True),
        sa.Column("call_id", sa.String(length=32), nullable=True),
        sa.Column("created_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("settled_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("heard_seconds", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_delivery_account_id_account"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_delivery_call_id_call"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_delivery_campaign_id_campaign"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name="fk_delivery_inbound_id_inbound"),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name="fk_delivery_letter_id_letter"),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name="fk_delivery_question_id_question"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint(
            "campaign_id", "account_id", "channel", name="uq_delivery_campaign_id_account_id_channel"
        ),
        sa.UniqueConstraint("gateway", "provider_ref", name="uq_delivery_gateway_provider_ref"),
    )
    op.create_index("ix_delivery_account_created_at", "delivery", ["account_id", "created_at"])
    op.create_index("ix_delivery_address_created_at", "delivery", ["address_index", "created_at"])
    op.create_index("ix_delivery_claim", "delivery", ["gateway", "state", "priority", "due_at"])
    op.create_index("ix_delivery_inbound_id", "delivery", ["inbound_id"])

    op.create_table(
        "receipt",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("gateway", sa.String(length=24), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            states("queued", "sent", "ringing", "answered", "delivered", "failed", name="state"),
            nullable=False,
        ),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("delivery_id", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_receipt_delivery_id_delivery"),
        sa.PrimaryKeyConstraint("id", name="pk_receipt"),
        sa.UniqueConstraint("gateway", "ref", "state", name="uq_receipt_gateway_ref_state"),
    )
    op.create_index("ix_receipt_delivery_id", "receipt", ["delivery_id"])
