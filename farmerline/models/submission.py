"""Submissions 来稿: what units send in to be published, and what feeds of listed sources bring."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base, Sealed, state_type


class SubmissionState(StrEnum):
    WAITING = "waiting"
    TAKEN = "taken"  # an article was made of it
    MERGED = "merged"  # it went into an article that was there
    RETURNED = "returned"  # with a reason


class Via(StrEnum):
    WEB = "web"
    SMS = "sms"
    FEED = "feed"  # RSS or Atom
    FILE = "file"  # a row of a CSV file


class Submission(Base):
    """One piece of news sent in. Of a unit, by a person; or of a listed ``source``, with its ``link`` and the mark ``ref`` by
    which it is never taken twice. ``used_at`` is when the article it went into was issued."""

    __tablename__ = "submission"
    __table_args__ = (
        Index("ix_submission_state_at", "state", "at"),
        Index("ix_submission_unit_at", "unit_id", "at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    via: Mapped[Via] = mapped_column(state_type(Via, "via"))
    source: Mapped[str] = mapped_column(String(60))
    link: Mapped[str] = mapped_column(String(500), default="")
    ref: Mapped[str | None] = mapped_column(String(64), unique=True)
    title_sealed: Mapped[str]
    title = Sealed()
    text_sealed: Mapped[str]
    text = Sealed()
    at: Mapped[datetime]
    state: Mapped[SubmissionState] = mapped_column(
        state_type(SubmissionState, "state"), default=SubmissionState.WAITING
    )
    settled_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(String(200), default="")
    article_id: Mapped[str | None] = mapped_column(ForeignKey("article.id"), index=True)
    used_at: Mapped[datetime | None]
