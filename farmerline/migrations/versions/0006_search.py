"""search: the words of open posts, and the board's indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from farmerline.models.search import stored_signs
from matching.normalize import clean

revision = "0006"
down_revision = "0005"

_OPEN = sa.text("state || '' IN ('open', 'matched')")
_LIVE = sa.text("live")
_CHUNK = 1000


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(
            "CREATE TABLE post_search (number INTEGER NOT NULL, signs TSVECTOR NOT NULL, "
            "CONSTRAINT pk_post_search PRIMARY KEY (number))"
        )
        op.execute("CREATE INDEX ix_post_search_signs ON post_search USING gin (signs)")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE post_search USING fts5"
            "(number UNINDEXED, signs, tokenize = 'unicode61 remove_diacritics 0')"
        )
    _fill(postgresql=postgresql)
    for name, columns in {"day": ["published_at"], "area": ["area_code", "published_at"]}.items():
        op.create_index(
            f"ix_post_live_{name}",
            "post",
            [*columns, "id", "kind", "state"],
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        )
    op.create_index(
        "ix_post_item_tree",
        "post_item",
        ["key", "post_id", "live"],
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )


def _fill(*, postgresql: bool) -> None:
    """The posts that are open already."""
    bind = op.get_bind()
    put = sa.text(
        "INSERT INTO post_search (number, signs) VALUES (:number, CAST(:signs AS tsvector))"
        if postgresql
        else "INSERT INTO post_search (rowid, number, signs) VALUES (:number, :number, :signs)"
    )
    next_ones = sa.text(
        "SELECT id, number, text FROM post WHERE state IN ('open', 'matched') AND number > :after "
        "ORDER BY number LIMIT :most"
    )
    names = sa.text("SELECT name FROM post_item WHERE post_id = :id ORDER BY position")
    after = 0
    while found := bind.execute(next_ones, {"after": after, "most": _CHUNK}).all():
        rows = []
        for row in found:
            words = [row.text, *bind.scalars(names, {"id": row.id})]
            signs = stored_signs(clean("\n".join(words)), postgresql=postgresql)
            rows.append({"number": row.number, "signs": signs})
        bind.execute(put, rows)
        after = found[-1].number
