"""Questions that ask which of several is meant, and whether an open post is to be changed so."""

from __future__ import annotations

from farmerline.migrations.columns import altering

revision = "0027"
down_revision = "0026"

_QUESTIONS = (
    "publish", "side", "change", "match", "outcome", "who", "renew", "letter", "alert", "callout", "choice", "amount",
    "reason", "pool", "pooled", "useful", "speak", "group", "heard", "which", "edit",
)  # fmt: skip


def upgrade() -> None:
    with altering("question", {"kind": _QUESTIONS}):
        pass
