"""The words of a post, kept where a search finds them for as long as the post is open."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from farmerline.models import LIVE, Post
from farmerline.models.search import stored_signs
from matching.normalize import clean

_DELETE = {
    "sqlite": text("DELETE FROM post_search WHERE rowid = :number"),
    "postgresql": text("DELETE FROM post_search WHERE number = :number"),
}
_INSERT = {
    "sqlite": text("INSERT INTO post_search (rowid, number, signs) VALUES (:number, :number, :signs)"),
    "postgresql": text("INSERT INTO post_search (number, signs) VALUES (:number, CAST(:signs AS tsvector))"),
}


def keep(session: Session, post: Post) -> None:
    """Make what a search finds of this post fit its state: its words while it is open, nothing otherwise. A repeat changes
    nothing."""
    if post.number is None:
        return
    dialect = session.get_bind().dialect.name
    session.execute(_DELETE[dialect], {"number": post.number})
    if post.state in LIVE:
        words = clean("\n".join([post.text, *(item.name for item in post.items)]))
        signs = stored_signs(words, postgresql=dialect == "postgresql")
        session.execute(_INSERT[dialect], {"number": post.number, "signs": signs})
