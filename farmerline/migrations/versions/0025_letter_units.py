"""letters to the bureau: the unit's row beside its name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    with op.batch_alter_table("bureau_letter") as table:
        table.add_column(sa.Column("unit_id", sa.String(length=32), nullable=True))
        table.create_foreign_key("fk_bureau_letter_unit_id_unit", "unit", ["unit_id"], ["id"])
    op.create_index("ix_bureau_letter_unit_id", "bureau_letter", ["unit_id"])
    letter = sa.table("bureau_letter", sa.column("unit"), sa.column("unit_id"))
    unit = sa.table("unit", sa.column("id"), sa.column("name"))
    named = sa.select(unit.c.id).where(unit.c.name == letter.c.unit).scalar_subquery()
    op.execute(sa.update(letter).where(letter.c.unit != "").values(unit_id=named))
