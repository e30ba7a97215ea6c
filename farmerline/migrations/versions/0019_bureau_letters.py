"""letters to the bureau: kinds with their promise, letters and their history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import states
from farmerline.models import base

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "bureau_letter_kind",
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_bureau_letter_kind"),
    )
    op.create_table(
        "bureau_letter",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("from_id", sa.String(length=32), nullable=False),
        sa.Column("operator_id", sa.String(length=32), nullable=True),
        sa.Column("body_sealed", sa.String(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("state", states("received", "passed", "answered", "closed", name="state"), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("handler_id", sa.String(length=32), nullable=True),
        sa.Column("received_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=32), nullable=True),
        sa.Column("answer_sealed", sa.String(), nullable=True),
        sa.Column("closed_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("board_asked", sa.Boolean(), nullable=False),
        sa.Column("board_text", sa.String(length=300), nullable=False),
        sa.Column("board_answer", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["answered_by"], ["account.id"], name="fk_bureau_letter_answered_by_account"),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_bureau_letter_area_code_area"),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_bureau_letter_case_id_case"),
        sa.ForeignKeyConstraint(["from_id"], ["account.id"], name="fk_bureau_letter_from_id_account"),
        sa.ForeignKeyConstraint(["handler_id"], ["account.id"], name="fk_bureau_letter_handler_id_account"),
        sa.ForeignKeyConstraint(
            ["kind"], ["bureau_letter_kind.code"], name="fk_bureau_letter_kind_bureau_letter_kind"
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["account.id"], name="fk_bureau_letter_operator_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_bureau_letter"),
        sa.UniqueConstraint("number", name="uq_bureau_letter_number"),
    )
    op.create_index("ix_bureau_letter_from_id", "bureau_letter", ["from_id"])
    op.create_index("ix_bureau_letter_handler_id", "bureau_letter", ["handler_id"])
    op.create_index("ix_bureau_letter_state_due_at", "bureau_letter", ["state", "due_at"])
    op.create_table(
        "bureau_letter_event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("letter_id", sa.String(length=32), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "act", states("write", "pass_on", "answer", "close", "show", "hide", name="act"), nullable=False
        ),
        sa.Column("by_id", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name="fk_bureau_letter_event_by_id_account"),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["bureau_letter.id"], name="fk_bureau_letter_event_letter_id_bureau_letter"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_bureau_letter_event"),
    )
    op.create_index("ix_bureau_letter_event_letter_id", "bureau_letter_event", ["letter_id"])
