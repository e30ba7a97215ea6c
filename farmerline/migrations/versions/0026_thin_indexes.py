"""Two indexes of the ledger hold only the rows that are looked for by them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    for column in ("ring_at", "inbound_id"):
        op.drop_index(f"ix_delivery_{column}", "delivery")
        some = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_delivery_{column}", "delivery", [column], sqlite_where=some, postgresql_where=some
        )
