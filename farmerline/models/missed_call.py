"""Calls to the number that is only rung: nobody answers there, the line rings back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base


class MissedCall(Base):
    """One ring of a phone, and the call back (``delivery_id``) that was promised for it; whose phone it was stands there."""

    __tablename__ = "missed_call"

    delivery_id: Mapped[str] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    rang_at: Mapped[datetime] = mapped_column(index=True)
