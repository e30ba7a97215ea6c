"""How the line greets and what it offers, by area and season: edited by publishers, each version kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base


class VoiceMenu(Base):
    """One version; the newest of an area and season holds there. ``season`` is "" for all the year.

    ``opening`` is heard first ("" leaves the season's own sentence); ``boxes`` are the boxes in the order in which they are
    spoken: ``name``, ``spoken`` (whether the menu names it), ``words`` (heard first in the box, "" for none).
    """

    __tablename__ = "voice_menu"
    __table_args__ = (Index("ix_voice_menu_area_season_saved_at", "area_code", "season", "saved_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    season: Mapped[str] = mapped_column(String(8))
    opening: Mapped[str] = mapped_column(Text, default="")
    boxes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    saved_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    saved_at: Mapped[datetime]
