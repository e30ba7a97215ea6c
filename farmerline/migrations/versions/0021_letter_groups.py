"""groups of the mailbox: who is in them, and which letters went to one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import altering, states
from farmerline.models import base

revision = "0021"
down_revision = "0020"

_QUESTIONS = (
    "publish", "side", "change", "match", "outcome", "who", "renew", "letter", "alert", "callout", "choice", "amount",
    "reason", "pool", "pooled", "useful", "speak", "group",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "letter_group",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("name_sealed", sa.String(), nullable=False),
        sa.Column("made_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name="fk_letter_group_owner_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_letter_group"),
    )
    op.create_index("ix_letter_group_owner_id", "letter_group", ["owner_id"])
    op.create_table(
        "letter_group_member",
        sa.Column("group_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("state", states("asked", "in", "out", "removed", name="state"), nullable=False),
        sa.Column("asked_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("answered_via", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_letter_group_member_account_id_account"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["letter_group.id"], name="fk_letter_group_member_group_id_letter_group"
        ),
        sa.PrimaryKeyConstraint("group_id", "account_id", name="pk_letter_group_member"),
    )
    op.create_index("ix_letter_group_member_account_state", "letter_group_member", ["account_id", "state"])
    with op.batch_alter_table("letter") as table:
        table.add_column(sa.Column("group_id", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("campaign_id", sa.String(length=32), nullable=True))
        table.create_foreign_key("fk_letter_group_id_letter_group", "letter_group", ["group_id"], ["id"])
        table.create_foreign_key("fk_letter_campaign_id_campaign", "campaign", ["campaign_id"], ["id"])
        table.create_unique_constraint("uq_letter_campaign_id_to_id", ["campaign_id", "to_id"])
    op.create_index("ix_letter_group_id", "letter", ["group_id"])
    with altering("question", {"kind": _QUESTIONS}):
        pass
