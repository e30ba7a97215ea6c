"""What a recogniser made of spoken words, and which recording a message was written down from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.migrations.columns import altering, states

revision = "0022"
down_revision = "0021"

_QUESTIONS = (
    "publish", "side", "change", "match", "outcome", "who", "renew", "letter", "alert", "callout", "choice", "amount",
    "reason", "pool", "pooled", "useful", "speak", "group", "heard",
)  # fmt: skip
_EARS = ("", "given", "ready", "told", "aside")


def upgrade() -> None:
    with op.batch_alter_table("case") as batch:
        batch.add_column(sa.Column("heard_sealed", sa.String(), nullable=True))
        batch.add_column(sa.Column("ear", states(*_EARS, name="ear"), nullable=False, server_default=""))
    with op.batch_alter_table("case") as batch:
        batch.alter_column("ear", server_default=None)
    with op.batch_alter_table("inbound") as batch:
        batch.add_column(sa.Column("recording_id", sa.String(length=32), nullable=True))
        batch.create_foreign_key("fk_inbound_recording_id_recording", "recording", ["recording_id"], ["id"])
    with altering("question", {"kind": _QUESTIONS}):
        pass
