"""Standing searches: what a person wants to be told of, and what they were told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base

_HOLDS = text("ended_at IS NULL")


class Subscription(Base):
    """What a person or firm wants to be told of as soon as somebody posts it.

    ``key`` is ``concept·direction``; ``form`` and ``variety`` are "" where any will do; ``area_code`` is "" for anywhere.
    It holds until ``ended_at``. One range of the index finds everybody whom a new post concerns.
    """

    __tablename__ = "subscription"
    __table_args__ = (
        Index(
            "ix_subscription_key",
            *("key", "form", "area_code", "account_id", "id", "variety"),
            sqlite_where=_HOLDS,
            postgresql_where=_HOLDS,
        ),
        Index("ix_subscription_account_id", "account_id", "ended_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    key: Mapped[str] = mapped_column(String(60))
    concept: Mapped[str] = mapped_column(String(40))
    direction: Mapped[str] = mapped_column(String(8))
    form: Mapped[str] = mapped_column(String(16), default="")
    variety: Mapped[str] = mapped_column(String(40), default="")
    area_code: Mapped[str] = mapped_column(String(12), default="")
    name: Mapped[str] = mapped_column(String(60))
    channel: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class WatchCursor(Base):
    """How far the subscribers of one new post have been written down: a post is one row until all are."""

    __tablename__ = "watch_cursor"

    post_id: Mapped[str] = mapped_column(ForeignKey("post.id"), primary_key=True)
    after: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime] = mapped_column(index=True)


class WatchNotice(Base):
    """One new post that one person shall hear of, once. ``told_at`` is set when it was settled: its message was written, or
    it never will be, for the reason in ``dropped`` (over, ended, matched, consent, household)."""

    __tablename__ = "watch_notice"
    __table_args__ = (
        UniqueConstraint("account_id", "post_id"),
        Index("ix_watch_notice_told_at", "told_at", "account_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    post_id: Mapped[str] = mapped_column(ForeignKey("post.id"), index=True)
    subscription_id: Mapped[str] = mapped_column(ForeignKey("subscription.id"))
    at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    dropped: Mapped[str] = mapped_column(String(16), default="")
    delivery_id: Mapped[str | None] = mapped_column(ForeignKey("delivery.id"))
