"""Whom alerts went to before, kept under a name: the choice, never the people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base


class SavedAudience(Base):
    """A choice of places, crop, kind of people and group. ``area_code`` is its scope: who works there may use it.

    Whom it means is found anew each time it is used.
    """

    __tablename__ = "saved_audience"
    __table_args__ = (UniqueConstraint("area_code", "name"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    areas: Mapped[list[str]] = mapped_column(JSON)
    crop: Mapped[str] = mapped_column(String(40), default="")
    kind: Mapped[str] = mapped_column(String(24), default="")
    group: Mapped[str] = mapped_column(String(32), default="")
    saved_at: Mapped[datetime]
