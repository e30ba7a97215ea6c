"""surveys: a few numbered questions to a frozen list, and what was answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import altering, states
from farmerline.models import base

revision = "0028"
down_revision = "0027"

_QUESTIONS = (
    "publish", "side", "change", "match", "outcome", "who", "renew", "letter", "alert", "callout", "choice", "amount",
    "reason", "pool", "pooled", "useful", "speak", "group", "heard", "which", "edit", "survey",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("asker", sa.String(length=20), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=True),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("state", states("planned", "open", "closed", name="state"), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("list_hash", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("opened_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("until", base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_survey_alert_id_alert"),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_survey_area_code_area"),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name="fk_survey_created_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_survey"),
    )
    op.create_index("ix_survey_alert_id", "survey", ["alert_id"])
    op.create_index("ix_survey_state_until", "survey", ["state", "until"])
    op.create_table(
        "survey_person",
        sa.Column("survey_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("asked_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("skipped", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_survey_person_account_id_account"),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name="fk_survey_person_survey_id_survey"),
        sa.PrimaryKeyConstraint("survey_id", "account_id", name="pk_survey_person"),
    )
    op.create_index("ix_survey_person_asked", "survey_person", ["survey_id", "asked_at"])
    op.create_table(
        "survey_answer",
        sa.Column("survey_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("choice BETWEEN 1 AND 4", name="choice"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_survey_answer_account_id_account"),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name="fk_survey_answer_survey_id_survey"),
        sa.PrimaryKeyConstraint("survey_id", "account_id", "place", name="pk_survey_answer"),
    )
    with altering("question", {"kind": _QUESTIONS}):
        pass
