"""what units send in: units, liaisons, submissions; links to pages elsewhere; an article's photo."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import states
from farmerline.models import base

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "unit",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", states("office", "town", "market", "firm", "point", name="kind"), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_unit_area_code_area"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_unit_organisation_id_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
        sa.UniqueConstraint("name", name="uq_unit_name"),
        sa.UniqueConstraint("organisation_id", name="uq_unit_organisation_id"),
    )
    op.create_index("ix_unit_area_code", "unit", ["area_code"])
    op.create_table(
        "liaison",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("confirmed_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("named_by", sa.String(length=32), nullable=False),
        sa.Column("named_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_liaison_unit_id_unit"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_liaison_account_id_account"),
        sa.ForeignKeyConstraint(["named_by"], ["account.id"], name="fk_liaison_named_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_liaison"),
    )
    op.create_index("ix_liaison_unit_since", "liaison", ["unit_id", "since"])
    op.create_index("ix_liaison_account_id", "liaison", ["account_id"])
    op.create_table(
        "submission",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=True),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("via", states("web", "sms", "feed", "file", name="via"), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=True),
        sa.Column("title_sealed", sa.String(), nullable=False),
        sa.Column("text_sealed", sa.String(), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", states("waiting", "taken", "merged", "returned", name="state"), nullable=False),
        sa.Column("settled_by", sa.String(length=32), nullable=True),
        sa.Column("settled_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("article_id", sa.String(length=32), nullable=True),
        sa.Column("used_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_submission_unit_id_unit"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_submission_account_id_account"),
        sa.ForeignKeyConstraint(["settled_by"], ["account.id"], name="fk_submission_settled_by_account"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_submission_article_id_article"),
        sa.PrimaryKeyConstraint("id", name="pk_submission"),
        sa.UniqueConstraint("number", name="uq_submission_number"),
        sa.UniqueConstraint("ref", name="uq_submission_ref"),
    )
    op.create_index("ix_submission_state_at", "submission", ["state", "at"])
    op.create_index("ix_submission_unit_at", "submission", ["unit_id", "at"])
    op.create_index("ix_submission_account_id", "submission", ["account_id"])
    op.create_index("ix_submission_article_id", "submission", ["article_id"])
    op.create_table(
        "link",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("heading", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.String(length=32), nullable=False),
        sa.Column("added_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("checked_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=40), nullable=False),
        sa.Column("dead_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name="fk_link_added_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_link"),
        sa.UniqueConstraint("address", name="uq_link_address"),
    )
    with op.batch_alter_table("article") as article:
        article.add_column(sa.Column("photo_id", sa.String(length=32), nullable=True))
        article.add_column(sa.Column("photo_says", sa.String(length=60), nullable=False, server_default=""))
        article.create_foreign_key("fk_article_photo_id_photo", "photo", ["photo_id"], ["id"])
    with op.batch_alter_table("article") as article:
        article.alter_column(
            "photo_says", existing_type=sa.String(length=60), existing_nullable=False, server_default=None
        )
