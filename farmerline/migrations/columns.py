"""Column types as the steps write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations


def states(*values: str, name: str) -> sa.Enum:
    """A column of states: text held by a CHECK on both databases."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


@contextmanager
def altering(table: str, columns: Mapping[str, Sequence[str]]) -> Iterator[BatchOperations]:
    """Change a table whose columns of states, named here, may hold these values from now on."""
    with op.batch_alter_table(table) as batch:
        for name, values in columns.items():
            check = op.f(f"ck_{table}_{name}")
            batch.drop_constraint(check, type_="check")
            batch.create_check_constraint(check, f"{name} IN ({', '.join(repr(value) for value in values)})")
        yield batch
