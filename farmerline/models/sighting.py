"""Sightings 虫情上报: what farmers saw, and the officer's verdict on each."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.messages import Channel
from farmerline.models.base import Base, Sealed, SealedBytes, state_type


class Verdict(StrEnum):
    """What an officer found; "" while nobody has looked."""

    OPEN = ""
    CONFIRMED = "confirmed"
    OTHER = "other"  # something else: ``verdict_pest`` says what
    NOTHING = "nothing"  # no harm
    UNCLEAR = "unclear"  # somebody has to look at the field


class Photo(Base):
    """A picture, made small and without its place and camera data; sealed. ``kind`` is a media type."""

    __tablename__ = "photo"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    body = SealedBytes()
    at: Mapped[datetime]


class Sighting(Base):
    """One report from one person. Its number is of the cases' series, so that a farmer knows one kind of number.

    ``crop``, ``pest`` and ``part`` are "" where the words do not say; ``in_ten`` is how many plants of ten (0 to 10).
    ``area_code`` is the village seen in. ``case_id`` names the spoken case that was written down. A report by a phone
    that nobody has an account for keeps the number alone.
    """

    __tablename__ = "sighting"
    __table_args__ = (
        CheckConstraint("in_ten BETWEEN 0 AND 10", name="in_ten"),
        Index("ix_sighting_area_reported_at", "area_code", "reported_at"),
        Index("ix_sighting_verdict_reported_at", "verdict", "reported_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    operator_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    phone_sealed: Mapped[str | None]
    phone = Sealed()
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    crop: Mapped[str] = mapped_column(String(40), default="")
    pest: Mapped[str] = mapped_column(String(40), default="")
    part: Mapped[str] = mapped_column(String(16), default="")
    in_ten: Mapped[int | None]
    since: Mapped[date | None]
    text_sealed: Mapped[str]
    text = Sealed()
    channel: Mapped[Channel] = mapped_column(state_type(Channel, "channel", never=(Channel.EMAIL,)))
    inbound_id: Mapped[str | None] = mapped_column(ForeignKey("inbound.id"))
    case_id: Mapped[str | None] = mapped_column(ForeignKey("case.id"), index=True)
    photo_id: Mapped[str | None] = mapped_column(ForeignKey("photo.id"))
    reported_at: Mapped[datetime]
    verdict: Mapped[Verdict] = mapped_column(state_type(Verdict, "verdict"), default=Verdict.OPEN)
    verdict_pest: Mapped[str] = mapped_column(String(40), default="")
    verdict_text_sealed: Mapped[str | None]
    verdict_text = Sealed()
    verdict_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    verdict_at: Mapped[datetime | None]
