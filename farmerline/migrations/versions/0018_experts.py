"""农业110: hours of experts, whom a call was put through to, what they answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import altering, states
from farmerline.models import base

revision = "0018"
down_revision = "0017"

_QUESTIONS = (
    "publish", "side", "change", "match", "outcome", "who", "renew", "letter", "alert", "callout", "choice", "amount",
    "reason", "pool", "pooled", "useful", "speak",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "expert_day",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_expert_day_area_code_area"),
        sa.PrimaryKeyConstraint("id", name="pk_expert_day"),
        sa.UniqueConstraint("area_code", "day", name="uq_expert_day_area_code_day"),
    )
    op.create_table(
        "expert",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_expert_account_id_account"),
        sa.PrimaryKeyConstraint("account_id", name="pk_expert"),
    )
    op.create_table(
        "expert_absence",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("substitute_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_expert_absence_account_id_account"),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_expert_absence_area_code_area"),
        sa.ForeignKeyConstraint(
            ["substitute_id"], ["account.id"], name="fk_expert_absence_substitute_id_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_expert_absence"),
        sa.UniqueConstraint(
            "area_code", "day", "account_id", name="uq_expert_absence_area_code_day_account_id"
        ),
    )
    op.create_table(
        "expert_shift",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name="hours"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_expert_shift_account_id_account"),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_expert_shift_area_code_area"),
        sa.PrimaryKeyConstraint("id", name="pk_expert_shift"),
        sa.UniqueConstraint(
            "area_code",
            "weekday",
            "account_id",
            "starts",
            name="uq_expert_shift_area_code_weekday_account_id_starts",
        ),
    )
    op.create_table(
        "case_answer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("by_id", sa.String(length=32), nullable=False),
        sa.Column("short_sealed", sa.String(), nullable=False),
        sa.Column("full_sealed", sa.String(), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=True),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("useful", sa.Boolean(), nullable=True),
        sa.Column("useful_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("article_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_case_answer_article_id_article"),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name="fk_case_answer_by_id_account"),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_case_answer_case_id_case"),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name="fk_case_answer_recording_id_recording"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_case_answer"),
        sa.UniqueConstraint("case_id", name="uq_case_answer_case_id"),
    )
    op.create_index("ix_case_answer_by_id", "case_answer", ["by_id"])
    op.create_table(
        "case_event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("act", states("hand_over", "late", "write_down", name="act"), nullable=False),
        sa.Column("by_id", sa.String(length=32), nullable=True),
        sa.Column("to_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name="fk_case_event_by_id_account"),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_case_event_case_id_case"),
        sa.ForeignKeyConstraint(["to_id"], ["account.id"], name="fk_case_event_to_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_case_event"),
    )
    op.create_index("ix_case_event_case_id", "case_event", ["case_id"])
    op.create_table(
        "expert_ring",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("rung_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("taken_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            states("talked", "declined", "busy", "no_answer", "failed", "left", name="outcome"),
            nullable=True,
        ),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_expert_ring_account_id_account"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_expert_ring_call_id_call"),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_expert_ring_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_expert_ring"),
        sa.UniqueConstraint("case_id", "place", name="uq_expert_ring_case_id_place"),
    )
    op.create_index("ix_expert_ring_account_id_rung_at", "expert_ring", ["account_id", "rung_at"])
    op.create_index("ix_expert_ring_call_id", "expert_ring", ["call_id"])
    with op.batch_alter_table("case") as batch:
        batch.add_column(sa.Column("assigned_to", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("photo_id", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("tell_hour", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("board_text", sa.String(length=200), nullable=False, server_default=""))
        batch.add_column(sa.Column("board_asked", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_index("ix_case_assigned_to", ["assigned_to"])
        batch.create_index("ix_case_kind_state_due_at", ["kind", "state", "due_at"])
        batch.create_foreign_key("fk_case_assigned_to_account", "account", ["assigned_to"], ["id"])
        batch.create_foreign_key("fk_case_photo_id_photo", "photo", ["photo_id"], ["id"])
    with op.batch_alter_table("case") as batch:
        batch.alter_column("board_text", server_default=None)
        batch.alter_column("board_asked", server_default=None)
    with altering("question", {"kind": _QUESTIONS}):
        pass
