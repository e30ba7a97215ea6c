"""people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import states
from farmerline.migrations.guards import guard_audit
from farmerline.models import base

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "area",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("parent_code", sa.String(length=12), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "level", states("province", "city", "county", "town", "village", name="level"), nullable=False
        ),
        sa.Column("pinyin", sa.String(length=200), nullable=False),
        sa.Column("initials", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["parent_code"], ["area.code"], name="fk_area_parent_code_area"),
        sa.PrimaryKeyConstraint("code", name="pk_area"),
    )
    op.create_index("ix_area_initials", "area", ["initials"])
    op.create_index("ix_area_name", "area", ["name"])
    op.create_index("ix_area_parent_code", "area", ["parent_code"])
    op.create_index("ix_area_pinyin", "area", ["pinyin"])

    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.String(length=32), nullable=False),
        sa.Column("for_id", sa.String(length=32), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_index("ix_audit_actor_at", "audit", ["actor_id", "at"])
    op.create_index("ix_audit_subject", "audit", ["subject"])

    op.create_table(
        "audit_head",
        sa.Column("name", sa.String(length=8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_audit_head"),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )
    op.create_table(
        "demo_clock",
        sa.Column("name", sa.String(length=8), nullable=False),
        sa.Column("offset_seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_demo_clock"),
    )
    op.create_table(
        "person_kind",
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_person_kind"),
    )
    op.create_table(
        "schedule_run",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("fire_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("started_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("result", sa.String(length=120), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_run"),
        sa.UniqueConstraint("name", "fire_at", name="uq_schedule_run_name_fire_at"),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("contact_sealed", sa.String(), nullable=False),
        sa.Column("phone_sealed", sa.String(), nullable=False),
        sa.Column("state", states("pending", "verified", "suspended", "left", name="state"), nullable=False),
        sa.Column("created_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("verified_by", sa.String(length=32), nullable=True),
        sa.Column("verified_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_organisation_area_code_area"),
        sa.ForeignKeyConstraint(["kind"], ["person_kind.code"], name="fk_organisation_kind_person_kind"),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
        sa.UniqueConstraint("credit_code", name="uq_organisation_credit_code"),
    )
    op.create_index("ix_organisation_area_code", "organisation", ["area_code"])

    op.create_table(
        "account",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name_sealed", sa.String(), nullable=False),
        sa.Column("phone_sealed", sa.String(), nullable=True),
        sa.Column("phone_index", sa.String(length=64), nullable=True),
        sa.Column("resident_sealed", sa.String(), nullable=True),
        sa.Column("resident_index", sa.String(length=64), nullable=True),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=True),
        sa.Column("state", states("pending", "verified", "suspended", "left", name="state"), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column(
            "preferred", states("sms", "voice", "web", "contact", "mailbox", name="preferred"), nullable=False
        ),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("reviewed", sa.Boolean(), nullable=False),
        sa.Column("id_seen_by", sa.String(length=32), nullable=True),
        sa.Column("id_seen_on", sa.Date(), nullable=True),
        sa.Column("verified_by", sa.String(length=32), nullable=True),
        sa.Column("verified_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("verified_where", sa.String(length=12), nullable=True),
        sa.Column("created_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_account_area_code_area"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_account_organisation_id_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("resident_index", name="uq_account_resident_index"),
    )
    op.create_index("ix_account_area_state", "account", ["area_code", "state"])
    op.create_index("ix_account_organisation_id", "account", ["organisation_id"])
    op.create_index("ix_account_phone_index", "account", ["phone_index"])

    op.create_table(
        "account_crop",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("concept", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_account_crop_account_id_account"),
        sa.PrimaryKeyConstraint("account_id", "concept", name="pk_account_crop"),
    )
    op.create_index("ix_account_crop_concept", "account_crop", ["concept"])

    op.create_table(
        "account_kind",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_account_kind_account_id_account"),
        sa.ForeignKeyConstraint(["kind"], ["person_kind.code"], name="fk_account_kind_kind_person_kind"),
        sa.PrimaryKeyConstraint("account_id", "kind", name="pk_account_kind"),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("phone_index", sa.String(length=64), nullable=True),
        sa.Column(
            "purpose",
            states("service", "match", "letter", "alert", "tips", "digest", name="purpose"),
            nullable=False,
        ),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("proof", sa.String(length=80), nullable=False),
        sa.Column("by_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_consent_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_account_purpose", "consent", ["account_id", "purpose"])
    op.create_index("ix_consent_phone_index", "consent", ["phone_index"])

    op.create_table(
        "credential",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_sealed", sa.String(), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("pin_failures", sa.Integer(), nullable=False),
        sa.Column("pin_day", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_credential_account_id_account"),
        sa.PrimaryKeyConstraint("account_id", name="pk_credential"),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column(
            "role",
            states("farmer", "contact", "expert", "publisher", "officer", "signer", "admin", name="role"),
            nullable=False,
        ),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("granted_by", sa.String(length=32), nullable=True),
        sa.Column("granted_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_role_grant_account_id_account"),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name="fk_role_grant_area_code_area"),
        sa.PrimaryKeyConstraint("id", name="pk_role_grant"),
    )
    op.create_index("ix_role_grant_account_id", "role_grant", ["account_id"])
    op.create_index("ix_role_grant_role_area", "role_grant", ["role", "area_code"])

    op.create_table(
        "web_session",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("parent_id", sa.String(length=32), nullable=True),
        sa.Column("opened_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("idle_seconds", sa.Integer(), nullable=False),
        sa.Column("ends_at", base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_web_session_account_id_account"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["web_session.id"], name="fk_web_session_parent_id_web_session", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_web_session"),
        sa.UniqueConstraint("token_hash", name="uq_web_session_token_hash"),
    )
    op.create_index("ix_web_session_account_id", "web_session", ["account_id"])
    op.create_index("ix_web_session_parent_id", "web_session", ["parent_id"])
    guard_audit(op.get_bind())
