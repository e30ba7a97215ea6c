"""articles: kinds, articles and their history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import states
from farmerline.models import base

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "article_kind",
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("box", sa.String(length=16), nullable=False),
        sa.Column("checked", sa.Boolean(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_article_kind"),
    )
    op.create_table(
        "article",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("crops", sa.String(length=200), nullable=False),
        sa.Column("term", sa.String(length=8), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("full_text", sa.Text(), nullable=False),
        sa.Column("short_text", sa.String(length=80), nullable=False),
        sa.Column("voice_text", sa.Text(), nullable=False),
        sa.Column(
            "state",
            states("draft", "checked", "issued", "replaced", "withdrawn", name="state"),
            nullable=False,
        ),
        sa.Column("replaces_id", sa.String(length=32), nullable=True),
        sa.Column("written_by", sa.String(length=32), nullable=False),
        sa.Column("edited_by", sa.String(length=32), nullable=False),
        sa.Column("written_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("checked_by", sa.String(length=32), nullable=True),
        sa.Column("issued_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["kind"], ["article_kind.code"], name="fk_article_kind_article_kind"),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_article_area_code_area"),
        sa.ForeignKeyConstraint(["replaces_id"], ["article.id"], name="fk_article_replaces_id_article"),
        sa.ForeignKeyConstraint(["written_by"], ["account.id"], name="fk_article_written_by_account"),
        sa.ForeignKeyConstraint(["edited_by"], ["account.id"], name="fk_article_edited_by_account"),
        sa.ForeignKeyConstraint(["checked_by"], ["account.id"], name="fk_article_checked_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
        sa.UniqueConstraint("number", name="uq_article_number"),
    )
    op.create_index("ix_article_state_area_code", "article", ["state", "area_code"])
    op.create_index("ix_article_state_issued_at", "article", ["state", "issued_at"])
    op.create_table(
        "article_event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("article_id", sa.String(length=32), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.String(length=32), nullable=False),
        sa.Column(
            "act",
            states("write", "change", "check", "return", "issue", "undo", "replace", "withdraw", name="act"),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_article_event_article_id_article"),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name="fk_article_event_by_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_article_event"),
    )
    op.create_index("ix_article_event_article_id", "article_event", ["article_id"])
