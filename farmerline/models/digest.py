"""每日一助: one seller a day, told to those who are likely to buy, and what came of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base


class DigestSlot(Base):
    """The seller of one day in one county. ``people`` were told; ``qty_then`` is what was left that morning.

    ``result_at`` is when the outcome of the day was published; ``result_qty`` is what was sold by then.
    """

    __tablename__ = "digest_slot"
    __table_args__ = (
        UniqueConstraint("area_code", "day"),
        Index("ix_digest_slot_account_id", "account_id", "day"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    day: Mapped[date]
    post_id: Mapped[str] = mapped_column(ForeignKey("post.id"), index=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("post_item.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    people: Mapped[int] = mapped_column(default=0)
    qty_then: Mapped[float | None]
    made_at: Mapped[datetime]
    result_qty: Mapped[float | None]
    result_at: Mapped[datetime | None]


class DigestReader(Base):
    """One person who was told of one day's seller, and in which message."""

    __tablename__ = "digest_reader"
    __table_args__ = (
        UniqueConstraint("slot_id", "account_id"),
        Index("ix_digest_reader_account_id", "account_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    slot_id: Mapped[str] = mapped_column(ForeignKey("digest_slot.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    delivery_id: Mapped[str | None] = mapped_column(ForeignKey("delivery.id"))
