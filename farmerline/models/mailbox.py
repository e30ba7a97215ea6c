"""The real-name mailbox 农民信箱: letters between people, on record for both and for the audit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base, Sealed


class Letter(Base):
    """One letter from one person to one person. Nothing deletes it; a party may hide it from their own list.

    ``thread_id`` is the first letter's id; the first letter names itself. ``urgent`` ones are texted whole, and rung
    where no receipt comes. ``recording_id``: it was spoken by telephone; ``kept_at``: its reader kept it to hear it again.
    ``group_id``: it went to a group's people, to each one of their own, by the broadcast ``campaign_id``.
    """

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("campaign_id", "to_id"),
        Index("ix_letter_to_sent_at", "to_id", "sent_at"),
        Index("ix_letter_from_sent_at", "from_id", "sent_at"),
        Index("ix_letter_thread_sent_at", "thread_id", "sent_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    thread_id: Mapped[str] = mapped_column(String(32))
    from_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    to_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    operator_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    subject_sealed: Mapped[str]
    subject = Sealed()
    body_sealed: Mapped[str]
    body = Sealed()
    channel: Mapped[str] = mapped_column(String(8))
    post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"))
    sent_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    read_via: Mapped[str] = mapped_column(String(8), default="")
    hidden_by_sender: Mapped[bool] = mapped_column(default=False)
    hidden_by_reader: Mapped[bool] = mapped_column(default=False)
    urgent: Mapped[bool] = mapped_column(default=False)
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recording.id"))
    kept_at: Mapped[datetime | None]
    group_id: Mapped[str | None] = mapped_column(ForeignKey("letter_group.id"), index=True)
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaign.id"))
